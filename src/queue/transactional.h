/* Transactional messages: a confirmation, a draft, a test, an alarm. Their delivery is of issue 0. */
#ifndef QUEUE_TRANSACTIONAL_H
#define QUEUE_TRANSACTIONAL_H

#include "base/arena.h"
#include "queue/queue.h"

/* A transactional message, mailed once; its row is made queued. Either bytes with head and body for an address, or a
 * letter to a subscriber: then neither address nor name stands in queue.db. */
struct transactional {
    struct str kind, mail_to, mail_from, message, relays;
    int64_t subscriber; /* 0: nobody of ours */
    struct str letter;  /* dispatch/post's; kept once for all who get the same */
    struct str fields;  /* with a letter: JSON */
    int64_t created_at; /* given by transactional_get */
};
enum status transactional_add(struct queue *q, const struct transactional *m, int64_t now, int64_t *id,
                              struct error *err);
/* Messages at their end that were made before BEFORE go, with what is known of their delivery; the counts stay. */
enum status transactional_purge(struct queue *q, int64_t before, struct error *err);
enum status transactional_get(struct queue *q, int64_t id, struct arena *a, struct transactional *out,
                              struct error *err);

#endif
