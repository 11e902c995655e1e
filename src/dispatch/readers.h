/* The readers of a newsletter in chunks, each with the start of what they are due: joined from both databases. */
#ifndef DISPATCH_READERS_H
#define DISPATCH_READERS_H

#include "digest/select.h"
#include "dispatch/site.h"
#include "queue/release.h"
#include "store/subscription.h"

struct reader {
    int64_t subscriber;
    int64_t from;                /* the mark: due is what arrived above it */
    int cadence;                 /* the reader's choice, or CADENCE_DEFAULT */
    struct str topics, language; /* absent: all, the site's */
    bool text_only;
    int body;                  /* enum config_body or BODY_DEFAULT */
    struct select_span *spans; /* what is owed, then (from, to] */
    size_t spans_n;
    bool has_owed;
};

struct readers {
    struct reader *list;
    size_t n;
    int64_t last; /* the last subscriber seen; the next chunk begins behind it */
    bool end;     /* there are no more */
};

/* At most LIMIT active readers of the newsletter behind AFTER, in order, in the arena. A reader without a mark starts
 * at 0 when he had joined by FIRST_BUILT_AT (0: now), else at the moment of joining. TO ends the span of what is due.
 */
enum status readers_next(struct site *s, int64_t newsletter, int64_t store_newsletter, int64_t first_built_at,
                         int64_t to, int64_t after, size_t limit, struct arena *a, struct readers *out,
                         struct error *err);
/* The reader as selection wants to know it. */
struct select_reader reader_select(const struct reader *r, const struct config_newsletter *n);
/* Whether what A is due is surely what B is: most readers are like the one before. */
bool reader_alike(const struct reader *a, const struct reader *b);
/* Whether a reader of that cadence gets issues of CADENCE of newsletter N. */
bool reader_takes(const struct reader *r, const struct config_newsletter *n, enum config_schedule_kind cadence);

#endif
