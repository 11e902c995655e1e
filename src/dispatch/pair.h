/* The pair of databases, and the third file beside queue.db that is part of no backup: they agree, or sending is
 * refused until `courant adopt` (QUEUE.md, "Copies and restores"). */
#ifndef DISPATCH_PAIR_H
#define DISPATCH_PAIR_H

#include "dispatch/site.h"
#include "model/issue.h"

/* Gives both databases their pair's id and identity and writes the third file, where none of it is there yet. */
enum status pair_init(struct site *s, struct error *err);
/* Whether these are the databases that send. ERR_TEMP with a sentence that names what disagrees and `courant adopt`. */
enum status pair_verify(struct site *s, struct error *err);
/* Before a run's first MAIL: the run's number rises in queue.db, in courant.db, and at last in the third file, each
 * durable before the next; a crash between leaves a database one ahead of the file, which is no disagreement. */
enum status pair_begin_run(struct site *s, struct error *err);
/* `courant adopt --moved`: this copy sends from now on, nothing was lost. */
enum status pair_adopt_moved(struct site *s, struct error *err);
/* `courant adopt --restored`: every open delivery and transactional message is held, releasing stops, ids and arrivals
 * rise above all that was seen, and nothing is mailed before pair_release. *held counts deliveries. */
enum status pair_adopt_restored(struct site *s, int64_t *held, struct error *err);

/* `courant queue release`: what was restored may be mailed. */
enum status pair_release(struct site *s, struct error *err);
/* Whether pair_release is still waited for. */
enum status pair_waits(struct site *s, bool *waits, struct error *err);

/* Somebody whom queue.db knows as gone and courant.db as a reader: a departure that putting courant.db back lost. */
struct pair_departure {
    int64_t subscriber;
    struct str email, newsletter;
    enum cancel_cause cause; /* left, paused, suppressed */
};
/* Calls FN for each; the strings live until it returns. FN false: enough. */
enum status pair_departures(struct site *s, bool (*fn)(void *ctx, const struct pair_departure *d), void *ctx,
                            struct error *err);

#endif
