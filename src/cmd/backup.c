#include "cmd/backup.h"

#include "base/buf.h"
#include "dispatch/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* False, with errno, when what is called PATH is another file than FD's by now. */
static bool is_at(int fd, const char *path) {
    struct stat x, y;
    errno = EAGAIN;
    return fstat(fd, &x) == 0 && lstat(path, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* So that the new name is there after a loss of power. */
static void sync_folder(const char *path) {
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(copy);
}

/* A file for what will be PATH. It has no name, so that a program that is killed leaves nothing behind; where the file
 * system has none such, it is called NEW, which the next backup to PATH takes for its own. */
static int open_beside(const char *path, const char *new, bool *named) {
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    free(copy);
    *named = fd < 0;
    if (fd < 0 && (fd = open(new, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600)) >= 0 &&
        (flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_at(fd, new) || fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0)) {
        (void)close(fd); /* another backup to PATH is at work */
        fd = -1;
    }
    return fd;
}

/* Puts what FD holds at PATH. A file without a name gets that one where none is there; else it needs NEW for a moment,
 * which the next backup takes away should this one be killed just then. */
static bool place(int fd, const char *path, const char *new, bool named) {
    if (!named) {
        char self[64];
        (void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
        (void)unlink(new);
        if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0) {
            return true;
        }
        if (errno != EEXIST || linkat(AT_FDCWD, self, AT_FDCWD, new, AT_SYMLINK_FOLLOW) != 0) {
            return false;
        }
    }
    if (rename(new, path) == 0) {
        return true;
    }
    int why = errno;
    (void)unlink(new);
    errno = why;
    return false;
}

/* An older backup stays until this one is whole. */
static enum status to_file(struct context *c, const char *path, int64_t *size, struct error *err) {
    struct buf new = BUF_INIT;
    struct stat s;
    FILE *f = NULL;
    enum status st = OK;
    int fd = -1;
    bool named = false;
    buf_addf(&new, "%s.new", path);
    if (same_file(path, c->config->database.path) || same_file(path, c->config->queue.path)) {
        st = error_set(err, ERR_USAGE, "%s is a database in use; name another file", path);
    } else if (stat(path, &s) == 0 && !S_ISREG(s.st_mode)) {
        st = error_set(err, ERR_CANTCREATE, "%s is no regular file", path);
    } else if ((fd = open_beside(path, buf_cstr(&new), &named)) < 0 || !(f = fdopen(fd, "w"))) {
        st = error_set(err, ERR_CANTCREATE, "%s can't be made: %s", path, strerror(errno));
    }
    if (st == OK) {
        st = backup_write(c->config, path, context_now(c), f, err);
    }
    if (st == OK &&
        (fflush(f) != 0 || fsync(fd) != 0 || fstat(fd, &s) != 0 || !place(fd, path, buf_cstr(&new), named))) {
        st = error_set(err, ERR_IO, "%s can't be written: %s", path, strerror(errno));
    }
    if (st == OK) {
        *size = s.st_size;
        sync_folder(path);
    } else if (fd >= 0 && named) {
        (void)unlink(buf_cstr(&new));
    }
    if (f) {
        (void)fclose(f);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    buf_release(&new);
    return st;
}

enum status backup_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"file", 0}, {"bytes", 0}};
    const char *path = c->line->args[0];
    int64_t size = 0;
    if (strcmp(path, "-") == 0) {
        if (c->line->json) {
            return error_set(err, ERR_USAGE, "standard output can't hold a backup and JSON; name a file");
        }
        if (isatty(STDOUT_FILENO)) {
            return error_set(err, ERR_USAGE,
                             "a backup is nothing to read: name a file, or 'courant backup - | age ...'");
        }
        return backup_write(c->config, c->config->database.path, context_now(c), stdout, err);
    }
    enum status st = to_file(c, path, &size, err);
    if (st != OK) {
        return st;
    }
    context_say(c, "%s holds both databases (%lld bytes); keep it where only you can read it", path, (long long)size);
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, 2);
    table_cstr(c->out, path);
    table_int(c->out, size);
    table_row(c->out);
    return table_end(c->out, err);
}
