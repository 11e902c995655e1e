/* Suppressions: addresses that must not be mailed, and why. They outlive the subscriber; subscriber.status is kept in
 * step in the same transaction. */
#ifndef STORE_SUPPRESSION_H
#define STORE_SUPPRESSION_H

#include "base/arena.h"
#include "crypto/hash.h"
#include "store/store.h"

/* The numbers stand in courant.db. */
enum suppression_reason {
    SUPPRESSION_HARD = 0,
    SUPPRESSION_COMPLAINT = 1,
    SUPPRESSION_ERASED = 2,
    SUPPRESSION_BY_HAND = 3
};

/* "hard", "complaint", "erased", "by-hand". */
const char *suppression_reason_name(enum suppression_reason r);

struct suppression {
    struct str key; /* address.key, or "h:" and the keyed hash in hexadecimal of an erased address's key */
    enum suppression_reason reason;
    int64_t at;
    int64_t until;   /* lapses then; 0: never */
    struct str note; /* or absent; no personal data */
};

#define SUPPRESSION_ERASED_SIZE (2 + 2 * HASH_SIZE + 1)
/* Writes the key under which an erased address stays suppressed, "h:" and the keyed hash of ADDRESS_KEY in hexadecimal,
 * and a NUL. KEY: from the site's secret, so that neither database nor backup tells who it was. */
void suppression_erased_key(const struct hash_key *key, struct str address_key, char out[SUPPRESSION_ERASED_SIZE]);
/* Whether there is any erased one; where there is none no hash need be computed. */
enum status suppression_any_erased(struct store *s, bool *any, struct error *err);

/* Suppresses KEY; one that stands already keeps its reason unless the new one is graver (hard, by-hand, complaint,
 * erased, in rising order). A subscriber with that address becomes suppressed. *added (may be NULL): it was not there.
 * Writes an audit row; in a transaction of its own unless one is under way. */
enum status suppression_add(struct store *s, const struct suppression *what, const char *actor, bool *added,
                            struct error *err);
/* Takes it away; a suppressed subscriber with that address becomes active again. *removed: it was there. */
enum status suppression_remove(struct store *s, struct str key, const char *actor, int64_t now, bool *removed,
                               struct error *err);
enum status suppression_get(struct store *s, struct str key, struct arena *a, bool *found, struct suppression *out,
                            struct error *err);
/* At most LIMIT with a key above AFTER (empty: from the first), in order of key. */
enum status suppression_list(struct store *s, struct str after, size_t limit, struct arena *a,
                             struct suppression **rows, size_t *n, struct error *err);
/* The same, of those whose key has PART in it (any case of ASCII; absent: all) and whose reason is in REASONS (bits 1
 * << reason; 0: any). */
enum status suppression_find(struct store *s, struct str part, unsigned reasons, struct str after, size_t limit,
                             struct arena *a, struct suppression **rows, size_t *n, struct error *err);
/* Takes away those whose `until` is at or before NOW, readers active again. In a transaction of its own unless one is
 * under way; writes nothing when none lapsed. BEFORE (or NULL) is called with each key first. */
typedef enum status suppression_before(void *ctx, struct str key, struct error *err);
enum status suppression_lapse(struct store *s, int64_t now, suppression_before *before, void *ctx, struct error *err);

#endif
