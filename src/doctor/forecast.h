/* The relays' state, and when the queue will be empty: for `courant queue status`. */
#ifndef DOCTOR_FORECAST_H
#define DOCTOR_FORECAST_H

#include "config/config.h"
#include "queue/queue.h"
#include "store/store.h"

/* What a relay without a configured rate is taken to manage; small relays do. */
enum { FORECAST_PER_S = 50 };

struct forecast_relay {
    const char *name;  /* the configuration's */
    const char *state; /* "ready", "resting", "stopped" */
    int64_t until;     /* resting: the end of it; else 0 */
    struct str rate;   /* as configured, "100/s 2000/h"; absent: as fast as it goes */
    double easing;     /* the rate is divided by this for now */
    struct str reason; /* stopped: why; else absent */
};

/* Strings and lists are the arena's. */
struct forecast {
    struct forecast_relay *relays;
    size_t relays_n;
    int64_t finished_by; /* 0: nothing is open that goes by itself, or no relay works */
};

/* Q and STORE (NULL: paces of domains do not count) may be open for reading. The estimate: what waits for its first try
 * or is due, divided by the rates of the relays that are not stopped, or what the slowest destination domain needs at
 * its pace, after any rest, within the newsletters' windows; and not before the last retry's due time. Held deliveries
 * and paused issues do not count: nobody knows when they go. */
enum status forecast_make(const struct config *c, struct queue *q, struct store *store, int64_t now, struct arena *a,
                          struct forecast *out, struct error *err);

#endif
