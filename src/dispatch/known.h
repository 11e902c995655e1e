/* Texts that stand for numbers, in memory: what is remembered of each is a hash, so that a million of them are small.
 */
#ifndef DISPATCH_KNOWN_H
#define DISPATCH_KNOWN_H

#include "base/str.h"

#include <stdint.h>

struct known; /* opaque */

/* A table that remembers no more than MAX texts; 0: as many as there are. NULL when memory ran out. */
struct known *known_new(size_t max);
/* NULL is harmless. */
void known_free(struct known *k);

/* Where TEXT's number is kept until the next call: *is_new, and it is the caller's to set. NULL when memory ran out. */
int64_t *known_number(struct known *k, struct str text, bool *is_new);

#endif
