/* Sources that can't be read: a run lets one rest that failed, for a growing time, and doesn't say the same of it each
 * time. Kept in queue.db's meta, so that a run every five minutes knows of the one before. */
#ifndef DISPATCH_REST_H
#define DISPATCH_REST_H

#include "dispatch/site.h"

struct rest {
    int64_t failures; /* one after the other; 0: it was read */
    int64_t until;    /* not asked before, by a run; 0: the next one asks */
    int64_t said_at;  /* when SENTENCE was last said */
    struct str sentence;
};

/* What is known of SOURCE as it is configured now; the sentence is A's. */
enum status rest_get(struct site *s, const struct config_source *source, struct arena *a, struct rest *out,
                     struct error *err);
/* Notes that SOURCE was asked for TOOK_S seconds and failed with SENTENCE; RETRY_AFTER_S: what its server wants (0:
 * nothing). What is asked over the network rests, and what took its time: not after the first failure, then 10 minutes,
 * twice that and so on up to 4 hours, but not beyond the time when an issue is built. *say: it is new, another
 * sentence, or was said a day ago; of what does not rest also where there is no alarm_to, whose mail would say it. */
enum status rest_failed(struct site *s, const struct config_source *source, int64_t took_s, int64_t retry_after_s,
                        struct str sentence, bool *say, struct error *err);
/* Notes that SOURCE was read; writes nothing when it did not fail before. */
enum status rest_over(struct site *s, const struct config_source *source, struct error *err);

#endif
