#include "base/sql.h"

#include "base/clock.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct sql {
    sqlite3 *db;
    char *path;
    const char *const *texts;
    size_t n;
    sqlite3_stmt **stmts;
    sqlite3_stmt *version;               /* PRAGMA data_version */
    const volatile unsigned char *index; /* the WAL-index, mapped by SQLite as long as the connection is open */
    int patience_ms;                     /* how long a lock of another program's is waited for */
    int64_t waits_ns;                    /* since when */
    struct timespec written;             /* when the WAL was last written, as far as was seen while waiting */
    int64_t moved_ns;                    /* when that was noticed */
};

enum {
    WAL_LARGE = 1000 /* frames, of 4 KiB */,
    BUSY_MS = 10000,
    AT_WORK_MS = 120000,
    IDLE_MS = 5000, /* a slow disk may take seconds to make what was written durable */
    STOPPED_MS = 500,
    STEPS = 20000
};

enum status sql_error(struct sql *db, int rc, struct error *err) {
    const char *name = strrchr(db->path, '/') ? strrchr(db->path, '/') + 1 : db->path;
    if (rc == SQLITE_OK) {
        rc = db->db ? sqlite3_errcode(db->db) : SQLITE_NOMEM;
    }
    int ext = db->db ? sqlite3_extended_errcode(db->db) : rc;
    const char *msg = db->db ? sqlite3_errmsg(db->db) : sqlite3_errstr(rc);
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERR_TEMP, "%s is locked by another program; try again", name);
    case SQLITE_INTERRUPT:
        return error_set(err, ERR_TEMP, "stopped by a signal");
    case SQLITE_FULL:
        return error_set(err, ERR_IO, "%s: no room left on the disk; free some and run again", name);
    case SQLITE_READONLY:
        return error_set(err, ERR_IO, "%s can't be written: %s", name, msg);
    default:
        return error_set(err, ERR_IO, "%s: %s (SQLite error %d)", name, msg, ext);
    }
}

/* Whether the one who has the lock is at work: an import of a million people holds it for longer than anybody should
 * wait for a program that hangs, and writes to the WAL all the while. */
static bool at_work(struct sql *db, int64_t now) {
    char wal[4096];
    struct stat b;
    (void)snprintf(wal, sizeof wal, "%s-wal", db->path);
    if (stat(wal, &b) == 0 && (b.st_mtim.tv_sec != db->written.tv_sec || b.st_mtim.tv_nsec != db->written.tv_nsec)) {
        db->written = b.st_mtim;
        db->moved_ns = now;
    }
    return now - db->moved_ns < IDLE_MS * INT64_C(1000000);
}

/* SQLite's: called again and again while another program has the lock. After SIGTERM it is not waited for long. */
static int wait_for_lock(void *arg, int round) {
    struct sql *db = arg;
    int64_t now = clock_mono_ns();
    if (round == 0) {
        db->waits_ns = now;
        db->written = (struct timespec){0};
    }
    int64_t limit = stop_asked && db->patience_ms > STOPPED_MS ? STOPPED_MS : db->patience_ms;
    if (limit == BUSY_MS && now - db->waits_ns >= (BUSY_MS - 2 * IDLE_MS) * INT64_C(1000000) && at_work(db, now)) {
        limit = AT_WORK_MS;
    }
    if (now - db->waits_ns >= limit * 1000000) {
        return 0;
    }
    struct timespec nap = {0, (round < 5 ? 1 + 2 * round : round < 20 ? 20 : 50) * 1000000L};
    (void)nanosleep(&nap, NULL);
    return 1;
}

static int look_for_stop(void *arg) {
    (void)arg;
    return stop_asked;
}

void sql_heed_stop(sqlite3 *db, bool on) {
    sqlite3_progress_handler(db, on ? STEPS : 0, on ? look_for_stop : NULL, NULL);
}

