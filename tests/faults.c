/* faults.so: preloaded into courant by the tests of tests/cli/5*.sh. It looks only at files of the queue and of the
 * databases (their names hold "queue.db" or "courant.db") and does, by environment:
 *   FAULTS_P=0.01        each write, sync, truncation or allocation fails with this probability
 *   FAULTS_SEED=N        which ones; FAULTS_SKIP=N leaves the first N alone
 *   FAULTS_ERRNO=LIST    of EIO, ENOSPC, EROFS (one is drawn for each fault; default EIO,ENOSPC)
 *   FAULTS_OPS=LIST      of write, sync, truncate, allocate (default all)
 *   FAULTS_ONLY=TEXT     only on files whose path holds it
 *   FAULTS_BURST=N       so many in a row fail from then on
 *   FAULTS_WHILE=PATH    only while that file exists
 *   FAULTS_REPORT=PATH   a line for each fault
 *   POWER_LOG=PATH       every write, truncation, renaming and sync is noted there in order, so that a test can build
 *                        the disk that a loss of power would leave (tests/cli/power.py reads it)
 *   COURANT_TEST_BOOT=ID what /proc/sys/kernel/random/boot_id says */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS = 4096 };
enum op { OP_WRITE, OP_SYNC, OP_TRUNCATE, OP_ALLOCATE, OPS };
static const char *const op_names[OPS] = {"write", "sync", "truncate", "allocate"};

static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    bool tracked[FDS], injects[FDS], shm[FDS];
    double p;
    uint64_t state;
    long skip, burst, left;
    int errnos[4], errnos_n;
    unsigned ops;
    const char *gate, *only, *boot;
    int report, log;
    uint64_t token;
    int (*open)(const char *, int, ...);
    int (*close)(int);
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    int (*fsync)(int);
    int (*fdatasync)(int);
    int (*ftruncate)(int, off_t);
    int (*fallocate)(int, off_t, off_t);
    int (*rename)(const char *, const char *);
    int (*unlink)(const char *);
} g = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER, .report = -1, .log = -1};

static bool listed(const char *list, const char *word) {
    return !list || strstr(list, word);
}

static void begin(void) {
    static const struct {
        const char *name;
        int n;
    } names[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}};
    /* a pointer to a function from a pointer to data: what dlsym is for */
#define FIND(name, symbol) *(void **)&g.name = dlsym(RTLD_NEXT, symbol)
    FIND(open, "open64");
    FIND(close, "close");
    FIND(write, "write");
    FIND(pwrite, "pwrite64");
    FIND(fsync, "fsync");
    FIND(fdatasync, "fdatasync");
    FIND(ftruncate, "ftruncate64");
    FIND(fallocate, "posix_fallocate64");
    FIND(rename, "rename");
    FIND(unlink, "unlink");
#undef FIND
    const char *p = getenv("FAULTS_P"), *seed = getenv("FAULTS_SEED"), *skip = getenv("FAULTS_SKIP");
    const char *burst = getenv("FAULTS_BURST"), *which = getenv("FAULTS_ERRNO"), *ops = getenv("FAULTS_OPS");
    const char *report = getenv("FAULTS_REPORT"), *log = getenv("POWER_LOG");
    g.p = p ? strtod(p, NULL) : 0;
    g.state = seed ? strtoull(seed, NULL, 10) : 1;
    g.skip = skip ? strtol(skip, NULL, 10) : 0;
    g.burst = burst ? strtol(burst, NULL, 10) : 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (which ? listed(which, names[i].name) : names[i].n != EROFS) {
            g.errnos[g.errnos_n++] = names[i].n;
        }
    }
    for (unsigned i = 0; i < OPS; i++) {
        g.ops |= listed(ops, op_names[i]) ? 1u << i : 0;
    }
    g.gate = getenv("FAULTS_WHILE");
    g.only = getenv("FAULTS_ONLY");
    g.boot = getenv("COURANT_TEST_BOOT");
    g.report = report ? g.open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    g.log = log ? g.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

