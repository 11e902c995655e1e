/* Deliveries: one issue for one reader, the unit of the queue. Releasing makes them (release.h), claiming gives them to
 * a connection, folding takes over what the journal says became of them. Issue 0 stands for transactional messages:
 * their "subscriber" is the message's id. */
#ifndef QUEUE_DELIVERY_H
#define QUEUE_DELIVERY_H

#include "base/random.h"
#include "queue/journal.h"
#include "queue/queue.h"

/* What a run needs to know to take over outcomes. */
struct delivery_policy {
    const int64_t *retry_s; /* waits between tries; then 12 h */
    size_t retry_n;
    int64_t lifetime_s;
    bool unknown_hold;
    struct random *random; /* for jitter */
};

struct delivery_claim {
    int64_t issue, subscriber, rendition;
    int64_t attempts, unknowns;
    bool first; /* a first try, drained in key order */
    bool paced; /* it was put off to keep a pace, in which its place is counted already */
};

/* One transaction, durable when it returns: takes over RECORDS, then claims up to the given number from each of the N
 * ISSUES (first tries in key order and what is due at NOW; of unknown ones only with UNKNOWN). CLAIMS has room for all.
 * *folded is the seq up to which all is durable. On an error nothing was changed. ALARMS counts deliveries that were
 * put to held because a relay left the dot unanswered the third time. */
struct delivery_turn {
    struct journal_record *records;
    size_t records_n;
    const struct delivery_want {
        int64_t issue;
        size_t max;
    } * wants;
    size_t wants_n;
    int64_t now;
    int64_t pace_now; /* what NOW would be had the clock not been pinned at the run's begin: rules paced ones */
    bool unknown;
    /* results */
    struct delivery_claim *claims;
    size_t claims_n;
    uint64_t folded;
    int64_t alarms;
    int64_t expired; /* outcomes "later" that came after the lifetime: these failed */
};
enum status delivery_turn(struct queue *q, const struct delivery_policy *policy, struct delivery_turn *t,
                          struct error *err);

/* After a crash, before anything else reads the queue: the records of the journal, then what stays claimed: unknown
 * when its wire record stands, when the caller is UNSURE of the records (the boot has changed since the claim) or the
 * journal was lost, else queued. One transaction. *recovered counts rows that were claimed. */
enum status delivery_recover(struct queue *q, const struct delivery_policy *policy, struct journal *j, bool unsure,
                             int64_t now, int64_t *recovered, int64_t *unknown, struct error *err);
/* The seq up to which the journal is folded durably. */
enum status delivery_folded(struct queue *q, uint64_t *seq, struct error *err);

/* The earliest and latest time something of ISSUE is due by time; 0: nothing. */
enum status delivery_due_span(struct queue *q, int64_t issue, int64_t *first, int64_t *last, struct error *err);

/* The earliest time a paced delivery of ISSUE may go, by pace_now's clock; 0: none waits for its pace. */
enum status delivery_paced_next(struct queue *q, int64_t issue, int64_t *next, struct error *err);

/* Cancels queued, deferred, held and unknown deliveries of ISSUE in chunks, and asks claimed ones to stop. */
enum status delivery_cancel_open(struct queue *q, int64_t issue, enum cancel_cause cause, int64_t now,
                                 struct error *err);

#endif
