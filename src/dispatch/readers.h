/* The readers of a newsletter in chunks, each with the start of what they are due: joined from both databases. */
#ifndef DISPATCH_READERS_H
#define DISPATCH_READERS_H

#include "digest/select.h"
#include "dispatch/site.h"
#include "queue/release.h"
#include "store/subscription.h"

struct reader {
    int64_t subscriber;
    int64_t mark;                /* due is what arrived above it */
    int64_t from;                /* the mark, or the beginning when that is higher */
    int cadence;                 /* the reader's choice, or CADENCE_DEFAULT */
    struct str topics, language; /* absent: all, the site's */
    struct str timezone;         /* absent unless it was asked for */
    bool text_only;
    int body;                  /* enum config_body or BODY_DEFAULT */
    struct select_span *spans; /* what is owed, then (from, to] */
    size_t spans_n;
    bool has_owed; /* some of the spans are owed */
};

struct readers {
    struct reader *list;
    size_t n;
    int64_t last; /* the last subscriber seen; the next chunk begins behind it */
    bool end;     /* there are no more */
};

struct readers_of {
    int64_t newsletter, store_newsletter; /* ids in queue.db and courant.db */
    int64_t first_built_at;               /* 0: never */
    int64_t above, to;                    /* an issue's arrivals (above, to] */
    bool zones;                           /* the readers' time zones are wanted */
};

/* At most LIMIT active readers of the newsletter behind AFTER, in order, in the arena. A reader without a mark starts
 * at 0 when he had joined by the time of the first build, else at the moment of joining. One who came back after the
 * issue was built may be due more than it holds: the spans are of what it holds, and what is owed from before stays
 * owed. */
enum status readers_next(struct site *s, const struct readers_of *of, int64_t after, size_t limit, struct arena *a,
                         struct readers *out, struct error *err);
/* The reader as selection wants to know it. */
struct select_reader reader_select(const struct reader *r, const struct config_newsletter *n);
/* Whether what A is due is surely what B is: most readers are like the one before. */
bool reader_alike(const struct reader *a, const struct reader *b);
/* Whether a reader of that cadence gets issues of CADENCE of newsletter N. */
bool reader_takes(const struct reader *r, const struct config_newsletter *n, enum config_schedule_kind cadence);

#endif
