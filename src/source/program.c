#include "source/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/utf8.h"
#include "config/secret.h"

enum { LOOK_MS = 100, GRACE_MS = 2000, SAID_KEPT = 2048, SAID_SHOWN = 300, NOT_RUN = 127, NAMES = 8 };

struct running {
    const struct program *p;
    pid_t child;
    int out, said;    /* our ends of its standard output and error; -1: closed */
    struct buf words; /* the last of its standard error */
    int64_t printed;
    bool late, too_much, disk;
};

/* PATH and what programs need to find their settings and to speak a language; strings are the process's own. */
static char **environment(void) {
    static const char *const names[NAMES] = {
        "PATH=", "HOME=", "USER=", "LOGNAME=", "LANG=", "LC_ALL=", "TZ=", "TMPDIR="};
    static char fallback[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char **list = calloc(NAMES + 2, sizeof *list);
    size_t n = 0;
    bool path = false;
    for (char **e = environ; list && e && *e; e++) {
        for (size_t i = 0; i < NAMES; i++) {
            if (strncmp(*e, names[i], strlen(names[i])) == 0 && n < NAMES) {
                list[n++] = *e;
                path = path || i == 0;
            }
        }
    }
    if (list && !path) {
        list[n] = fallback;
    }
    return list;
}

/* In the child: only what may be called between fork and exec. */
static _Noreturn void become(char **argv, char **env, const char *folder, int out, int said) {
    sigset_t none;
    (void)setpgid(0, 0);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(said, 2) == 2 && chdir(folder) == 0) {
        (void)close_range(3, ~0U, 0);
        (void)execvpe(argv[0], argv, env);
    }
    _exit(NOT_RUN);
}

static enum status start(struct running *r, char **argv, struct error *err) {
    int out[2] = {-1, -1}, said[2] = {-1, -1};
    char **env = environment();
    enum status st = OK;
    if (!env || pipe2(out, O_CLOEXEC) != 0 || pipe2(said, O_CLOEXEC) != 0 || (r->child = fork()) < 0) {
        st = error_set(err, ERR_OS, "%s can't be started: %s", argv[0], strerror(errno));
    } else if (r->child == 0) {
        become(argv, env, r->p->folder, out[1], said[1]);
    }
    if (st == OK) {
        (void)setpgid(r->child, r->child); /* whoever comes first */
        r->out = out[0];
        r->said = said[0];
        (void)fcntl(r->out, F_SETFL, O_NONBLOCK);
        (void)fcntl(r->said, F_SETFL, O_NONBLOCK);
    } else {
        for (int i = 0; i < 2; i++) {
            if (out[i] >= 0) {
                (void)close(out[i]);
            }
        }
    }
    if (out[1] >= 0 && st == OK) {
        (void)close(out[1]);
    }
    if (said[1] >= 0) {
        (void)close(said[1]);
    }
    free(env);
    return st;
}

static void close_end(int *fd) {
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static void take_output(struct running *r) {
    char block[65536];
    ssize_t n = read(r->out, block, sizeof block);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_end(&r->out);
    }
    for (ssize_t at = 0; at < n;) {
        ssize_t w = write(r->p->out, block + at, (size_t)(n - at));
        if (w < 0 && errno != EINTR) {
            r->disk = true;
            return;
        }
        at += w > 0 ? w : 0;
    }
    r->printed += n > 0 ? n : 0;
    r->too_much = r->printed > r->p->max_bytes;
}

static void take_words(struct running *r) {
    char block[4096];
    ssize_t n = read(r->said, block, sizeof block);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_end(&r->said);
        return;
    }
    if (n > 0) {
        buf_add(&r->words, (struct str){block, (size_t)n});
    }
    if (r->words.len > 2 * SAID_KEPT) {
        memmove(r->words.ptr, r->words.ptr + r->words.len - SAID_KEPT, SAID_KEPT);
        buf_truncate(&r->words, SAID_KEPT);
    }
}

/* Until it ends (*code: its wait status) or is not to go on. What it started may hold its output open: that is waited
 * for a moment. */
