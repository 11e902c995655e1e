/* The little that everything in the sink stands on: how it ends in trouble, memory that is never missing, the clock. */
#ifndef SINK_BASE_H
#define SINK_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Prints "smtp_sink: " and the sentence to stderr and ends the program with 1: a test server has nobody to tell else.
 */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* realloc and calloc that end the program where there is no memory. The caller frees. */
void *base_grow(void *p, size_t n);
void *base_new(size_t count, size_t size);

/* Milliseconds of the clock ID. */
int64_t base_ms(clockid_t id);

#endif
