#include "dispatch/lock.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status lock_take(const char *path, struct run_lock *l, bool *busy, bool *stale, struct error *err) {
    char file[4096], folder[4096];
    struct stat dir, self;
    struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *busy = *stale = false;
    (void)snprintf(file, sizeof file, "%s.lock", path);
    l->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (l->fd < 0) {
        return error_set(err, ERR_IO, "%s can't be opened: %s", file, strerror(errno));
    }
    memcpy(folder, file, sizeof folder);
    if (geteuid() == 0 && stat(dirname(folder), &dir) == 0 && fstat(l->fd, &self) == 0 && self.st_uid != dir.st_uid) {
        if (fchown(l->fd, dir.st_uid, dir.st_gid) != 0) {
            lock_release(l);
            return error_set(err, ERR_IO, "%s can't be given to its folder's owner: %s", file, strerror(errno));
        }
    }
    if (fcntl(l->fd, F_SETLK, &f) != 0) {
        int why = errno;
        *busy = why == EACCES || why == EAGAIN;
        if (*busy && fstat(l->fd, &self) == 0) {
            *stale = clock_system() - self.st_mtime > LOCK_STALE_S;
        }
        lock_release(l);
        return *busy ? OK : error_set(err, ERR_IO, "%s can't be locked: %s", file, strerror(why));
    }
    lock_beat(l);
    return OK;
}

void lock_beat(struct run_lock *l) {
    (void)futimens(l->fd, NULL);
}

void lock_release(struct run_lock *l) {
    if (l->fd >= 0) {
        (void)close(l->fd);
    }
    l->fd = -1;
}
