#include "source/foreign.h"

#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_MS = 10000, BUSY_STEP_MS = 10, COPY_TRIES = 20, HEADER = 100 };
static const int64_t RACY_NS = 2000000000;

/* One file beside the database. */
struct file {
    bool there;
    dev_t dev;
    ino_t inode;
    off_t size;
    int64_t mtime, ctime; /* nanoseconds */
};

struct files {
    struct file db, wal, shm, journal;
};

struct foreign {
    sqlite3 *db;
    char path[PATH_MAX];
    char copy_dir[PATH_MAX];
    enum foreign_way way;
    struct files before;
    unsigned char header[HEADER]; /* has the change counter */
};

static void look(const char *path, const char *suffix, struct file *out) {
    char name[PATH_MAX + 16];
    struct stat b;
    *out = (struct file){0};
    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    if (stat(name, &b) == 0) {
        out->there = true;
        out->dev = b.st_dev;
        out->inode = b.st_ino;
        out->size = b.st_size;
        out->mtime = (int64_t)b.st_mtim.tv_sec * 1000000000 + b.st_mtim.tv_nsec;
        out->ctime = (int64_t)b.st_ctim.tv_sec * 1000000000 + b.st_ctim.tv_nsec;
    }
}

static void look_all(const char *path, struct files *out) {
    look(path, "", &out->db);
    look(path, "-wal", &out->wal);
    look(path, "-shm", &out->shm);
    look(path, "-journal", &out->journal);
}

static bool same(const struct file *a, const struct file *b) {
    return a->there == b->there && a->dev == b->dev && a->inode == b->inode && a->size == b->size &&
           a->mtime == b->mtime && a->ctime == b->ctime;
}

static bool same_all(const struct files *a, const struct files *b) {
    return same(&a->db, &b->db) && same(&a->wal, &b->wal) && a->shm.there == b->shm.there &&
           same(&a->journal, &b->journal);
}

/* The name as SQLite will see it, and that it can be read. */
static enum status resolve(const char *path, char out[PATH_MAX], struct error *err) {
    struct stat b;
    if (!realpath(path, out) || stat(out, &b) != 0 || access(out, R_OK) != 0) {
        return error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    }
    if (!S_ISREG(b.st_mode)) {
        return error_set(err, ERR_NOINPUT, "%s is no file", path);
    }
    return OK;
}

static bool read_start(const char *path, const char *suffix, unsigned char *out, size_t n) {
    char name[PATH_MAX + 16];
    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    memset(out, 0, n);
    ssize_t got = pread(fd, out, n, 0);
    (void)close(fd);
    return got >= 0;
}

/* A journal whose header was zeroed (journal_mode = PERSIST) belongs to no transaction. */
static bool journal_in_use(const struct foreign *f) {
    unsigned char start[8];
    static const unsigned char zero[8];
    return f->before.journal.there && f->before.journal.size > 0 &&
           (!read_start(f->path, "-journal", start, sizeof start) || memcmp(start, zero, sizeof zero) != 0);
}

/* SQLite's: called again and again while the site has the lock, but not after SIGTERM. */
static int wait_for_lock(void *arg, int round) {
    (void)arg;
    struct timespec nap = {0, BUSY_STEP_MS * 1000000L};
    (void)nanosleep(&nap, NULL);
    return !stop_asked && round < BUSY_MS / BUSY_STEP_MS;
}

