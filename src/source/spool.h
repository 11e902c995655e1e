/* People judged and waiting to be taken in, in a file without a name: it is gone with the process, however that ends.
 */
#ifndef SOURCE_SPOOL_H
#define SOURCE_SPOOL_H

#include "store/roll.h"

struct spool; /* opaque */

struct spool_entry {
    struct roll_row row; /* its newsletter is the number below */
    int64_t line;
    int64_t newsletter; /* as the caller counts them; -1: none */
};

/* Makes one in the folder of the file PATH. ERR_CANTCREATE. *out is to be given to spool_free. */
enum status spool_new(const char *path, struct spool **out, struct error *err);
/* NULL is harmless. */
void spool_free(struct spool *s);
/* Appends E. ERR_IO when the disk is full. */
enum status spool_add(struct spool *s, const struct spool_entry *e, struct error *err);
int64_t spool_count(const struct spool *s);
/* Ends writing; reading begins. Many entries come back by ranges of their keys, rising, so that whoever looks them up
 * in an index touches one part of it after another and needs little memory for it; those of one key stay in their
 * order. */
enum status spool_rewind(struct spool *s, struct error *err);
/* The next one, its slices borrowed until the next call; *more is false at the end. */
enum status spool_next(struct spool *s, struct spool_entry *e, bool *more, struct error *err);

#endif
