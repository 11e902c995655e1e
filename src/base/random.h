/* Randomness, passed in so that tests can repeat a run. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* A small generator (xoshiro256**) for jitter and the like; never for secrets. Not shared between threads. */
struct random {
    uint64_t s[4];
};

/* Starts from SEED; 0 asks the kernel for one. */
void random_init(struct random *r, uint64_t seed);
uint64_t random_u64(struct random *r);
/* Evenly from 0 to n-1; 0 when n is 0. */
uint64_t random_below(struct random *r, uint64_t n);
/* N bytes from the kernel, fit for secrets. Ends the program when the kernel has none to give. */
void random_bytes(void *out, size_t n);

#endif