static bool watch(struct running *r, int *code) {
    const int64_t deadline = clock_mono_ns() + r->p->timeout_s * 1000000000;
    int64_t ended_at = 0;
    while (!stop_asked && !r->too_much && !r->disk) {
        struct pollfd fds[2] = {{.fd = r->out, .events = POLLIN}, {.fd = r->said, .events = POLLIN}};
        (void)poll(fds, 2, ended_at || (r->out < 0 && r->said < 0) ? 10 : LOOK_MS);
        if (r->out >= 0 && fds[0].revents) {
            take_output(r);
        }
        if (r->said >= 0 && fds[1].revents) {
            take_words(r);
        }
        if (!ended_at && waitpid(r->child, code, WNOHANG) == r->child) {
            ended_at = clock_mono_ns();
        }
        bool closed = r->out < 0 && r->said < 0;
        if (ended_at && (closed || clock_mono_ns() > ended_at + (int64_t)GRACE_MS * 1000000)) {
            return true;
        }
        if (!ended_at && clock_mono_ns() > deadline) {
            r->late = true;
            return false;
        }
    }
    return ended_at != 0;
}

/* Ends what is left of it: politely, then not. */
static void end_group(struct running *r, bool ended) {
    int code;
    (void)kill(-r->child, ended ? SIGKILL : SIGTERM);
    for (int ms = 0; !ended && ms < GRACE_MS; ms += 10) {
        if (waitpid(r->child, &code, WNOHANG) == r->child) {
            ended = true;
        } else {
            (void)poll(NULL, 0, 10);
        }
    }
    (void)kill(-r->child, SIGKILL);
    while (!ended && waitpid(r->child, &code, 0) < 0 && errno == EINTR) {
    }
}

/* The last words of its standard error, on one line; a word with an at sign may be somebody's address. */
static void add_words(struct running *r, struct buf *out) {
    struct buf clean = BUF_INIT;
    struct str rest, word;
    utf8_repair(buf_str(&r->words), &clean);
    for (size_t i = 0; i < clean.len; i++) {
        clean.ptr[i] = (unsigned char)clean.ptr[i] < ' ' ? ' ' : clean.ptr[i];
    }
    rest = str_trim(buf_str(&clean));
    if (rest.len > SAID_SHOWN) {
        size_t from = rest.len - SAID_SHOWN;
        while (from < rest.len && ((unsigned char)rest.ptr[from] & 0xc0) == 0x80) {
            from++;
        }
        from = str_find(rest, ' ', from) < rest.len ? str_find(rest, ' ', from) : from;
        rest = str_sub(rest, from, rest.len);
    }
    buf_adds(out, rest.len ? "; the last it said: " : "");
    for (bool first = true; rest.len && str_split(&rest, ' ', &word);) {
        if (word.len) {
            buf_adds(out, first ? "" : " ");
            buf_add(out, str_find(word, '@', 0) < word.len ? STR("(address)") : word);
            first = false;
        }
    }
    buf_release(&clean);
}

static enum status judge(struct running *r, const char *name, bool ended, int code, struct error *err) {
    struct buf words = BUF_INIT;
    enum status st = OK;
    add_words(r, &words);
    const char *said = buf_cstr(&words);
    if (stop_asked) {
        st = error_set(err, ERR_TEMP, "stopped by a signal");
    } else if (r->disk) {
        st = error_set(err, ERR_IO, "no room left on the disk for what %s prints", name);
    } else if (r->too_much) {
        st = error_set(err, ERR_DATA, "%s printed more than %lld MB", name, (long long)(r->p->max_bytes >> 20));
    } else if (r->late || !ended) {
        st = error_set(err, ERR_DATA, "%s did not end within %lld s and was stopped%s", name,
                       (long long)r->p->timeout_s, said);
    } else if (WIFEXITED(code) && WEXITSTATUS(code) == NOT_RUN) {
        st = error_set(err, ERR_NOINPUT, "%s can't be run; is it installed, spelled right, executable%s", name,
                       words.len ? said : "?");
    } else if (WIFSIGNALED(code)) {
        st = error_set(err, ERR_DATA, "%s was killed by signal %d%s", name, WTERMSIG(code), said);
    } else if (WEXITSTATUS(code) != 0) {
        st = error_set(err, ERR_DATA, "%s failed with exit code %d%s", name, WEXITSTATUS(code), said);
    } else if (r->out >= 0) {
        st = error_set(err, ERR_DATA, "%s ended and left a process behind that holds its output open", name);
    }
    buf_release(&words);
    return st;
}

enum status program_run(const struct program *p, struct error *err) {
    struct running r = {.p = p, .out = -1, .said = -1, .words = BUF_INIT};
    char **argv = NULL;
    size_t argc;
    int code = 0;
    enum status st = config_words(p->command, &argv, &argc, err);
    if (st == OK && (st = start(&r, argv, err)) == OK) {
        bool ended = watch(&r, &code);
        end_group(&r, ended);
        st = judge(&r, argv[0], ended, code, err);
    }
    close_end(&r.out);
    close_end(&r.said);
    buf_release(&r.words);
    free(argv);
    return st;
}
