/* What queue.db holds on a person: the right of access. */
#ifndef QUEUE_HELD_H
#define QUEUE_HELD_H

#include "queue/queue.h"

#include <jansson.h>

/* Appends to the lists "deliveries", "attempts", "marks", "owed" and "messages" of OUT what is held on SUBSCRIBER, and
 * the messages that wait for EMAIL (as on the wire; may be absent). Times are ISO 8601 UTC. */
enum status held_in_queue(struct queue *q, int64_t subscriber, struct str email, json_t *out, struct error *err);

#endif
