#include "config/secret.h"

#include "base/clock.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECRET_MAX = 4096, COMMAND_S = 60, LOOK_MS = 200 };

enum status config_words(const char *command, char ***argv, size_t *argc, struct error *err) {
    /* Words are no longer than the command, and no more than half its bytes: one allocation holds all. */
    size_t len = strlen(command), words = len / 2 + 2, n = 0;
    char **list = malloc(words * sizeof *list + len + 1);
    char quote = 0;
    bool in_word = false;
    *argv = NULL;
    *argc = 0;
    if (!list)
        return error_set(err, ERR_OS, "out of memory");
    char *to = (char *)(list + words);
    for (const char *p = command; *p; p++) {
        if (!quote && strchr(" \t\n", *p)) {
            if (in_word)
                *to++ = '\0';
            in_word = false;
            continue;
        }
        if (*p == '\\' && p[1] == '\n' && quote != '\'') { /* a line broken in two */
            p++;
            continue;
        }
        if (!in_word)
            list[n++] = to;
        in_word = true;
        if (*p == '\\' && quote != '\'') {
            if (!p[1]) {
                free(list);
                return error_set(err, ERR_CONFIG, "the command ends with a backslash");
            }
            /* Inside "..." a backslash is one of the text, but before these. */
            if (quote && !strchr("$`\"\\", p[1]))
                *to++ = '\\';
            *to++ = *++p;
        } else if (quote && *p == quote) {
            quote = 0;
        } else if (!quote && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    list[n] = NULL;
    if (quote || n == 0 || !list[0][0]) {
        free(list);
        if (quote)
            return error_set(err, ERR_CONFIG, "the command has a %c that is not closed", quote);
        return error_set(err, ERR_CONFIG, "the command is empty");
    }
    *argv = list;
    *argc = n;
    return OK;
}

/* Appends the first line of TEXT, which must not be empty. */
static enum status take_line(const char *text, size_t len, const char *what, struct buf *out, struct error *err) {
    size_t n = 0;
    while (n < len && text[n] != '\n')
        n++;
    if (n && text[n - 1] == '\r')
        n--;
    if (n == 0)
        return error_set(err, ERR_NOINPUT, "%s gives an empty first line; the secret must stand there", what);
    if (memchr(text, '\0', n))
        return error_set(err, ERR_NOINPUT, "%s gives a NUL byte; the secret must be text", what);
    buf_add(out, (struct str){text, n});
    return out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

/* Fills TEXT from FD up to its end or SECRET_MAX bytes; the number read, or -1 with errno. DEADLINE: 0, or the
 * monotonic nanosecond at which it gives up with ETIMEDOUT. */
static ssize_t read_all(int fd, char text[SECRET_MAX], int64_t deadline) {
    size_t len = 0;
    while (len < SECRET_MAX) {
        if (deadline) {
            struct pollfd p = {.fd = fd, .events = POLLIN};
            int64_t left = (deadline - clock_mono_ns()) / 1000000;
            int ready = left > 0 ? poll(&p, 1, left < LOOK_MS ? (int)left : LOOK_MS) : 0;
            if (stop_asked) {
                errno = EINTR;
                return -1;
            }
            if ((ready < 0 && errno == EINTR) || (ready == 0 && left > LOOK_MS))
                continue;
            if (ready == 0)
                errno = ETIMEDOUT;
            if (ready <= 0)
                return -1;
        }
        ssize_t n = read(fd, text + len, SECRET_MAX - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static enum status secret_of_file(const char *file, struct buf *out, struct error *err) {
    char text[SECRET_MAX];
    struct stat st;
    enum status status = OK;
    ssize_t n;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        status =
            error_set(err, errno == EACCES ? ERR_NOPERM : ERR_NOINPUT, "%s can't be read: %s", file, strerror(errno));
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        status = error_set(err, ERR_NOINPUT, "%s is not a file", file);
        goto done;
    }
    if (st.st_mode & 077) {
        status = error_set(err, ERR_NOPERM,
                           "%s holds a secret but others than its owner may use it (mode %04o): chmod 600 it", file,
                           (unsigned)st.st_mode & 07777);
        goto done;
    }
    n = read_all(fd, text, 0);
    if (n < 0)
        status = error_set(err, ERR_NOINPUT, "%s can't be read: %s", file, strerror(errno));
    else if (n == SECRET_MAX)
        status =
            error_set(err, ERR_NOINPUT, "%s is too long for a secret: %d bytes are the limit", file, SECRET_MAX - 1);
    else
        status = take_line(text, (size_t)n, file, out, err);
done:
    explicit_bzero(text, sizeof text);
    if (fd >= 0)
        close(fd);
    return status;
}

/* In the child: stdin empty, stdout the pipe, default signals, the folder; then the program. */
static _Noreturn void run_child(char **argv, const char *folder, int out) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && (!folder || chdir(folder) == 0))
        execvp(argv[0], argv);
    _exit(127);
}

/* The child's wait status; a child that outlives the deadline is killed. */
static int wait_for(pid_t child, int64_t deadline) {
    int code = 0;
    for (;;) {
        pid_t pid = waitpid(child, &code, WNOHANG);
        if (pid == child || (pid < 0 && errno != EINTR))
            return code;
        if (stop_asked || clock_mono_ns() > deadline)
            kill(child, SIGKILL);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static enum status secret_of_command(const char *command, const char *folder, struct buf *out, struct error *err) {
    char text[SECRET_MAX];
    char **argv = NULL;
    size_t argc;
    int ends[2] = {-1, -1}, code = 0;
    pid_t child = -1;
    ssize_t n;
    const int64_t deadline = clock_mono_ns() + COMMAND_S * INT64_C(1000000000);
    enum status status = config_words(command, &argv, &argc, err);
    if (status != OK)
        goto done;
    if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
        status = error_set(err, ERR_OS, "%s can't be started: %s", argv[0], strerror(errno));
        goto done;
    }
    if (child == 0)
        run_child(argv, folder, ends[1]);
    close(ends[1]);
    ends[1] = -1;
    n = read_all(ends[0], text, deadline);
    if (n < 0 || n == SECRET_MAX) {
        status = stop_asked ? error_set(err, ERR_TEMP, "stopped by a signal")
                 : n < 0    ? error_set(err, ERR_UNAVAILABLE, "%s gave no secret: %s", argv[0], strerror(errno))
                            : error_set(err, ERR_NOINPUT, "%s prints too much for a secret: %d bytes are the limit",
                                        argv[0], SECRET_MAX - 1);
        kill(child, SIGKILL);
    }
    code = wait_for(child, deadline);
    if (status != OK)
        goto done;
    if (WIFEXITED(code) && WEXITSTATUS(code) == 127)
        status = error_set(err, ERR_UNAVAILABLE, "%s can't be run; is it installed and spelled right?", argv[0]);
    else if (!WIFEXITED(code) || WEXITSTATUS(code) != 0)
        status = error_set(err, ERR_UNAVAILABLE, "%s failed (%s %d)", argv[0], WIFEXITED(code) ? "exit" : "signal",
                           WIFEXITED(code) ? WEXITSTATUS(code) : WTERMSIG(code));
    else
        status = take_line(text, (size_t)n, argv[0], out, err);
done:
    explicit_bzero(text, sizeof text);
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    free(argv);
    return status;
}

enum status config_secret(const char *file, const char *command, const char *folder, struct buf *out,
                          struct error *err) {
    if (file)
        return secret_of_file(file, out, err);
    if (command)
        return secret_of_command(command, folder, out, err);
    return error_set(err, ERR_CONFIG, "no password_file and no password_command is set");
}
