/* Transactional messages: a confirmation, a draft, a test, an alarm. Their delivery is of issue 0. */
#ifndef QUEUE_TRANSACTIONAL_H
#define QUEUE_TRANSACTIONAL_H

#include "base/arena.h"
#include "queue/queue.h"

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
