#include "transport/ready.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A thread's own, as the only way to reach through libesmtp. */
static _Thread_local int ready_fd = -1;
static _Thread_local int taken_fd = -1;
static _Thread_local struct {
    int fd;
    ssize_t (*fn)(void *ctx, const void *buf, size_t n);
    void *ctx;
    ssize_t (*next)(int, const void *, size_t);
} hook = {.fd = -1};

void ready_put(int fd) {
    ready_fd = fd;
    taken_fd = -1;
}

int ready_taken(void) {
    int fd = taken_fd;
    taken_fd = -1;
    return fd;
}

/* Found at each call that isn't ours: those are few, and nothing needs to be kept. RTLD_NEXT finds a sanitizer's. */
static int connect_on(int fd, const struct sockaddr *addr, socklen_t len) {
    int (*next)(int, const struct sockaddr *, socklen_t) = NULL;
    void *sym = dlsym(RTLD_NEXT, "connect");
    if (!sym) {
        errno = ENOSYS;
        return -1;
    }
    *(void **)&next = sym;
    return next(fd, addr, len);
}

/* Every connect() of the program and its libraries comes here. */
int connect(int fd, const struct sockaddr *addr, socklen_t len) {
    if (ready_fd < 0)
        return connect_on(fd, addr, len);
    int from = ready_fd;
    ready_fd = -1;
    if (dup3(from, fd, O_CLOEXEC) < 0)
        return -1;
    taken_fd = fd;
    return 0;
}

void ready_hook(int fd, ssize_t (*fn)(void *ctx, const void *buf, size_t n), void *ctx) {
    hook.fd = fd;
    hook.fn = fn;
    hook.ctx = ctx;
}

/* Every write() of the program and its libraries comes here. */
ssize_t write(int fd, const void *buf, size_t n) {
    if (hook.fd >= 0 && hook.fd == fd)
        return hook.fn(hook.ctx, buf, n);
    if (!hook.next) {
        void *sym = dlsym(RTLD_NEXT, "write");
        if (!sym) {
            errno = ENOSYS;
            return -1;
        }
        *(void **)&hook.next = sym;
    }
    return hook.next(fd, buf, n);
}
