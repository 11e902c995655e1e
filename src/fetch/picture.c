#include "fetch/picture.h"

#include "base/stop.h"
#include "fetch/picture_head.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY_MAX = 768 << 20, OUTPUT_MAX = 16 << 20 };

/* What the child writes before the picture's bytes, or before a sentence. */
struct answer {
    int32_t status; /* enum status */
    int32_t png, width, height;
};

/* ---- the child ---- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* From here on: memory, reading and writing what is open, ending. Anything else ends the process. */
static bool confine(void) {
#ifdef ARCHITECTURE
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(write),
        ALLOW(brk),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(mprotect),
        ALLOW(madvise),
        ALLOW(futex),
        ALLOW(getrandom),
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigaction),
        ALLOW(sched_getaffinity),
        ALLOW(clock_gettime),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(exit),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
    return true; /* the bounds on files and memory hold all the same */
#endif
}

static bool bound(int what, rlim_t to) {
    struct rlimit l = {to, to};
    return setrlimit(what, &l) == 0;
}

static void put(const void *bytes, size_t n) {
    const char *p = bytes;
    while (n > 0) {
        ssize_t did = write(STDOUT_FILENO, p, n);
        if (did <= 0) {
            return;
        }
        p += did;
        n -= (size_t)did;
    }
}

static int reply(const struct answer *answer, struct str bytes) {
    put(answer, sizeof *answer);
    put(bytes.ptr, bytes.len);
    return 0;
}

int picture_work(int argc, char **argv) {
    struct buf in = BUF_INIT, out = BUF_INIT;
    struct shrink_limits limits = {0};
    struct answer answer = {0};
    struct error err = {0};
    char piece[65536];
    ssize_t n;
    bool png = false;
    int width = 0, height = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)syscall(SYS_close_range, 3, ~0U, 0); /* whatever was left open without close-on-exec */
    if (argc == 4) {
        limits.max_width = atoi(argv[2]);
        limits.max_bytes = (size_t)strtoul(argv[3], NULL, 10);
    }
    /* libraries are opened before anything is forbidden, the picture is read after it */
    enum status st = shrink_load(&err);
    bool safe = bound(RLIMIT_FSIZE, OUTPUT_MAX) && bound(RLIMIT_CPU, PICTURE_TIME_S) && bound(RLIMIT_NOFILE, 3) &&
                bound(RLIMIT_CORE, 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    safe = safe && bound(RLIMIT_AS, MEMORY_MAX) && confine();
#else
    (void)confine;
#endif
    if (st == OK && (!safe || limits.max_width < 1)) {
        st = error_set(&err, ERR_OS, "a process for pictures can't be confined");
    }
    while (st == OK && (n = read(STDIN_FILENO, piece, sizeof piece)) > 0) {
        buf_add(&in, (struct str){piece, (size_t)n});
    }
    if (st == OK) {
        st = shrink(buf_str(&in), &limits, &out, &width, &height, &png, &err);
    }
    answer = (struct answer){(int32_t)st, png, width, height};
    int rc = reply(&answer, st == OK ? buf_str(&out) : str_from(err.text));
    buf_release(&in);
    buf_release(&out);
    return rc;
}

/* ---- the parent ---- */

/* Waits until nobody holds the other end of FD, then until the child is gone. */
static enum status wait_for(pid_t child, int fd, struct error *err) {
    struct pollfd p = {.fd = fd};
    enum status st = OK;
    int left = PICTURE_TIME_S * 10;
    while (left-- > 0 && !stop_asked && poll(&p, 1, 100) <= 0) {
    }
    if (stop_asked) {
        st = error_set(err, ERR_TEMP, "stopped");
    } else if (left < 0) {
        st = error_set(err, ERR_DATA, "it takes longer than %d s to decode", PICTURE_TIME_S);
    }
    if (st != OK) {
        (void)kill(child, SIGKILL);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    return st;
}

static enum status start(const struct shrink_limits *limits, int in, int out, int alive, pid_t *child,
                         struct error *err) {
    char width[16], bytes[24];
    char self[] = "/proc/self/exe", name[] = "courant", word[] = PICTURE_WORKER;
    char *argv[] = {name, word, width, bytes, NULL};
    char *envp[] = {NULL};
    posix_spawn_file_actions_t files;
    (void)snprintf(width, sizeof width, "%d", limits->max_width);
    (void)snprintf(bytes, sizeof bytes, "%zu", limits->max_bytes);
    if (posix_spawn_file_actions_init(&files) != 0) {
        return error_set(err, ERR_OS, "out of memory");
    }
    int rc = posix_spawn_file_actions_adddup2(&files, in, 0);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, out, 1);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, alive, 2); /* closed with the process */
    rc = rc ? rc : posix_spawn(child, self, &files, NULL, argv, envp);
    (void)posix_spawn_file_actions_destroy(&files);
    return rc ? error_set(err, ERR_OS, "a process for pictures can't be started: %s", strerror(rc)) : OK;
}

static bool write_all(int fd, struct str s) {
    size_t at = 0;
    while (at < s.len) {
        ssize_t n = write(fd, s.ptr + at, s.len - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static enum status read_answer(int fd, struct arena *a, struct picture *out, struct error *err) {
    struct answer answer;
    struct stat s;
    if (fstat(fd, &s) != 0 || s.st_size < (off_t)sizeof answer || s.st_size > OUTPUT_MAX ||
        pread(fd, &answer, sizeof answer, 0) != (ssize_t)sizeof answer) {
        return error_set(err, ERR_DATA, "decoding it failed");
    }
    size_t n = (size_t)s.st_size - sizeof answer;
    char *bytes = arena_alloc(a, n + 1);
    if (pread(fd, bytes, n, sizeof answer) != (ssize_t)n) {
        return error_set(err, ERR_IO, "a picture can't be read back: %s", strerror(errno));
    }
    bytes[n] = '\0';
    if (answer.status != OK) {
        return error_set(err, answer.status == ERR_UNAVAILABLE ? ERR_UNAVAILABLE : ERR_DATA, "%s", bytes);
    }
    /* a decoder that was taken over could have written anything: readers get what begins as a picture of ours does */
    struct picture_head head;
    *out = (struct picture){{bytes, n}, answer.png != 0, answer.width, answer.height};
    return picture_head_read(out->bytes, &head) && head.format == (out->png ? PICTURE_PNG : PICTURE_JPEG) &&
                   head.width == out->width && head.height == out->height
               ? OK
               : error_set(err, ERR_DATA, "decoding it failed");
}

enum status picture_shrink(struct str in, const struct shrink_limits *limits, struct arena *a, struct picture *out,
                           struct error *err) {
    int alive[2] = {-1, -1};
    int from = memfd_create("picture", MFD_CLOEXEC), to = memfd_create("picture", MFD_CLOEXEC);
    enum status st = OK;
    pid_t child = -1;
    if (from < 0 || to < 0 || pipe2(alive, O_CLOEXEC) != 0 || !write_all(from, in)) {
        st = error_set(err, ERR_OS, "a picture can't be handed on: %s", strerror(errno));
    }
    if (st == OK && (st = start(limits, from, to, alive[1], &child, err)) == OK) {
        (void)close(alive[1]);
        alive[1] = -1;
        st = wait_for(child, alive[0], err);
    }
    if (st == OK) {
        st = read_answer(to, a, out, err);
    }
    const int fds[] = {from, to, alive[0], alive[1]};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    return st;
}
