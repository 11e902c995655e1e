/* Two readers, one mailbox: what queue.db holds of one goes to the other. */
#ifndef QUEUE_MERGE_H
#define QUEUE_MERGE_H

#include "queue/queue.h"

/* Subscriber FROM becomes INTO: the greater mark wins, and INTO is owed what FROM was owed and INTO has not been
 * served. Deliveries stay under their ids; a claim finds INTO, and cancels what INTO has got already. One transaction;
 * doing it again changes nothing. */
enum status queue_merge(struct queue *q, int64_t from, int64_t into, struct error *err);

#endif
