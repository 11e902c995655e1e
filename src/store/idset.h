/* A set of row ids, one bit an id: who was seen in a sync costs 125 KB at 1,000,000 people. */
#ifndef STORE_IDSET_H
#define STORE_IDSET_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Empty when zeroed. */
struct idset {
    uint64_t *words; /* owned */
    size_t n;        /* how many */
    int64_t count;   /* of ids in it */
};

/* Frees the memory; the set is empty then. */
void idset_release(struct idset *set);
bool idset_has(const struct idset *set, int64_t id);
/* ERR_OS when memory ran out, ERR_SOFTWARE for an id below 0 or above 2^31 (which would take 256 MB). */
enum status idset_add(struct idset *set, int64_t id, struct error *err);

#endif
