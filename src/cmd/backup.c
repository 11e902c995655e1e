#include "cmd/backup.h"

#include "cmd/outfile.h"
#include "dispatch/backup.h"

#include <unistd.h>

/* An older backup stays until this one is whole. */
static enum status to_file(struct context *c, const char *path, int64_t *size, struct error *err) {
    struct outfile o;
    enum status st = outfile_begin(c, path, &o, err);
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
