#include "dispatch/backup.h"

#include "base/private.h"
#include "base/sql_snapshot.h"
#include "base/tar.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATABASES = 2 };

static const char how[] =
    "A backup of courant: both databases as they were at one moment. To put it back:\n"
    "\n"
    "1. Stop cron's courant, its web pages and whatever else uses the databases.\n"
    "2. Put courant.db where [database] path says and queue.db where [queue] path says, with their owner and mode\n"
    "   0600. Remove the files whose names are theirs with -wal, -shm or .wire behind.\n"
    "3. courant adopt --restored\n"
    "   holds everything that was open and lists who may have left since; courant(1) says what to look at then.\n"
    "4. courant queue release\n"
    "\n"
    "The secret file is not in here, and is needed: without it no link in a mail sent earlier works, and people who\n"
    "were erased are not recognised.\n";

static enum status add(FILE *out, const char *name, int fd, int64_t now, struct error *err) {
    struct stat s;
    if (fstat(fd, &s) != 0) {
        return error_set(err, ERR_IO, "%s: %s", name, strerror(errno));
    }
    return tar_add(out, name, fd, s.st_size, now, err);
}

enum status backup_write(const struct config *c, const char *near, int64_t now, FILE *out, struct error *err) {
    /* queue.db first: a runner holds its lock for milliseconds only, but often */
    const char *const paths[DATABASES] = {c->queue.path, c->database.path};
    static const char *const names[DATABASES] = {"queue.db", "courant.db"};
    struct sql_snapshot *snapshot = NULL;
    int fds[DATABASES] = {-1, -1};
    enum status st = private_database(paths[0], err);
    if (st == OK && (st = private_database(paths[1], err)) == OK) {
        st = sql_snapshot_take(paths, DATABASES, &snapshot, err);
    }
    for (size_t i = 0; i < DATABASES && st == OK; i++) {
        st = sql_snapshot_copy(snapshot, i, near, &fds[i], err);
    }
    sql_snapshot_release(snapshot);
    if (st == OK) {
        st = tar_add_bytes(out, "README", STR(how), now, err);
    }
    for (size_t i = 0; i < DATABASES; i++) {
        if (st == OK) {
            st = add(out, names[i], fds[i], now, err);
        }
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    return st == OK ? tar_end(out, err) : st;
}
