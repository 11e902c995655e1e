/* Pace: how much of a rate is left, for a relay or a destination domain. Limits by second and minute are token buckets
 * on the monotonic clock, those by hour and day counts on the system's clock; what was used is kept across runs. */
#ifndef DISPATCH_PACE_H
#define DISPATCH_PACE_H

#include "config/config.h"
#include "queue/queue.h"

struct pace {
    struct config_rate rate; /* n 0 and easing 1: no limit */
    struct queue_bucket used;
    bool dirty; /* `used` changed since it was stored */
};

/* Begins with what was stored; BOOT is the present boot's id. The bucket starts as full as its rate allows for the time
 * that passed, full after a reboot of at least that long. */
void pace_init(struct pace *p, const struct config_rate *rate, const struct queue_bucket *stored, const char *boot);
/* Whether there is any limit now. */
bool pace_limited(const struct pace *p);
/* Nanoseconds from NOW_NS until the next message may go; 0: at once; -1: not before the hour or day is over. */
int64_t pace_wait(struct pace *p, int64_t now_ns, int64_t system_s);
/* Whether the hour's or the day's messages are used up. */
bool pace_spent(const struct pace *p, int64_t system_s);
/* Takes one message from it: may go into debt, so that a caller can plan a message for when pace_wait says. */
void pace_take(struct pace *p, int64_t now_ns, int64_t system_s);
/* Messages per second that it allows; 0: no limit. */
double pace_per_s(const struct pace *p);
/* The peer asked for less (421, 4.7.x): half the rate, at most once in ten seconds; recovers step by step when it is
 * left alone for a minute. */
void pace_ease(struct pace *p, int64_t now_s);
void pace_recover(struct pace *p, int64_t now_s);

#endif
