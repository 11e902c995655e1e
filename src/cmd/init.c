#include "cmd/init.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* conf/courant.ini, compiled in. */
static const struct {
    const char *name, *text;
    size_t len;
} example[] = {
#include "example.inc"
};

/* Writes the example to PATH. A file that is there is left alone. */
static enum status write_example(const char *path, struct error *err) {
    enum status st = OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return error_set(err, ERR_CANTCREATE, "%s can't be made: %s", path, strerror(errno));
    }
    size_t done = 0;
    while (done < example[0].len && st == OK) {
        ssize_t n = write(fd, example[0].text + done, example[0].len - done);
        if (n < 0 && errno != EINTR) {
            st = error_set(err, ERR_IO, "%s can't be written: %s", path, strerror(errno));
        }
        done += n > 0 ? (size_t)n : 0;
    }
    /* it holds no secret: others may read it, whatever the umask */
    if (st == OK && (fchmod(fd, 0644) != 0 || fsync(fd) != 0)) {
        st = error_set(err, ERR_IO, "%s can't be written: %s", path, strerror(errno));
    }
    if (close(fd) != 0 && st == OK) {
        st = error_set(err, ERR_IO, "%s can't be written: %s", path, strerror(errno));
    }
    if (st != OK) {
        (void)unlink(path);
    }
    return st;
}

enum status init_run(struct context *c, struct error *err) {
    const char *path = context_config_path(c->line);
    struct config_errors errors = CONFIG_ERRORS_INIT;
    struct buf made = BUF_INIT;
    bool wrote = false;
    int64_t lines = 0;
    enum status st = OK;
    if (!path) {
        path = "courant.ini";
    }
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        if ((st = write_example(path, err)) != OK) {
            return st;
        }
        wrote = true;
    }
    st = config_load(path, &c->config, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        log_error("%s", errors.list[i].text);
    }
    config_errors_release(&errors);
    if (st == OK) {
        st = site_init(c->config, &c->clock, &made, err);
    }
    if (wrote) {
        context_say(c, "wrote %s: edit it, above all the lines marked (1) to (10), then run 'courant check'", path);
    }
    struct str rest = buf_str(&made);
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        if (line.len) {
            context_say(c, "%.*s", STR_ARG(line));
            lines += line.ptr[0] != ' ';
        }
    }
    if (st == OK && !wrote && !made.len) {
        context_say(c, "all is there already");
    }
    if (st == OK) {
        st = context_count(c, "made", lines + wrote, err);
    }
    buf_release(&made);
    return st;
}
