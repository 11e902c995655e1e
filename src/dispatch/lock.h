/* One runner at a time: an fcntl lock on a file of its own that nothing else opens. */
#ifndef DISPATCH_LOCK_H
#define DISPATCH_LOCK_H

#include "base/status.h"

#include <stdbool.h>

struct run_lock {
    int fd; /* -1: not held */
};

enum { LOCK_STALE_S = 600 };

/* Takes "PATH.lock" without waiting. *busy: another process holds it; *stale: its heartbeat is older than LOCK_STALE_S.
 * The lock goes with the process, however it ends. */
enum status lock_take(const char *path, struct run_lock *l, bool *busy, bool *stale, struct error *err);
/* The heartbeat: the file's time. */
void lock_beat(struct run_lock *l);
void lock_release(struct run_lock *l);

#endif
