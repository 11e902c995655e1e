#include "dispatch/backup.h"

#include "base/buf.h"
#include "base/sql.h"
#include "base/stop.h"
#include "base/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATABASES = 2, STEP_PAGES = 2048 };

static const char how[] =
    "A backup of courant: both databases as they were at one moment. To put it back:\n"
    "\n"
    "1. Stop cron's courant, its web pages and whatever else uses the databases.\n"
    "2. Put courant.db where [database] path says and queue.db where [queue] path says, with their owner and mode\n"
    "   0600. Remove the files whose names are theirs with -wal, -shm or .journal behind.\n"
    "3. courant adopt --restored\n"
    "   holds everything that was open and lists who may have left since; courant(1) says what to look at then.\n"
    "4. courant queue release\n"
    "\n"
    "The secret file is not in here, and is needed: without it no link in a mail sent earlier works, and people who\n"
    "were erased are not recognised.\n";

struct copy {
    const char *path, *name;
    struct sql *writer, *reader;
    int fd;
};

/* Holds both databases still for as long as two snapshots take. */
static enum status snapshots(struct copy copies[DATABASES], struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < DATABASES && st == OK; i++) {
        if ((st = sql_open(copies[i].path, SQL_WRITE, NULL, 0, &copies[i].writer, err)) == OK) {
            st = sql_open(copies[i].path, SQL_READ, NULL, 0, &copies[i].reader, err);
        }
    }
    for (size_t i = 0; i < DATABASES && st == OK; i++) {
        st = sql_begin(copies[i].writer, err);
    }
    for (size_t i = 0; i < DATABASES && st == OK; i++) {
        st = sql_exec(copies[i].reader, "BEGIN; SELECT count(*) FROM sqlite_schema", err);
    }
    for (size_t i = 0; i < DATABASES; i++) {
        if (copies[i].writer) {
            sql_rollback(copies[i].writer);
        }
        sql_close(copies[i].writer);
        copies[i].writer = NULL;
    }
    return st;
}

/* SQLite wants a name to write to; the file loses it at once, so that nothing is left behind whatever happens. */
static enum status open_copy(struct copy *c, const char *near, sqlite3 **out, struct error *err) {
    struct buf path = BUF_INIT;
    enum status st = OK;
    buf_addf(&path, "%s.XXXXXX", near);
    *out = NULL;
    if ((c->fd = mkostemp(path.ptr, O_CLOEXEC)) < 0) {
        st = error_set(err, ERR_CANTCREATE, "%s can't be made: %s", buf_cstr(&path), strerror(errno));
    } else {
        if (sqlite3_open_v2(buf_cstr(&path), out, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
            sqlite3_exec(*out, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK) {
            st = error_set(err, ERR_IO, "%s: %s", buf_cstr(&path), *out ? sqlite3_errmsg(*out) : "out of memory");
        }
        (void)unlink(buf_cstr(&path));
    }
    buf_release(&path);
    return st;
}

static enum status copy_pages(struct copy *c, const char *near, struct error *err) {
    sqlite3 *to = NULL;
    int rc = SQLITE_OK;
    enum status st = open_copy(c, near, &to, err);
    sqlite3_backup *b = st == OK ? sqlite3_backup_init(to, "main", sql_handle(c->reader), "main") : NULL;
    if (st == OK && !b) {
        st = error_set(err, ERR_IO, "%s can't be copied: %s", c->path, sqlite3_errmsg(to));
    }
    while (st == OK && (rc = sqlite3_backup_step(b, STEP_PAGES)) == SQLITE_OK) {
        if (stop_asked) {
            st = error_set(err, ERR_TEMP, "stopped; there is no backup");
        }
    }
    if (st == OK && rc != SQLITE_DONE) {
        st = error_set(err, ERR_IO, "%s can't be copied: %s", c->path, sqlite3_errstr(rc));
    }
    (void)sqlite3_backup_finish(b);
    (void)sqlite3_close(to);
    return st;
}

static enum status add_copy(const struct copy *c, int64_t now, FILE *out, struct error *err) {
    struct stat s;
    if (fstat(c->fd, &s) != 0) {
        return error_set(err, ERR_IO, "%s: %s", c->name, strerror(errno));
    }
    return tar_add(out, c->name, c->fd, s.st_size, now, err);
}

enum status backup_write(const struct config *c, const char *near, int64_t now, FILE *out, struct error *err) {
    /* queue.db first: a runner holds its lock for milliseconds only, but often */
    struct copy copies[DATABASES] = {{.path = c->queue.path, .name = "queue.db", .fd = -1},
                                     {.path = c->database.path, .name = "courant.db", .fd = -1}};
    enum status st = snapshots(copies, err);
    for (size_t i = 0; i < DATABASES && st == OK; i++) {
        st = copy_pages(&copies[i], near, err);
    }
    if (st == OK && (st = tar_add_bytes(out, "README", STR(how), now, err)) == OK) {
        for (size_t i = 0; i < DATABASES && st == OK; i++) {
            st = add_copy(&copies[i], now, out, err);
        }
    }
    if (st == OK) {
        st = tar_end(out, err);
    }
    for (size_t i = 0; i < DATABASES; i++) {
        sql_close(copies[i].reader);
        if (copies[i].fd >= 0) {
            (void)close(copies[i].fd);
        }
    }
    return st;
}