static enum status connect(struct foreign *f, const char *path, bool ro, const char *query, struct error *err) {
    struct buf uri = BUF_INIT;
    buf_adds(&uri, "file:");
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c > ' ' && c < 0x7f && !strchr("%?#", c)) {
            buf_addc(&uri, (char)c);
        } else {
            buf_addf(&uri, "%%%02X", c);
        }
    }
    buf_adds(&uri, query);
    enum status st = OK;
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (ro ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    if (uri.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else if (sqlite3_open_v2(buf_cstr(&uri), &f->db, flags, NULL) != SQLITE_OK) {
        st = error_set(err, ERR_NOINPUT, "%s can't be opened: %s", f->path,
                       f->db ? sqlite3_errmsg(f->db) : "out of memory");
    } else {
        (void)sqlite3_busy_handler(f->db, wait_for_lock, NULL);
        (void)sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        (void)sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(f->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(f->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
        (void)sqlite3_limit(f->db, SQLITE_LIMIT_LENGTH, 64 << 20);
        (void)sqlite3_limit(f->db, SQLITE_LIMIT_ATTACHED, 0);
    }
    buf_release(&uri);
    return st;
}

static void copy_name(const struct foreign *f, const char *suffix, char out[PATH_MAX + 32]) {
    (void)snprintf(out, PATH_MAX + 32, "%s/copy.db%s", f->copy_dir, suffix);
}

static void remove_copy(const struct foreign *f) {
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char name[PATH_MAX + 32];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        copy_name(f, suffixes[i], name);
        (void)unlink(name);
    }
    (void)rmdir(f->copy_dir);
}

static enum status copy_file(const struct foreign *f, const char *suffix, struct error *err) {
    char from[PATH_MAX + 16];
    char to[PATH_MAX + 32];
    enum status st = OK;
    char *block = malloc(1 << 20);
    (void)snprintf(from, sizeof from, "%s%s", f->path, suffix);
    copy_name(f, suffix, to);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (!block) {
        st = error_set(err, ERR_OS, "out of memory");
    } else if (in < 0) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", from, strerror(errno));
    } else if (out < 0) {
        st = error_set(err, ERR_CANTCREATE, "%s can't be made: %s", to, strerror(errno));
    }
    while (st == OK) {
        /* cppcheck-suppress invalidFunctionArg ; no file, no loop */
        ssize_t n = read(in, block, 1 << 20);
        if (n == 0) {
            break;
        }
        if (n < 0) {
            st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", from, strerror(errno));
        }
        for (ssize_t done = 0; st == OK && done < n;) {
            ssize_t w = write(out, block + done, (size_t)(n - done));
            if (w < 0) {
                st = error_set(err, ERR_IO, "%s can't be written: %s", to, strerror(errno));
            }
            done += w;
        }
    }
    if (in >= 0) {
        (void)close(in);
    }
    if (out >= 0) {
        (void)close(out);
    }
    free(block);
    return st;
}

/* Copies until nothing changed while it did, opens the copy and unlinks it: SQLite keeps the files open. */
static enum status open_copy(struct foreign *f, struct error *err) {
    char name[PATH_MAX + 32];
    enum status st = OK;
    struct files after;
    remove_copy(f); /* a run that was killed may have left one */
    if (mkdir(f->copy_dir, 0700) != 0) {
        return error_set(err, ERR_CANTCREATE, "%s can't be made: %s", f->copy_dir, strerror(errno));
    }
    for (int i = 0;; i++) {
        look_all(f->path, &f->before);
        if ((st = copy_file(f, "", err)) == OK && f->before.wal.size > 0) {
            st = copy_file(f, "-wal", err);
        }
        if (st == OK && f->before.journal.size > 0) {
            st = copy_file(f, "-journal", err);
        }
        if (st != OK && st != ERR_NOINPUT) {
            break; /* a WAL that was just removed is a change like another */
        }
        look_all(f->path, &after);
        if (st == OK && same_all(&f->before, &after)) {
            break;
        }
        if (i == COPY_TRIES) {
            st = error_set(err, ERR_NOINPUT, "%s changes all the time, so that no copy of it holds together; try again",
                           f->path);
            break;
        }
        struct timespec nap = {0, 50000000};
        (void)nanosleep(&nap, NULL);
    }
    if (st == OK) {
        copy_name(f, "", name);
        st = connect(f, name, false, "", err);
    }
    if (st == OK && sqlite3_exec(f->db,
                                 "PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = OFF;"
                                 "SELECT count(*) FROM sqlite_schema; PRAGMA query_only = ON",
                                 NULL, NULL, NULL) != SQLITE_OK) {
        st = error_set(err, ERR_NOINPUT, "a copy of %s can't be read: %s", f->path, sqlite3_errmsg(f->db));
    }
    remove_copy(f);
    return st;
}

enum status foreign_open(const char *path, const char *copy_dir, bool lock, struct foreign **out, struct error *err) {
    *out = NULL;
    struct foreign *f = calloc(1, sizeof *f);
    if (!f) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = resolve(path, f->path, err);
    if (st != OK) {
        goto done;
    }
    (void)snprintf(f->copy_dir, sizeof f->copy_dir, "%s", copy_dir);
    look_all(f->path, &f->before);
    if (!read_start(f->path, "", f->header, HEADER)) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
        goto done;
    }
    bool wal_mode = f->header[18] == 2 || f->header[19] == 2;
    if ((f->before.shm.there && f->before.wal.there) || (lock && !wal_mode && !f->before.wal.there)) {
        f->way = FOREIGN_LIVE;
        st = connect(f, f->path, true, "?mode=ro", err);
        if (st == OK && sqlite3_exec(f->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK) {
            int rc = sqlite3_errcode(f->db);
            st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, sqlite3_errmsg(f->db));
            if (rc == SQLITE_READONLY || rc == SQLITE_CANTOPEN) {
                /* a -shm that we may not write and that no reader of the site's has made ready */
                (void)sqlite3_close_v2(f->db);
                f->db = NULL;
                f->way = FOREIGN_COPY;
                st = open_copy(f, err);
            }
        }
    } else if (f->before.wal.size > 0 || journal_in_use(f)) {
        f->way = FOREIGN_COPY;
        st = open_copy(f, err);
    } else {
        f->way = FOREIGN_IMMUTABLE;
        st = connect(f, f->path, true, "?immutable=1", err);
    }
done:
    if (st != OK) {
        foreign_close(f);
    } else {
        *out = f;
    }
    return st;
}

