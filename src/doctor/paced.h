/* What the paces of destination domains ([pace]) mean for how long a queue takes. */
#ifndef DOCTOR_PACED_H
#define DOCTOR_PACED_H

#include "config/config.h"
#include "queue/queue.h"
#include "store/store.h"

/* How many a second RATE lets go in the long run; 0: as many as there are. */
double paced_per_second(const struct config_rate *rate);

/* *seconds: how long the slowest domain needs for its readers among the open deliveries of ISSUE, at its pace, eased as
 * it is now; 0 when none is held back. Of more than 50,000 deliveries every so many is looked at. */
enum status paced_seconds(const struct config *c, struct queue *q, struct store *s, int64_t issue, int64_t *seconds,
                          struct error *err);

#endif
