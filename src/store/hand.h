/* Articles that come by hand, not from a source. */
#ifndef STORE_HAND_H
#define STORE_HAND_H

#include "store/import.h"

/* Adds ROW, or changes the one of its id (hash and all of it; INT64_MIN, absent slices: NULL) that came by hand before;
 * one with the same hash is left as it is. *id: its number. Writes an audit row for ACTOR. In a transaction of its own
 * unless one is under way; arrival numbers are articles_arrive's. */
enum status hand_put(struct store *s, const struct import_row *row, const char *actor, int64_t now,
                     enum import_result *result, int64_t *id, struct error *err);

#endif
