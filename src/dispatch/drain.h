/* Draining: claims what may go, hands it to the connections, takes over what became of it, until nothing is due or no
 * relay is usable. */
#ifndef DISPATCH_DRAIN_H
#define DISPATCH_DRAIN_H

#include "dispatch/run.h"
#include "queue/delivery.h"
#include "queue/journal.h"

struct drain_options {
    const struct run_options *run;
    /* Called about every minute from a thread of its own while the draining goes on: import, build, release. */
    void (*meanwhile)(void *ctx);
    void *ctx;
    int64_t meanwhile_every_s;
    void (*beat)(void *ctx); /* the runner's heartbeat, every few seconds */
};

/* *report's counts are added to. *no_relay: there was work left and no relay could take it. */
enum status drain(struct site *s, struct journal *j, const struct delivery_policy *policy,
                  const struct drain_options *o, struct run_report *report, bool *no_relay, bool *stopped,
                  struct error *err);

#endif
