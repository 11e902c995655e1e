/* What courant.db holds on a person: the right of access. */
#ifndef STORE_HELD_H
#define STORE_HELD_H

#include "store/erase.h"

#include <jansson.h>

/* Adds "person" (a list: merging makes several rows), "subscriptions", "sources", "refused", "suppressions",
 * "consent" and "changes" to OUT: all columns of the N rows that erase_find gave, and the suppression of KEY (may be
 * absent) or of its keyed hash. Times are ISO 8601 UTC. */
enum status held_in_store(struct store *s, const struct erase_row *rows, size_t n, struct str key,
                          const struct hash_key *erased_key, json_t *out, struct error *err);

#endif
