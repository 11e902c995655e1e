/* Release: deliveries made and marks moved in one transaction a chunk, and what readers are owed. */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "base/arena.h"
#include "queue/queue.h"

/* A reader's mark, or an interval (from, to] of arrivals the reader is owed. */
struct queue_mark {
    int64_t subscriber, upto;
};
struct queue_owed {
    int64_t subscriber, from, to;
};

/* The marks and what is owed of the readers FIRST to LAST of a newsletter, in order, in the arena. */
enum status delivery_marks(struct queue *q, int64_t newsletter, int64_t first, int64_t last, struct arena *a,
                           struct queue_mark **marks, size_t *marks_n, struct queue_owed **owed, size_t *owed_n,
                           struct error *err);
/* Nothing that no delivery carries now is owed to SUBSCRIBER any more. */
enum status delivery_owed_drop(struct queue *q, int64_t subscriber, struct error *err);
/* Whether anybody is owed anything of this newsletter. */
enum status delivery_owed_any(struct queue *q, int64_t newsletter, bool *any, struct error *err);

/* One reader of a chunk to release. */
struct delivery_new {
    int64_t subscriber, rendition;
    int64_t from;   /* the reader's mark before, or where the issue begins when that is higher */
    int64_t mark;   /* the reader's mark before: what arrived in (mark, from] is owed from now on */
    int64_t due_at; /* the first try waits for then; 0: it goes at once */
    bool has_owed;  /* what is owed of what arrived behind the issue's beginning is in it */
};
/* A rendition that the chunk needs for the first time. */
struct rendition_new {
    int64_t number;
    struct str key;
};

/* Approved becomes releasing, its Date fixed, no message of it to go before HOLD_UNTIL (0: as it was built); one that
 * is so already stays as it is. */
enum status delivery_release_begin(struct queue *q, int64_t issue, int64_t hold_until, int64_t now, struct error *err);
/* One transaction: the deliveries of ROWS (in order of subscriber), their marks set to ARRIVAL_TO, what is owed taken
 * along, new renditions, and released_to = LAST; with FINISHED the issue becomes sending. ERR_DATA (and nothing
 * written) when the issue isn't releasing any more: paused or cancelled meanwhile. */
enum status delivery_release_chunk(struct queue *q, int64_t issue, int64_t newsletter, int64_t arrival_to,
                                   const struct delivery_new *rows, size_t n, const struct rendition_new *renditions,
                                   size_t renditions_n, int64_t last, bool finished, int64_t now, struct error *err);

#endif
