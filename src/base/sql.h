/* SQLite as this program uses it: one way to open, prepared statements by number, migrations, checkpoints under a lock.
 * A connection is used by one thread at a time. */
#ifndef BASE_SQL_H
#define BASE_SQL_H

#include "base/status.h"
#include "base/str.h"

#include <sqlite3.h>
#include <stdint.h>

struct sql; /* one connection and its prepared statements */

enum sql_mode {
    SQL_CREATE, /* made when absent: mode 0600, its owner that of its folder */
    SQL_WRITE,  /* must exist */
    SQL_READ    /* must exist; nothing is written */
};

/* Opens PATH. Sets WAL, foreign_keys, secure_delete, temp_store=MEMORY, synchronous=FULL, a busy time-out of 10 s
 * (while the one who has the lock goes on writing, of two minutes), no checkpoint by SQLite itself (neither automatic
 * nor on close: 3.7.0 to 3.51.2 can corrupt a WAL database when two connections checkpoint at nearly the same time).
 * TEXTS holds N statements (borrowed for the connection's life) that sql_stmt prepares on first use. ERR_NOINPUT when
 * it is absent, ERR_IO else. */
enum status sql_open(const char *path, enum sql_mode mode, const char *const *texts, size_t n, struct sql **out,
                     struct error *err);
/* Finalises everything and closes; NULL is harmless. */
void sql_close(struct sql *db);
sqlite3 *sql_handle(struct sql *db);
/* While ON, a statement ends with ERR_TEMP once SIGTERM asks the program to stop; its transaction is to be rolled back.
 */
void sql_heed_stop(sqlite3 *db, bool on);
/* How long a statement waits for another program's lock: 10 s unless told; 0 sets that again. */
void sql_patience(struct sql *db, int ms);
const char *sql_path(const struct sql *db);

/* Brings the schema from PRAGMA user_version to N by running MIGRATIONS[version..N-1], each in one transaction with its
 * new user_version. A version above N is refused (ERR_CONFIG): a newer program made it. */
enum status sql_migrate(struct sql *db, const char *const *migrations, int n, struct error *err);

/* Runs one or more statements that give no rows. */
enum status sql_exec(struct sql *db, const char *text, struct error *err);
enum status sql_begin(struct sql *db, struct error *err); /* BEGIN IMMEDIATE */
enum status sql_commit(struct sql *db, struct error *err);
void sql_rollback(struct sql *db); /* harmless outside a transaction */
/* synchronous = FULL (a commit is durable) or NORMAL (it survives kill -9, not loss of power). */
enum status sql_sync(struct sql *db, bool full, struct error *err);

/* Statement number I of the texts given at opening, reset and with its bindings cleared; NULL on an error, of which
 * sql_step then tells. */
sqlite3_stmt *sql_stmt(struct sql *db, size_t i);
/* Binds by FORMAT, a letter an argument, from parameter 1 on: i int64_t, d double, s struct str (copied; absent: NULL),
 * S the same but borrowed until the next reset, b struct str as a blob, z const char * (copied; NULL: NULL), n nothing
 * (NULL). */
void sql_bind(sqlite3_stmt *s, const char *format, ...);
/* One step. *row tells whether a row is there; at the end (or after an error) the statement is reset. */
enum status sql_step(struct sql *db, sqlite3_stmt *s, bool *row, struct error *err);
/* Runs S to its end, ignoring rows, and resets it. */
enum status sql_run(struct sql *db, sqlite3_stmt *s, struct error *err);
/* Runs S and takes the first column of its first row; *out stays as it was when there is no row. */
enum status sql_run_int(struct sql *db, sqlite3_stmt *s, int64_t *out, struct error *err);
/* The column as a slice, borrowed until the next step; NULL gives STR_NONE. */
struct str sql_str(sqlite3_stmt *s, int col);
static inline int64_t sql_int(sqlite3_stmt *s, int col) {
    return sqlite3_column_int64(s, col);
}
/* Turns a result code into a status and a sentence; ERR_TEMP when the database is locked, ERR_IO else. */
enum status sql_error(struct sql *db, int rc, struct error *err);

/* PRAGMA data_version: changes when another connection has committed. 0 on an error. */
int64_t sql_data_version(struct sql *db);
/* The same, for looking many thousand times a second: a number that differs after every commit of anybody, this
 * connection included, read from the WAL-index that SQLite has mapped (the checksum of its header, sqlite.org/
 * walformat.html section 2.1), without a lock or a system call. Falls back on sql_data_version. */
int64_t sql_changes_seen(struct sql *db);
/* The same for another thread than the connection's own, once sql_changes_seen was called; 0 when there is no WAL-index
 * to read. */
int64_t sql_changes_peek(const struct sql *db);
/* Empties the WAL into the database (TRUNCATE) under our lock ("PATH.checkpoint", an open-file-description lock).
 * ERR_TEMP when another program or a reader stands in the way for ten seconds. */
enum status sql_checkpoint(struct sql *db, struct error *err);
/* In the midst of work: writes to the database what it can without waiting when the WAL holds more than some 4 MiB that
 * the database has not yet; errors are left for the next time. */
void sql_checkpoint_if_large(struct sql *db);
/* Before closing: empties the WAL without waiting. Whoever opens the database first after everyone has left builds the
 * WAL-index anew and reads every frame, so that a large one left behind would cost each run from cron its time. And a
 * backup copied over the database beside a WAL of later days would be mixed with it, and not be known for a backup. */
void sql_checkpoint_at_end(struct sql *db);

#endif
