#include "cmd/intake.h"

#include "base/log.h"
#include "cmd/batch.h"
#include "cmd/outfile.h"
#include "cmd/progress.h"
#include "source/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOLD = 20, MAPS_MAX = COMMAND_GIVEN_MAX };

struct asking {
    struct context *c;
    struct progress bar;
    const struct intake_report *r;
};

static void on_progress(void *ctx, bool reading, int64_t done, int64_t of) {
    struct asking *a = ctx;
    progress_tell(&a->bar, reading ? "reading" : "taking in", done, of);
}

static enum status options(struct context *c, struct intake_options *o, const char **maps, struct error *err) {
    static const char *const ways[] = {"update", "fill", "keep"};
    const char *conflict = context_value(c, "on-conflict");
    const char *separator = context_value(c, "separator");
    const char *newsletter = context_value(c, "newsletter");
    const char *map;
    const struct config_newsletter *known;
    size_t at = 0, way = 0;
    enum status st = newsletter ? context_newsletter(c, newsletter, &known, err) : OK;
    while ((map = command_next(c->line, "map", &at)) != NULL) {
        maps[o->maps_n++] = map;
    }
    o->maps = maps;
    o->newsletter = newsletter ? newsletter : c->config->newsletters_n == 1 ? c->config->newsletters[0].name : NULL;
    o->encoding = context_value(c, "encoding");
    o->dry = context_flag(c, "dry-run");
    o->check_mx = context_flag(c, "check-mx");
    o->roll = (struct roll_options){
        .erased_key = c->site->erased_key, .actor = c->site->actor, .now = context_now(c), .conflict = ROLL_UPDATE};
    while (conflict && way < 3 && strcmp(conflict, ways[way]) != 0) {
        way++;
    }
    if (st == OK && way == 3) {
        st = error_set(err, ERR_USAGE, "--on-conflict %s: update, fill or keep is wanted", conflict);
    }
    o->roll.conflict = (enum roll_conflict)way;
    if (st == OK && separator) {
        o->separator = strcmp(separator, "tab") == 0 || strcmp(separator, "\\t") == 0 ? '\t' : separator[0];
        if ((separator[1] && o->separator != '\t') || !o->separator || o->separator == '"' ||
            (unsigned char)o->separator >= 0x80) {
            st = error_set(err, ERR_USAGE, "--separator %s: one character is wanted, or tab", separator);
        }
    }
    return st;
}

static void say_columns(const struct context *c, const struct intake_report *r) {
    for (size_t i = 0; i < r->columns_n; i++) {
        const struct heading_column *k = &r->columns[i];
        struct str title = k->title.len ? k->title : STR("(no heading)");
        if (k->what == HEADING_ATTRIBUTE) {
            context_say(c, "  %.*s -> attribute %.*s", STR_ARG(title), STR_ARG(k->name));
        } else {
            context_say(c, "  %.*s -> %s", STR_ARG(title),
                        k->what == HEADING_IGNORED ? "left out" : heading_name(k->what));
        }
    }
}

static enum status on_agree(void *ctx, int64_t rows, struct error *err) {
    struct asking *a = ctx;
    if (batch_asks(a->c, rows)) {
        progress_end(&a->bar);
        say_columns(a->c, a->r);
    }
    return batch_confirm(a->c, rows, "takes in", err);
}

