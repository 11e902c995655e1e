/* courant.db: content and people. This header: opening it, what it remembers about itself, newsletters' ids.
 * Every other header of this folder takes a struct store. A store is used by one thread at a time. Functions that write
 * join the transaction under way (sql_begin on store_sql) or, when there is none, make one of their own where they say
 * so; a single statement needs none. Times are seconds since 1970 UTC. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/sql.h"
#include "base/status.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct store; /* opaque: the connection */

/* Opens PATH. SQL_CREATE makes it when absent; SQL_CREATE and SQL_WRITE bring its schema up to date (SQL_READ refuses
 * another schema with ERR_CONFIG). ERR_NOINPUT when it is absent, else as sql_open. *out is to be given to store_close.
 */
enum status store_open(const char *path, enum sql_mode mode, struct store **out, struct error *err);
/* NULL is harmless. */
void store_close(struct store *s);
/* The connection, for transactions, data_version and checkpoints; borrowed. */
struct sql *store_sql(struct store *s);

/* Called once after making it: writes the pair's id PAIR (hexadecimal) and the file's own inode and birth time, where
 * none stand yet. In a transaction of its own unless one is under way. */
enum status store_init(struct store *s, const char *pair, struct error *err);
/* *original: whether the file's inode and birth time are those stored in it; false for a copy. */
enum status store_is_original(struct store *s, bool *original, struct error *err);
/* Stores the present inode and birth time (courant adopt). */
enum status store_adopt(struct store *s, struct error *err);

/* What the database remembers, by key. */
#define STORE_PAIR "pair"         /* text: the id of the pair courant.db and queue.db */
#define STORE_RUN "run"           /* the number of the last run */
#define STORE_ACTED_AT "acted_at" /* the latest calendar time acted on */
#define STORE_ARRIVAL "arrival"   /* the last arrival number given; never given again */

/* *value stays as it was when there is none. */
enum status store_meta_get(struct store *s, const char *key, int64_t *value, struct error *err);
enum status store_meta_set(struct store *s, const char *key, int64_t value, struct error *err);
/* *out is emptied first; it stays empty when there is none. */
enum status store_meta_get_text(struct store *s, const char *key, struct buf *out, struct error *err);
enum status store_meta_set_text(struct store *s, const char *key, struct str value, struct error *err);
/* Raises an integer that is below VALUE or absent; leaves a greater one. */
enum status store_meta_raise(struct store *s, const char *key, int64_t value, struct error *err);

/* Ids and arrival numbers rise above what is given (0: as they are): after a restore nothing is given twice. */
enum status store_raise_ids(struct store *s, int64_t article, int64_t subscriber, int64_t arrival, struct error *err);

/* The id of the newsletter NAME, made at first sight. *seen_at (may be NULL): when that was, the NOW of that call. */
enum status store_newsletter(struct store *s, struct str name, int64_t now, int64_t *id, int64_t *seen_at,
                             struct error *err);
/* Without making it: *id is 0 when there is none. */
enum status store_newsletter_find(struct store *s, struct str name, int64_t *id, struct error *err);
/* The name of newsletter ID, appended to OUT; nothing when there is none. */
enum status store_newsletter_name(struct store *s, int64_t id, struct buf *out, struct error *err);

#endif
