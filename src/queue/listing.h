/* What the administrator's commands read of deliveries, page by page, and do to them by hand. */
#ifndef QUEUE_LISTING_H
#define QUEUE_LISTING_H

#include "base/arena.h"
#include "model/issue.h"
#include "queue/queue.h"

/* By hand, on the deliveries of ISSUE whose state is in STATES (bits 1 << state); ONLY 0: all subscribers.
 * Hold: one that is claimed may be on the wire; it is held when it was not accepted, and `release` takes that back.
 * Freeze is for when no runner is at work: it holds claimed ones at once. */
enum delivery_action { DELIVERY_RETRY, DELIVERY_HOLD, DELIVERY_RELEASE, DELIVERY_FREEZE };
enum status delivery_act(struct queue *q, int64_t issue, int64_t only, unsigned states, enum delivery_action action,
                         int64_t now, int64_t *changed, struct error *err);

/* A row of `queue list`. Strings are the arena's. */
struct delivery_row {
    int64_t subscriber;
    enum delivery_state state;
    int64_t rendition, at, due_at; /* 0: none */
    int64_t attempts, unknowns;
    int64_t code; /* 0: none */
    struct str status, reply, relay;
    enum cancel_cause cause;
};
/* Up to LIMIT rows of ISSUE behind subscriber AFTER whose state is in STATES. */
enum status delivery_page(struct queue *q, int64_t issue, int64_t after, unsigned states, size_t limit, struct arena *a,
                          struct delivery_row **rows, size_t *n, struct error *err);

/* What an attempt that was not accepted got. Strings are the arena's; absent where nothing came. */
struct delivery_attempt {
    int64_t at;
    enum outcome outcome;
    int64_t code; /* 0: none */
    struct str status, reply, relay;
};
/* The first 100 attempts of a delivery, oldest first; a success is no attempt row but stands in the delivery. */
enum status delivery_attempts(struct queue *q, int64_t issue, int64_t subscriber, struct arena *a,
                              struct delivery_attempt **rows, size_t *n, struct error *err);

#endif
