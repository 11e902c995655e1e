/* Erasure: what courant.db holds of a person goes; a keyed hash of the address may stay, so that nobody mails it again.
 */
#ifndef STORE_ERASE_H
#define STORE_ERASE_H

#include "base/arena.h"
#include "crypto/hash.h"
#include "store/store.h"

/* A row of the person's; merging makes several of them. */
struct erase_row {
    int64_t id;
    struct str email, key; /* as on the wire, and address.key; absent where it was erased before */
};

/* The rows that belong to subscriber ID, in A; none when there is no such subscriber. */
enum status erase_find(struct store *s, int64_t id, struct arena *a, struct erase_row **rows, size_t *n,
                       struct error *err);

struct erase_options {
    const struct hash_key *erased_key; /* suppression_erased_key's */
    bool forget;                       /* not even the keyed hash stays, nor one that stood already */
    const char *actor;                 /* for the audit log */
    int64_t now;
};

/* Erases the N rows of a person and the suppression of KEY (an address's key; may be absent), in one transaction. Ids
 * stay, for the numbers of issues; tokens and reports that name them find nobody, for the generation is another. *any
 * (may be NULL): something was there to be erased. */
enum status erase_commit(struct store *s, const struct erase_row *rows, size_t n, struct str key,
                         const struct erase_options *o, bool *any, struct error *err);

#endif
