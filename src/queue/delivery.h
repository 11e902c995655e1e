/* Deliveries: one issue for one reader, the unit of the queue. Releasing makes them, claiming gives them to a
 * connection, folding takes over what the journal says became of them. Issue 0 stands for transactional messages: their
 * "subscriber" is the message's id. */
#ifndef QUEUE_DELIVERY_H
#define QUEUE_DELIVERY_H

#include "base/random.h"
#include "queue/journal.h"
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
/* Whether anybody is owed anything of this newsletter. */
enum status delivery_owed_any(struct queue *q, int64_t newsletter, bool *any, struct error *err);

/* One reader of a chunk to release. */
struct delivery_new {
    int64_t subscriber, rendition;
    int64_t from;  /* the reader's mark before */
    bool has_owed; /* what is owed is in it */
};
/* A rendition that the chunk needs for the first time. */
struct rendition_new {
    int64_t number;
    struct str key;
};

/* Approved becomes releasing, its Date fixed; one that is so already stays as it is. */
enum status delivery_release_begin(struct queue *q, int64_t issue, int64_t now, struct error *err);
/* One transaction: the deliveries of ROWS (in order of subscriber), their marks set to ARRIVAL_TO, what is owed taken
 * along, new renditions, and released_to = LAST; with FINISHED the issue becomes sending. ERR_DATA (and nothing
 * written) when the issue isn't releasing any more: paused or cancelled meanwhile. */
enum status delivery_release_chunk(struct queue *q, int64_t issue, int64_t newsletter, int64_t arrival_to,
                                   const struct delivery_new *rows, size_t n, const struct rendition_new *renditions,
                                   size_t renditions_n, int64_t last, bool finished, int64_t now, struct error *err);

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
};
enum status delivery_turn(struct queue *q, const struct delivery_policy *policy, struct delivery_turn *t,
                          struct error *err);

/* After a crash, before anything else reads the queue: the records of the journal, then what stays claimed: unknown
 * when its wire record stands or the boot has CHANGED since the claim, else queued. One transaction. RUN_BOOT is what
 * the last run stored. *recovered counts rows that were claimed. */
enum status delivery_recover(struct queue *q, const struct delivery_policy *policy, struct journal *j,
                             bool boot_changed, int64_t now, int64_t *recovered, int64_t *unknown, struct error *err);
/* The seq up to which the journal is folded durably. */
enum status delivery_folded(struct queue *q, uint64_t *seq, struct error *err);

/* The earliest and latest time something of ISSUE is due by time; 0: nothing. */
enum status delivery_due_span(struct queue *q, int64_t issue, int64_t *first, int64_t *last, struct error *err);

/* The earliest time a paced delivery of ISSUE may go, by pace_now's clock; 0: none waits for its pace. */
enum status delivery_paced_next(struct queue *q, int64_t issue, int64_t *next, struct error *err);

/* Cancels queued, deferred, held and unknown deliveries of ISSUE in chunks, and asks claimed ones to stop. */
enum status delivery_cancel_open(struct queue *q, int64_t issue, enum cancel_cause cause, int64_t now,
                                 struct error *err);

/* By hand, on the deliveries of ISSUE whose state is in STATES (bits 1 << state); ONLY 0: all subscribers. */
enum delivery_action { DELIVERY_RETRY, DELIVERY_HOLD, DELIVERY_RELEASE };
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

/* A transactional message: bytes with head and body, mailed once; its row is made queued. */
struct transactional {
    struct str kind, mail_to, mail_from, message, relays;
    int64_t subscriber; /* 0: nobody of ours */
};
enum status transactional_add(struct queue *q, const struct transactional *m, int64_t now, int64_t *id,
                              struct error *err);
enum status transactional_get(struct queue *q, int64_t id, struct arena *a, struct transactional *out,
                              struct error *err);

#endif
