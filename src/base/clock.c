#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t clock_system(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

int64_t clock_now(const struct clock *c) {
    return c->pinned ? c->at : clock_system();
}

int64_t clock_mono_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void clock_boot_id(char out[37]) {
    memcpy(out, "unknown", 8);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        char b[37] = {0};
        if (read(fd, b, 36) == 36) {
            memcpy(out, b, 37);
        }
        (void)close(fd);
    }
}
