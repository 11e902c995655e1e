/* What the files of queue/ share. */
#ifndef QUEUE_QUEUE_INTERNAL_H
#define QUEUE_QUEUE_INTERNAL_H

#include "model/issue.h"
#include "queue/queue.h"
#include "queue/schema.h"

/* Of delivery.flags: it carries what is owed, was on the wire, shall be cancelled, waits for its pace, shall be held,
 * waits for the reader's local hour (trouble.due_at). */
enum { FLAG_OWED = 1, FLAG_WIRE = 2, FLAG_CANCEL = 4, FLAG_PACED = 8, FLAG_HOLD = 16, FLAG_LOCAL = 32 };

enum { QUEUE_DELTAS = 64 };

struct queue {
    struct sql *db;
    /* what the running transaction changed in issue_count, written at its end */
    struct queue_delta {
        int64_t issue;
        int64_t n[DELIVERY_STATES];
    } deltas[QUEUE_DELTAS];
    size_t deltas_n;
    int64_t expired; /* deliveries that the running transaction let expire */
};

static inline sqlite3_stmt *queue_stmt(struct queue *q, enum queue_statement s) {
    return sql_stmt(q->db, s);
}

/* Notes that a delivery of ISSUE went from state FROM (-1: it is new) to TO. */
enum status queue_count(struct queue *q, int64_t issue, int from, int to, struct error *err);
/* The same for N of them. */
enum status queue_count_many(struct queue *q, int64_t issue, int from, int to, int64_t n, struct error *err);
/* Writes the notes; at the end of each transaction that changes states. Issues whose deliveries are all at their end
 * become done at NOW. */
enum status queue_count_flush(struct queue *q, int64_t now, struct error *err);

struct issue_input;
/* Keeps CONTENT by its SHA-256, which HASH gets; what stands in frozen already is not stored again. */
enum status issue_freeze_content(struct queue *q, struct str content, unsigned char hash[32], struct error *err);
/* Adds inputs to ISSUE; what stands in frozen already is not stored again. */
enum status issue_add_inputs(struct queue *q, int64_t issue, const struct issue_input *inputs, size_t n,
                             struct error *err);

#endif