static enum status say_json(struct context *c, const struct intake_report *r, struct error *err) {
    static const struct table_column columns[] = {{"added", 0},
                                                  {"updated", 0},
                                                  {"unchanged", 0},
                                                  {"refused", 0},
                                                  {"left", 0},
                                                  {"errors", TABLE_JSON_ONLY},
                                                  {"notes", TABLE_JSON_ONLY}};
    json_t *list = json_array(), *notes = json_array();
    for (size_t i = 0; i < r->errors_n; i++) {
        json_t *o = json_object();
        table_json_set(o, "line", json_integer(r->errors[i].line));
        table_json_set(o, "reason", table_json_str(r->errors[i].reason));
        (void)json_array_append_new(list, o);
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    table_int(c->out, r->added);
    table_int(c->out, r->updated);
    table_int(c->out, r->unchanged);
    table_int(c->out, r->refused);
    table_int(c->out, r->stays);
    table_json(c->out, list, STR_NONE);
    for (size_t i = 0; i < r->notes_n; i++) {
        (void)json_array_append_new(notes, table_json_str(r->notes[i]));
    }
    table_json(c->out, notes, STR_NONE);
    table_row(c->out);
    return table_end(c->out, err);
}

static void say(const struct context *c, const char *name, const struct intake_options *o,
                const struct intake_report *r) {
    if (o->dry || c->line->verbose) {
        context_say(c, "%s: %s in %s%s", name, r->json ? "JSON" : "CSV", r->encoding,
                    r->json                ? ""
                    : r->separator == ','  ? ", commas"
                    : r->separator == ';'  ? ", semicolons"
                    : r->separator == '\t' ? ", tabs"
                                           : "");
        say_columns(c, r);
    }
    for (size_t i = 0; i < r->errors_n && i < TOLD; i++) {
        log_error("%s:%lld: %.*s", name, (long long)r->errors[i].line, STR_ARG(r->errors[i].reason));
    }
    if (r->refused > TOLD) {
        log_error("%s: and %lld more", name, (long long)(r->refused - TOLD));
    }
    for (size_t i = 0; i < r->notes_n; i++) {
        log_warning("%s: %.*s", name, STR_ARG(r->notes[i]));
    }
    context_say(c, "%s%lld added, %lld changed, %lld as before, %lld refused", o->dry ? "would be: " : "",
                (long long)r->added, (long long)r->updated, (long long)r->unchanged, (long long)r->refused);
    if (r->stays) {
        context_say(c, "%lld of them left earlier and stay away", (long long)r->stays);
    }
    if (r->rejected) {
        context_say(c, "the refused rows are in %s, each with its reason: mend them there and import that file",
                    o->rejects);
    }
}

static enum status rejects_may(struct context *c, const struct intake_options *o, struct error *err) {
    struct stat in, out;
    if (fstat(o->fd, &in) == 0 && stat(o->rejects, &out) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
        return error_set(err, ERR_USAGE, "--rejects: %s is the list itself; name another file", o->rejects);
    }
    return outfile_may(c, o->rejects, err);
}

enum status intake_import_run(struct context *c, struct error *err) {
    const char *maps[MAPS_MAX];
    struct intake_options o = {.fd = STDIN_FILENO};
    struct intake_report r = {0};
    struct asking asking = {.c = c, .r = &r};
    char *path = arena_cstr(c->arena, context_arg(c, 0));
    bool pipe = strcmp(path, "-") == 0;
    const char *name = pipe ? "standard input" : path;
    struct buf rejects = BUF_INIT;
    enum status st = options(c, &o, maps, err);
    if (st == OK && !pipe && (o.fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    }
    if (st != OK) {
        return st;
    }
    o.rejects = context_value(c, "rejects");
    if (!o.rejects && !pipe) {
        buf_addf(&rejects, "%s.refused.csv", path);
        o.rejects = buf_cstr(&rejects);
    }
    if (o.rejects && ((st = rejects_may(c, &o, err)) != OK)) {
        goto done;
    }
    const char *slash = strrchr(path, '/');
    o.roll.origin = pipe ? STR("standard input") : str_from(slash ? slash + 1 : path);
    progress_begin(&asking.bar, c);
    o.progress = on_progress;
    o.agree = on_agree;
    o.ctx = &asking;
    st = intake_run(c->site->store, c->config, &o, &r, err);
    progress_end(&asking.bar);
    if (st != OK) {
        (void)error_prefix(err, "%s", name);
    } else if (c->line->json || c->line->csv) {
        st = say_json(c, &r, err);
    } else {
        say(c, name, &o, &r);
    }
    intake_report_release(&r);
done:
    if (!pipe) {
        (void)close(o.fd);
    }
    buf_release(&rejects);
    return st;
}