/* Made by root inside a service user's folder, a file belongs to that user. */
static enum status create_file(const char *path, struct error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == EEXIST) {
            return OK;
        }
        return error_set(err, ERR_CANTCREATE, "%s can't be made: %s", path, strerror(errno));
    }
    enum status st = OK;
    char *copy = strdup(path);
    struct stat dir;
    if (copy && geteuid() == 0 && stat(dirname(copy), &dir) == 0 && dir.st_uid != 0 &&
        fchown(fd, dir.st_uid, dir.st_gid) != 0) {
        st = error_set(err, ERR_CANTCREATE, "%s can't be given to its folder's owner: %s", path, strerror(errno));
    }
    free(copy);
    (void)close(fd);
    return st;
}

enum status sql_open(const char *path, enum sql_mode mode, const char *const *texts, size_t n, struct sql **out,
                     struct error *err) {
    enum status st = OK;
    struct sql *db = calloc(1, sizeof *db);
    *out = NULL;
    if (!db || !(db->path = strdup(path)) || !(db->stmts = calloc(n ? n : 1, sizeof *db->stmts))) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    db->texts = texts;
    db->n = n;
    if (mode == SQL_CREATE) {
        if ((st = create_file(path, err)) != OK) {
            goto done;
        }
    } else if (access(path, F_OK) != 0) {
        st = error_set(err, ERR_NOINPUT, "%s: %s; run 'courant init' to create it", path, strerror(errno));
        goto done;
    }
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (mode == SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int rc = sqlite3_open_v2(path, &db->db, flags, NULL);
    if (rc != SQLITE_OK) {
        st = sql_error(db, rc, err);
        goto done;
    }
    db->patience_ms = BUSY_MS;
    (void)sqlite3_busy_handler(db->db, wait_for_lock, db);
    (void)sqlite3_db_config(db->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (mode == SQL_CREATE) {
        st = sql_exec(db, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL", err);
    }
    if (st == OK) {
        st = sql_exec(db,
                      "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                      "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL",
                      err);
    }
done:
    if (st != OK) {
        sql_close(db);
    } else {
        *out = db;
    }
    return st;
}

void sql_close(struct sql *db) {
    if (!db) {
        return;
    }
    for (size_t i = 0; db->stmts && i < db->n; i++) {
        (void)sqlite3_finalize(db->stmts[i]);
    }
    (void)sqlite3_finalize(db->version);
    (void)sqlite3_close_v2(db->db);
    free(db->stmts);
    free(db->path);
    free(db);
}

sqlite3 *sql_handle(struct sql *db) {
    return db->db;
}

void sql_patience(struct sql *db, int ms) {
    db->patience_ms = ms ? ms : BUSY_MS;
}

const char *sql_path(const struct sql *db) {
    return db->path;
}

enum status sql_exec(struct sql *db, const char *text, struct error *err) {
    int rc = sqlite3_exec(db->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : sql_error(db, rc, err);
}

enum status sql_migrate(struct sql *db, const char *const *migrations, int n, struct error *err) {
    for (;;) {
        /* the version is read inside the transaction: two programs may start at once */
        enum status st = sql_begin(db, err);
        if (st != OK) {
            return st;
        }
        int64_t version = 0;
        sqlite3_stmt *s = NULL;
        if (sqlite3_prepare_v2(db->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
            sqlite3_step(s) == SQLITE_ROW) {
            version = sqlite3_column_int64(s, 0);
        }
        (void)sqlite3_finalize(s);
        if (version >= n) {
            sql_rollback(db);
            return version == n
                       ? OK
                       : error_set(err, ERR_CONFIG,
                                   "%s was made by a newer courant (schema %lld, this one knows %d); install that one",
                                   db->path, (long long)version, n);
        }
        char set[64];
        (void)snprintf(set, sizeof set, "PRAGMA user_version = %d", (int)version + 1);
        if ((st = sql_exec(db, migrations[version], err)) != OK || (st = sql_exec(db, set, err)) != OK ||
            (st = sql_commit(db, err)) != OK) {
            sql_rollback(db);
            return st;
        }
    }
}

enum status sql_begin(struct sql *db, struct error *err) {
    return sql_exec(db, "BEGIN IMMEDIATE", err);
}

enum status sql_commit(struct sql *db, struct error *err) {
    return sql_exec(db, "COMMIT", err);
}

void sql_rollback(struct sql *db) {
    if (db && !sqlite3_get_autocommit(db->db)) {
        (void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

enum status sql_sync(struct sql *db, bool full, struct error *err) {
    return sql_exec(db, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err);
}

sqlite3_stmt *sql_stmt(struct sql *db, size_t i) {
    if (i >= db->n) {
        return NULL;
    }
    if (!db->stmts[i]) {
        if (sqlite3_prepare_v3(db->db, db->texts[i], -1, SQLITE_PREPARE_PERSISTENT, &db->stmts[i], NULL) != SQLITE_OK) {
            return NULL;
        }
    } else {
        (void)sqlite3_reset(db->stmts[i]);
        (void)sqlite3_clear_bindings(db->stmts[i]);
    }
    return db->stmts[i];
}

void sql_bind(sqlite3_stmt *s, const char *format, ...) {
    if (!s) {
        return; /* sql_step reports it */
    }
    va_list ap;
    va_start(ap, format);
    for (int i = 1; *format; format++, i++) {
        struct str v;
        const char *z;
        switch (*format) {
        case 'i':
            (void)sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
            break;
        case 'd':
            (void)sqlite3_bind_double(s, i, va_arg(ap, double));
            break;
        case 's':
        case 'S':
            v = va_arg(ap, struct str);
            (void)sqlite3_bind_text64(s, i, v.ptr, v.len, *format == 's' ? SQLITE_TRANSIENT : SQLITE_STATIC,
                                      SQLITE_UTF8);
            break;
        case 'b':
            v = va_arg(ap, struct str);
            (void)sqlite3_bind_blob64(s, i, v.ptr, v.len, SQLITE_TRANSIENT);
            break;
        case 'z':
            z = va_arg(ap, const char *);
            (void)sqlite3_bind_text(s, i, z, -1, SQLITE_TRANSIENT);
            break;
        default:
            (void)sqlite3_bind_null(s, i);
            break;
        }
    }
    va_end(ap);
}

enum status sql_step(struct sql *db, sqlite3_stmt *s, bool *row, struct error *err) {
    *row = false;
    if (!s) {
        return sql_error(db, SQLITE_OK, err);
    }
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        *row = true;
        return OK;
    }
    enum status st = rc == SQLITE_DONE ? OK : sql_error(db, rc, err);
    (void)sqlite3_reset(s);
    return st;
}

enum status sql_run(struct sql *db, sqlite3_stmt *s, struct error *err) {
    bool row;
    enum status st;
    do {
        st = sql_step(db, s, &row, err);
    } while (st == OK && row);
    return st;
}

enum status sql_run_int(struct sql *db, sqlite3_stmt *s, int64_t *out, struct error *err) {
    bool row;
    enum status st = sql_step(db, s, &row, err);
    if (st == OK && row) {
        *out = sqlite3_column_int64(s, 0);
        (void)sqlite3_reset(s);
    }
    return st;
}

struct str sql_str(sqlite3_stmt *s, int col) {
    const void *p = sqlite3_column_type(s, col) == SQLITE_BLOB ? sqlite3_column_blob(s, col)
                                                               : (const void *)sqlite3_column_text(s, col);
    if (!p && sqlite3_column_type(s, col) != SQLITE_NULL) {
        return STR("");
    }
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(s, col)} : STR_NONE;
}

/* Where the WAL-index stands in memory; false when it can't be had. One look through SQLite makes sure it is mapped. */
static bool map_index(struct sql *db) {
    enum { REGION = 32 * 1024 };
    sqlite3_file *file = NULL;
    void volatile *map = NULL;
    if (db->index) {
        return true;
    }
    (void)sql_data_version(db);
    if (sqlite3_file_control(db->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK && file && file->pMethods &&
        file->pMethods->iVersion >= 2 && file->pMethods->xShmMap(file, 0, REGION, 0, &map) == SQLITE_OK) {
        db->index = (const volatile unsigned char *)map;
    }
    return db->index != NULL;
}

int64_t sql_changes_peek(const struct sql *db) {
    enum { CHECKSUM_AT = 40 };
    uint64_t sum = 0;
    for (unsigned i = 0; db->index && i < 8; i++) {
        sum |= (uint64_t)db->index[CHECKSUM_AT + i] << (8 * i);
    }
    return (int64_t)sum;
}

int64_t sql_changes_seen(struct sql *db) {
    return map_index(db) ? sql_changes_peek(db) : sql_data_version(db);
}

/* Frames in the WAL, and how many of them the database has already; the file's size would not do, it stays when the WAL
 * begins anew. */
static uint32_t wal_frames(struct sql *db, uint32_t *done) {
    enum { FRAMES_AT = 16, BACKFILLED_AT = 96 };
    uint32_t n = 0;
    *done = 0;
    if (map_index(db)) {
        for (size_t i = 0; i < sizeof n; i++) { /* in the machine's own byte order */
            ((unsigned char *)&n)[i] = db->index[FRAMES_AT + i];
            ((unsigned char *)done)[i] = db->index[BACKFILLED_AT + i];
        }
    }
    return n;
}

int64_t sql_data_version(struct sql *db) {
    int64_t v = 0;
    if (!db->version && sqlite3_prepare_v3(db->db, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT, &db->version,
                                           NULL) != SQLITE_OK) {
        return 0;
    }
    if (sqlite3_step(db->version) == SQLITE_ROW) {
        v = sqlite3_column_int64(db->version, 0);
    }
    (void)sqlite3_reset(db->version);
    return v;
}

/* One checkpoint under the lock, for which it waits TRIES times 100 ms. ERR_TEMP when another program has the lock, or
 * a reader stands in the way of TRUNCATE. */
static enum status checkpoint(struct sql *db, int mode, int tries, struct error *err) {
    enum status st = OK;
    char lock[4096];
    int n = snprintf(lock, sizeof lock, "%s.checkpoint", db->path);
    if (n < 0 || (size_t)n >= sizeof lock) {
        return error_set(err, ERR_IO, "%s: the path is too long", db->path);
    }
    if ((st = create_file(lock, err)) != OK) {
        return st;
    }
    int fd = open(lock, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return error_set(err, ERR_IO, "%s: %s", lock, strerror(errno));
    }
    struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int got = fcntl(fd, F_OFD_SETLK, &f);
    while (got != 0 && --tries > 0) {
        struct timespec nap = {0, 100000000};
        (void)nanosleep(&nap, NULL);
        got = fcntl(fd, F_OFD_SETLK, &f);
    }
    if (got != 0) {
        st = error_set(err, ERR_TEMP, "%s is being checkpointed by another program; try again", db->path);
    } else {
        int rc = sqlite3_wal_checkpoint_v2(db->db, NULL, mode, NULL, NULL);
        if (rc != SQLITE_OK) {
            st = sql_error(db, rc, err);
        }
    }
    (void)close(fd); /* gives the lock back */
    return st;
}

enum status sql_checkpoint(struct sql *db, struct error *err) {
    return checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE, 100, err);
}

void sql_checkpoint_if_large(struct sql *db) {
    uint32_t done;
    uint32_t frames = wal_frames(db, &done);
    if (frames > done && frames - done > WAL_LARGE) {
        (void)checkpoint(db, SQLITE_CHECKPOINT_PASSIVE, 1, NULL);
    }
}

void sql_checkpoint_at_end(struct sql *db) {
    uint32_t done;
    if (sqlite3_db_readonly(db->db, "main") == 0 && wal_frames(db, &done) > 0) {
        db->patience_ms = 0; /* a reader in the way: as much as can be had, the rest next time */
        (void)checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE, 1, NULL);
        db->patience_ms = BUSY_MS;
    }
}
