#include "base/sql_snapshot.h"

#include "base/nameless.h"
#include "base/sql.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP_PAGES = 2048 };

struct sql_snapshot {
    size_t n;
    struct sql *readers[SQL_SNAPSHOT_MAX];
};

static enum status begin(struct sql_snapshot *s, const char *const *paths, struct sql **writers, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < s->n && st == OK; i++) {
        if ((st = sql_open(paths[i], SQL_WRITE, NULL, 0, &writers[i], err)) == OK) {
            st = sql_open(paths[i], SQL_READ, NULL, 0, &s->readers[i], err);
        }
    }
    for (size_t i = 0; i < s->n && st == OK; i++) {
        st = sql_begin(writers[i], err);
    }
    for (size_t i = 0; i < s->n && st == OK; i++) {
        st = sql_exec(s->readers[i], "BEGIN; SELECT count(*) FROM sqlite_schema", err);
    }
    return st;
}

enum status sql_snapshot_take(const char *const *paths, size_t n, struct sql_snapshot **out, struct error *err) {
    struct sql *writers[SQL_SNAPSHOT_MAX] = {0};
    struct sql_snapshot *s = n <= SQL_SNAPSHOT_MAX ? calloc(1, sizeof *s) : NULL;
    *out = NULL;
    if (!s) {
        return error_set(err, ERR_OS, "out of memory");
    }
    s->n = n;
    enum status st = begin(s, paths, writers, err);
    for (size_t i = 0; i < n; i++) {
        if (writers[i]) {
            sql_rollback(writers[i]);
        }
        sql_close(writers[i]);
    }
    if (st != OK) {
        sql_snapshot_release(s);
        return st;
    }
    *out = s;
    return OK;
}

/* SQLite wants a name to write to; the file loses it at once. */
static enum status open_nameless(const char *near, sqlite3 **db, int *fd, struct error *err) {
    struct buf path = BUF_INIT;
    enum status st = OK;
    *db = NULL;
    if ((*fd = nameless_named(near, &path)) < 0) {
        st = error_set(err, ERR_CANTCREATE, "no file can be made beside %s: %s", near, strerror(errno));
    } else {
        if (sqlite3_open_v2(buf_cstr(&path), db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
            sqlite3_exec(*db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK) {
            st = error_set(err, ERR_IO, "%s: %s", buf_cstr(&path), *db ? sqlite3_errmsg(*db) : "out of memory");
        }
        (void)unlink(buf_cstr(&path));
    }
    buf_release(&path);
    return st;
}

enum status sql_snapshot_copy(struct sql_snapshot *s, size_t i, const char *near, int *fd, struct error *err) {
    sqlite3 *to = NULL;
    int rc = SQLITE_OK;
    enum status st = open_nameless(near, &to, fd, err);
    sqlite3_backup *b = st == OK ? sqlite3_backup_init(to, "main", sql_handle(s->readers[i]), "main") : NULL;
    if (st == OK && !b) {
        st = error_set(err, ERR_IO, "%s can't be copied: %s", sql_path(s->readers[i]), sqlite3_errmsg(to));
    }
    while (st == OK && (rc = sqlite3_backup_step(b, STEP_PAGES)) == SQLITE_OK) {
        if (stop_asked) {
            st = error_set(err, ERR_TEMP, "stopped");
        }
    }
    if (st == OK && rc != SQLITE_DONE) {
        st = error_set(err, ERR_IO, "%s can't be copied: %s", sql_path(s->readers[i]), sqlite3_errstr(rc));
    }
    (void)sqlite3_backup_finish(b);
    (void)sqlite3_close(to);
    if (st != OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    return st;
}

void sql_snapshot_release(struct sql_snapshot *s) {
    for (size_t i = 0; s && i < s->n; i++) {
        sql_close(s->readers[i]);
    }
    free(s);
}
