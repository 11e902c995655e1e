/* Erasure: what queue.db holds of a person goes. */
#ifndef QUEUE_ERASE_H
#define QUEUE_ERASE_H

#include "queue/queue.h"

/* Takes away what relays said about SUBSCRIBER, what is owed, and the messages that wait for EMAIL (as on the wire; may
 * be absent): these fail when their turn comes. Deliveries and marks stay, under the id. One transaction. */
enum status queue_erase(struct queue *q, int64_t subscriber, struct str email, struct error *err);

#endif
