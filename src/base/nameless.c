#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool nameless_is_at(int fd, const char *path) {
    struct stat here, there;
    errno = EAGAIN;
    return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

static void add_folder(struct buf *b, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) {
        buf_adds(b, "./");
    } else {
        buf_add(b, (struct str){path, (size_t)(slash - path) + 1});
    }
}

int nameless_named(const char *path, struct buf *name) {
    buf_clear(name);
    add_folder(name, path);
    buf_adds(name, ".courant-nameless");
    for (;;) {
        int fd = open(buf_cstr(name), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0) {
            return -1;
        }
        int rc = flock(fd, LOCK_EX);
        /* whoever held the lock before has taken the name away meanwhile: then it is another file */
        if (rc == 0 && nameless_is_at(fd, buf_cstr(name))) {
            return fd;
        }
        int why = errno;
        (void)close(fd);
        if (rc != 0 && why != EINTR) {
            errno = why;
            return -1;
        }
    }
}

int nameless_beside(const char *path) {
    struct buf name = BUF_INIT;
    add_folder(&name, path);
    int fd = open(buf_cstr(&name), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) &&
        (fd = nameless_named(path, &name)) >= 0) {
        (void)unlink(buf_cstr(&name));
    }
    buf_release(&name);
    return fd;
}