void foreign_close(struct foreign *f) {
    if (f) {
        (void)sqlite3_close_v2(f->db);
        if (f->way == FOREIGN_COPY) {
            remove_copy(f); /* a -journal that SQLite made beside it */
        }
        free(f);
    }
}

sqlite3 *foreign_handle(struct foreign *f) {
    return f->db;
}

enum foreign_way foreign_way(const struct foreign *f) {
    return f->way;
}

bool foreign_changed(struct foreign *f) {
    struct files now;
    unsigned char header[HEADER];
    if (f->way != FOREIGN_IMMUTABLE) {
        return false; /* and its file must not be opened: closing it would drop SQLite's locks */
    }
    look_all(f->path, &now);
    return !same_all(&f->before, &now) || !read_start(f->path, "", header, HEADER) ||
           memcmp(header, f->header, HEADER) != 0;
}

enum status foreign_state(const char *path, struct buf *out, bool *racy, struct error *err) {
    char real[PATH_MAX];
    struct files x;
    struct timespec t;
    enum status st = resolve(path, real, err);
    if (st != OK) {
        return st;
    }
    look_all(real, &x);
    (void)clock_gettime(CLOCK_REALTIME, &t);
    int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    const struct file *const files[] = {&x.db, &x.wal, &x.journal};
    *racy = false;
    buf_addf(out, "%s;", real);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct file *f = files[i];
        if (f->there && (f->size > 0 || i == 0)) { /* an empty WAL comes and goes and says nothing */
            buf_addf(out, "%llu.%llu.%lld.%lld.%lld;", (unsigned long long)f->dev, (unsigned long long)f->inode,
                     (long long)f->size, (long long)f->mtime, (long long)f->ctime);
            *racy = *racy || now - f->mtime < RACY_NS || now - f->ctime < RACY_NS;
        } else {
            buf_adds(out, "-;");
        }
    }
    return OK;
}
