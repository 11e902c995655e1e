/* Events from queue.db. An event's effect and its id are committed in one transaction; the producer
 * deletes the event afterwards, so one that is seen a second time does nothing. */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "store/audit.h"
#include "store/store.h"
#include "store/suppression.h"

/* Suppresses the address that SUBSCRIBER had at GENERATION, because of event EVENT (its id at its producer). Does
 * nothing when the event was done, when the address has changed since, or when there is no such subscriber; the event
 * is done then all the same. *done (may be NULL): a suppression was added. In a transaction of its own. */
enum status event_suppress(struct store *s, struct str event, int64_t subscriber, int64_t generation,
                           enum suppression_reason reason, struct str note, int64_t now, bool *done, struct error *err);
/* Forgets the ids of events done before AT: their producer has long deleted them. */
enum status event_forget(struct store *s, int64_t at, struct error *err);

#endif
