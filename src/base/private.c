#include "base/private.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum status file(const char *path, const char *end, struct error *err) {
    char name[4096];
    struct stat b;
    (void)snprintf(name, sizeof name, "%s%s", path, end);
    if (stat(name, &b) != 0 || !(b.st_mode & (S_IRWXG | S_IRWXO))) {
        return OK;
    }
    return error_set(err, ERR_NOPERM,
                     "%s is open to others (mode %04o), and readers' addresses are in it: chmod go= '%s'*", name,
                     (unsigned)b.st_mode & 07777, path);
}

static enum status place(const char *path, struct error *err) {
    struct stat b;
    enum status st = OK;
    char *copy = strdup(path);
    const char *folder = copy ? dirname(copy) : NULL;
    if (folder && stat(folder, &b) == 0 && b.st_mode & S_IWOTH && !(b.st_mode & S_ISVTX)) {
        st = error_set(err, ERR_NOPERM,
                       "anybody may replace the files in %s (mode %04o), and a database is among them: chmod o-w '%s'",
                       folder, (unsigned)b.st_mode & 07777, folder);
    }
    free(copy);
    return st;
}

enum status private_database(const char *path, struct error *err) {
    static const char *const ends[] = {"", "-wal", "-shm", ".wire"};
    enum status st = OK;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && st == OK; i++) {
        st = file(path, ends[i], err);
    }
    return st == OK ? place(path, err) : st;
}