static void start(void) {
    (void)pthread_once(&g.once, begin);
}

static bool of_interest(const char *path) {
    return strstr(path, "queue.db") || strstr(path, "courant.db");
}

static bool tracked(int fd) {
    return fd >= 0 && fd < FDS && g.tracked[fd];
}

static bool logged(int fd) {
    return g.log >= 0 && tracked(fd) && !g.shm[fd];
}

static double draw(void) {
    g.state += 0x9e3779b97f4a7c15u;
    uint64_t z = g.state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* The errno of the fault that strikes now; 0: none. */
static int strikes(int fd, enum op op) {
    int e = 0;
    if (g.p <= 0 || !(g.ops >> op & 1) || !tracked(fd) || !g.injects[fd] || g.errnos_n == 0 ||
        (g.gate && access(g.gate, F_OK) != 0)) {
        return 0;
    }
    (void)pthread_mutex_lock(&g.lock);
    if (g.skip > 0) {
        g.skip--;
    } else if (g.left > 0 || draw() < g.p) {
        g.left = g.left > 0 ? g.left - 1 : g.burst - 1;
        e = g.errnos[(int)(draw() * g.errnos_n)];
        if (g.report >= 0) {
            char line[64];
            int n = snprintf(line, sizeof line, "%s %d\n", op_names[op], e);
            (void)!g.write(g.report, line, (size_t)n);
        }
    }
    (void)pthread_mutex_unlock(&g.lock);
    return e;
}

/* --- the log of a disk --- */

struct entry {
    char kind; /* O open, W write, T truncate, F allocate, B sync begins, S sync done, R rename, U unlink, D folder
                  synced */
    char pad[7];
    uint64_t ino, offset, len, data;
};

/* The lock is held. */
static void note(char kind, uint64_t ino, uint64_t offset, uint64_t len, const void *data, size_t n) {
    struct entry e = {.kind = kind, .ino = ino, .offset = offset, .len = len, .data = n};
    struct iovec v[2] = {{&e, sizeof e}, {(void *)(uintptr_t)data, n}};
    if (writev(g.log, v, 2) != (ssize_t)(sizeof e + n)) {
        abort();
    }
}

static uint64_t inode(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 ? (uint64_t)s.st_ino : 0;
}

static int opened(int fd, const char *path, int flags) {
    if (fd < 0 || fd >= FDS) {
        return fd;
    }
    g.tracked[fd] = of_interest(path) && (flags & O_ACCMODE) != O_RDONLY && !(flags & O_DIRECTORY);
    g.shm[fd] = strstr(path, "-shm") || strstr(path, ".lock") || strstr(path, ".checkpoint");
    g.injects[fd] = !g.only || strstr(path, g.only);
    if (logged(fd)) {
        (void)pthread_mutex_lock(&g.lock);
        note('O', inode(fd), 0, (flags & O_TRUNC) != 0, path, strlen(path));
        (void)pthread_mutex_unlock(&g.lock);
    }
    return fd;
}

static int boot_id(void) {
    int fd = memfd_create("boot_id", MFD_CLOEXEC);
    if (fd >= 0 && (g.write(fd, g.boot, strlen(g.boot)) < 0 || lseek(fd, 0, SEEK_SET) != 0)) {
        abort();
    }
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list ap;
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    start();
    if (g.boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) {
        return boot_id();
    }
    return opened(g.open(path, flags, mode), path, flags);
}

int open64(const char *path, int flags, ...) {
    va_list ap;
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    start();
    return opened(g.open(path, flags, mode), path, flags);
}

int close(int fd) {
    start();
    if (fd >= 0 && fd < FDS) {
        g.tracked[fd] = false;
    }
    return g.close(fd);
}

/* OFFSET -1: at the file's own position. */
static ssize_t put(int fd, const void *p, size_t n, off_t offset) {
    start();
    int e = strikes(fd, OP_WRITE);
    if (e) {
        /* now and then half of it gets through, as on a disk that fills up */
        if (n < 2 || (n & 16)) {
            errno = e;
            return -1;
        }
        n /= 2;
    }
    if (!logged(fd)) {
        return offset < 0 ? g.write(fd, p, n) : g.pwrite(fd, p, n, offset);
    }
    (void)pthread_mutex_lock(&g.lock);
    off_t at = offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset;
    note('W', inode(fd), (uint64_t)at, n, p, n);
    ssize_t r = offset < 0 ? g.write(fd, p, n) : g.pwrite(fd, p, n, offset);
    (void)pthread_mutex_unlock(&g.lock);
    return r;
}

ssize_t write(int fd, const void *p, size_t n) {
    return put(fd, p, n, -1);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t offset) {
    return put(fd, p, n, offset);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t offset) {
    return put(fd, p, n, offset);
}

static int sync_with(int fd, int (*real)(int)) {
    int e = strikes(fd, OP_SYNC);
    if (e) {
        errno = e;
        return -1;
    }
    struct stat s;
    if (g.log < 0 || fstat(fd, &s) != 0 || (!logged(fd) && !S_ISDIR(s.st_mode))) {
        return real(fd);
    }
    char link[64], path[4096];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path);
    (void)pthread_mutex_lock(&g.lock);
    uint64_t token = ++g.token;
    note('B', (uint64_t)s.st_ino, token, 0, NULL, 0);
    (void)pthread_mutex_unlock(&g.lock);
    int rc = real(fd);
    if (rc == 0) {
        (void)pthread_mutex_lock(&g.lock);
        note(S_ISDIR(s.st_mode) ? 'D' : 'S', (uint64_t)s.st_ino, token, 0, path, n > 0 ? (size_t)n : 0);
        (void)pthread_mutex_unlock(&g.lock);
    }
    return rc;
}

