#include "cmd/outfile.h"

#include "base/nameless.h"

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

static int open_beside(const char *path, const char *new, bool *named) {
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    free(copy);
    *named = fd < 0;
    if (fd < 0 && (fd = open(new, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600)) >= 0 &&
        (flock(fd, LOCK_EX | LOCK_NB) != 0 || !nameless_is_at(fd, new) || fchmod(fd, 0600) != 0 ||
         ftruncate(fd, 0) != 0)) {
        (void)close(fd); /* another program is at work on it */
        fd = -1;
    }
    return fd;
}

/* Puts what FD holds at PATH. A file without a name gets that one where none is there; else it needs NEW for a moment,
 * which the next program takes away should this one be killed just then. */
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

enum status outfile_may(struct context *c, const char *path, struct error *err) {
    if (same_file(path, c->config->database.path) || same_file(path, c->config->queue.path)) {
        return error_set(err, ERR_USAGE, "%s is a database in use; name another file", path);
    }
    if (same_file(path, c->config->site.secret_file) || same_file(path, c->config->file)) {
        return error_set(err, ERR_USAGE, "%s is the %s in use; name another file", path,
                         same_file(path, c->config->file) ? "configuration" : "secret");
    }
    return OK;
}

enum status outfile_begin(struct context *c, const char *path, struct outfile *o, struct error *err) {
    struct stat s;
    *o = (struct outfile){.path = path};
    buf_addf(&o->new, "%s.new", path);
    if (outfile_may(c, path, err) != OK) {
        return err->status;
    }
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode)) {
        return error_set(err, ERR_CANTCREATE, "%s is no regular file", path);
    }
    int fd = open_beside(path, buf_cstr(&o->new), &o->named);
    if (fd < 0 || !(o->f = fdopen(fd, "w"))) {
        enum status st = error_set(err, ERR_CANTCREATE, "%s can't be made: %s", path, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return st;
    }
    return OK;
}

enum status outfile_end(struct outfile *o, enum status st, int64_t *size, struct error *err) {
    struct stat s;
    int fd = o->f ? fileno(o->f) : -1;
    if (st == OK && (fflush(o->f) != 0 || ferror(o->f) || fsync(fd) != 0 || fstat(fd, &s) != 0 ||
                     !place(fd, o->path, buf_cstr(&o->new), o->named))) {
        st = error_set(err, ERR_IO, "%s can't be written: %s", o->path, strerror(errno));
    }
    if (st == OK) {
        sync_folder(o->path);
        if (size) {
            *size = s.st_size;
        }
    } else if (fd >= 0 && o->named) {
        (void)unlink(buf_cstr(&o->new));
    }
    if (o->f) {
        (void)fclose(o->f);
    }
    buf_release(&o->new);
    *o = (struct outfile){0};
    return st;
}
