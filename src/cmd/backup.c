#include "cmd/backup.h"

#include "cmd/outfile.h"
#include "dispatch/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether PATH may be replaced unasked: an older backup (a tar archive that begins with its README), or nothing. */
static bool is_ours(const char *path) {
    char head[512];
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno != EACCES;
    }
    bool ours = fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size == 0 ||
                (read(fd, head, sizeof head) == sizeof head && memcmp(head, "README", 7) == 0 &&
                 memcmp(head + 257, "ustar", 5) == 0);
    (void)close(fd);
    return ours;
}

/* An older backup stays until this one is whole. */
static enum status to_file(struct context *c, const char *path, int64_t *size, struct error *err) {
    struct outfile o;
    enum status st = outfile_begin(c, path, &o, err);
    if (st == OK && !c->line->force && !is_ours(path)) {
        st =
            error_set(err, ERR_CANTCREATE, "%s is there and no backup of courant; name another file, or --force", path);
    }
    if (st == OK) {
        st = backup_write(c->config, path, context_now(c), o.f, err);
    }
    return outfile_end(&o, st, size, err);
}

enum status backup_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"file", 0}, {"bytes", 0}};
    const char *path = c->line->args[0];
    int64_t size = 0;
    if (strcmp(path, "-") == 0) {
        if (c->line->json) {
            return error_set(err, ERR_USAGE, "standard output can't hold a backup and JSON; name a file");
        }
        if (isatty(STDOUT_FILENO)) {
            return error_set(err, ERR_USAGE,
                             "a backup is nothing to read: name a file, or 'courant backup - | age ...'");
        }
        return backup_write(c->config, c->config->database.path, context_now(c), stdout, err);
    }
    enum status st = to_file(c, path, &size, err);
    if (st != OK) {
        return st;
    }
    context_say(c, "%s holds both databases (%lld bytes); keep it where only you can read it", path, (long long)size);
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, 2);
    table_cstr(c->out, path);
    table_int(c->out, size);
    table_row(c->out);
    return table_end(c->out, err);
}