int fsync(int fd) {
    start();
    return sync_with(fd, g.fsync);
}

int fdatasync(int fd) {
    start();
    return sync_with(fd, g.fdatasync);
}

static int cut(int fd, off_t size) {
    start();
    int e = strikes(fd, OP_TRUNCATE);
    if (e) {
        errno = e;
        return -1;
    }
    if (!logged(fd)) {
        return g.ftruncate(fd, size);
    }
    (void)pthread_mutex_lock(&g.lock);
    note('T', inode(fd), (uint64_t)size, 0, NULL, 0);
    int rc = g.ftruncate(fd, size);
    (void)pthread_mutex_unlock(&g.lock);
    return rc;
}

int ftruncate(int fd, off_t size) {
    return cut(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    return cut(fd, size);
}

static int reserve(int fd, off_t offset, off_t len) {
    start();
    int e = strikes(fd, OP_ALLOCATE);
    if (e) {
        return e;
    }
    if (!logged(fd)) {
        return g.fallocate(fd, offset, len);
    }
    (void)pthread_mutex_lock(&g.lock);
    note('F', inode(fd), (uint64_t)offset, (uint64_t)len, NULL, 0);
    int rc = g.fallocate(fd, offset, len);
    (void)pthread_mutex_unlock(&g.lock);
    return rc;
}

int posix_fallocate(int fd, off_t offset, off_t len) {
    return reserve(fd, offset, len);
}

int posix_fallocate64(int fd, off64_t offset, off64_t len) {
    return reserve(fd, offset, len);
}

int rename(const char *from, const char *to) {
    start();
    if (g.log < 0 || !of_interest(to)) {
        return g.rename(from, to);
    }
    char both[8192];
    int n = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
    (void)pthread_mutex_lock(&g.lock);
    note('R', 0, 0, 0, both, (size_t)n);
    int rc = g.rename(from, to);
    (void)pthread_mutex_unlock(&g.lock);
    return rc;
}

int unlink(const char *path) {
    start();
    if (g.log < 0 || !of_interest(path)) {
        return g.unlink(path);
    }
    (void)pthread_mutex_lock(&g.lock);
    note('U', 0, 0, 0, path, strlen(path));
    int rc = g.unlink(path);
    (void)pthread_mutex_unlock(&g.lock);
    return rc;
}
