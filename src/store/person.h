/* What an administrator, or the reader, sets of a person by hand: it stays, whatever a source says later. */
#ifndef STORE_PERSON_H
#define STORE_PERSON_H

#include "store/import.h"
#include "store/subscriber.h"

/* Fields of a person; TOLD says which of them count (IMPORT_NAME to IMPORT_ATTRIBUTES). An absent one empties. */
struct person_fields {
    unsigned told;
    struct str name, given_name, language, timezone;
    struct str attributes; /* a JSON object that is laid over the present one; a null takes an attribute away */
    enum reader_format format;
};

/* A new person without subscriptions; suppressed when the address is. It must not be anybody's (ERR_IO). */
enum status person_add(struct store *s, struct str email, struct str key, const struct person_fields *f,
                       const char *actor, int64_t now, int64_t *id, struct error *err);
/* Sets fields and writes an audit row that names them. *changed (may be NULL) is false when all was so already, or the
 * person is erased or merged. In a transaction of its own unless one is under way. */
enum status person_set(struct store *s, int64_t id, const struct person_fields *f, const char *actor, int64_t now,
                       bool *changed, struct error *err);
/* Gives the person another address, which must be nobody else's (ERR_IO): the same person, the next generation. Another
 * spelling of the same address changes that alone. *changed as above. */
enum status person_move(struct store *s, int64_t id, struct str email, struct str key, const char *actor, int64_t now,
                        bool *changed, struct error *err);
/* Merges FROM into INTO: one mailbox, two rows. FROM keeps its id and points to INTO; its address becomes free, its
 * subscriptions go to INTO where INTO has none or decided earlier, the others end. What sources say about FROM means
 * INTO from now on. In a transaction of its own unless one is under way. */
enum status person_merge(struct store *s, int64_t from, int64_t into, const char *actor, int64_t now,
                         struct error *err);

#endif
