/* Folding: what one outcome makes of one delivery's row, its trouble, its attempts and what its reader is owed. Each
 * works inside the caller's transaction. Used by queue/ alone. */
#ifndef QUEUE_FOLD_H
#define QUEUE_FOLD_H

#include "model/issue.h"
#include "queue/journal.h"
#include "queue/queue.h"

struct delivery_policy;

struct fold_row {
    bool found;
    enum delivery_state state;
    int64_t from, flags;
};

/* The delivery's row as it is; not found is no error. */
enum status fold_get(struct queue *q, int64_t issue, int64_t subscriber, struct fold_row *out, struct error *err);
/* Sets a delivery's state, flags and count; AT 0: not at its end. */
enum status fold_set(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *was,
                     enum delivery_state to, int64_t flags, int64_t at, struct error *err);
/* Takes over an outcome. ALARMS grows when the delivery was put to held. */
enum status fold_record(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                        int64_t *alarms, struct error *err);
/* Cancelled; its articles are owed where CAUSE says so. */
enum status fold_cancel(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d,
                        enum cancel_cause cause, int64_t now, struct error *err);
/* Back to be claimed again in key order. */
enum status fold_requeue(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d,
                         struct error *err);
/* No answer came. BY_RELAY: a relay left the dot unanswered; otherwise our own process died. */
enum status fold_unknown(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                         const struct fold_row *d, bool by_relay, int64_t *alarms, struct error *err);

#endif
