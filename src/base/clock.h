/* Time, passed in so that tests are exact. Calendar time may be pinned (--now); the monotonic clock never is. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool pinned;
    int64_t at; /* seconds since 1970 when pinned */
};

/* Calendar time, in seconds since 1970 UTC. Rules schedules, retry times, relay rests, dates. */
int64_t clock_now(const struct clock *c);
/* The system's calendar time whatever is pinned, in seconds; only pace and certificates use it. */
int64_t clock_system(void);
/* Monotonic time in nanoseconds; rules time-outs and pace. */
int64_t clock_mono_ns(void);
/* Writes the kernel's boot id (36 characters and a NUL); "unknown" where there is none. */
void clock_boot_id(char out[37]);

#endif
