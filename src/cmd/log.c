#include "cmd/log.h"

#include "base/log.h"
#include "cmd/person.h"
#include "store/audit.h"
#include "text/moment.h"

enum { PAGE = 500 };

enum status log_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"id", TABLE_JSON_ONLY},     {"at", 0},    {"actor", 0}, {"action", 0},
        {"subscriber", TABLE_RIGHT}, {"email", 0}, {"detail", 0}};
    const char *since = context_value(c, "since"), *person = context_value(c, "subscriber");
    struct audit_filter f = {.action = str_from(context_value(c, "action"))};
    struct str who;
    struct error why = {0};
    int64_t after = 0;
    size_t n = PAGE;
    enum status st = OK;
    if (since && moment_parse(str_from(since), c->site->zone, &f.since, &why) != OK) {
        return error_set(err, ERR_USAGE, "--since %s: %s", since, why.text);
    }
    if (person && ((st = person_address(str_from(person), c->arena, &who, err)) != OK ||
                   (st = person_find(c, who, &f.subscriber, err)) != OK)) {
        return st;
    }
    table_list(c->out, columns, sizeof columns / sizeof *columns);
    while (st == OK && n == PAGE && !table_failed(c->out)) {
        struct audit_row *rows;
        arena_reset(c->arena);
        st = audit_list(c->site->store, &f, after, PAGE, c->arena, &rows, &n, err);
        for (size_t i = 0; st == OK && i < n; i++) {
            table_int(c->out, rows[i].id);
            table_time(c->out, rows[i].at);
            table_str(c->out, rows[i].actor);
            table_str(c->out, rows[i].action);
            table_id(c->out, rows[i].subscriber);
            table_str(c->out, rows[i].email);
            table_str(c->out, rows[i].detail);
            table_row(c->out);
            after = rows[i].id;
        }
    }
    return st != OK ? st : table_end(c->out, err);
}

void log_command(struct context *c) {
    const struct command_line *line = c->line;
    struct buf action = BUF_INIT, detail = BUF_INIT;
    const struct command_option *o = command_of(line)->options;
    struct error err = {0};
    if (!c->site) {
        return;
    }
    for (size_t i = 1; i < line->depth; i++) {
        buf_addf(&action, "%s%s", i > 1 ? " " : "", line->path[i]->name);
    }
    for (size_t i = 0; i < line->args_n; i++) {
        if (!strchr(line->args[i], '@') && strcmp(line->args[i], "-") != 0) {
            buf_addf(&detail, "%s%s", detail.len ? " " : "", line->args[i]);
        }
    }
    for (; o && o->name; o++) {
        const char *value = command_value(line, o->name);
        /* words of the editor's are no part of it */
        if (value && (!o->value || strcmp(o->value, "TEXT") != 0) && !strchr(value, '@')) {
            buf_addf(&detail, "%s--%s%s%s", detail.len ? " " : "", o->name, value[0] ? " " : "", value);
        }
    }
    if (audit_add(c->site->store, context_now(c), c->site->actor, buf_cstr(&action), 0,
                  detail.len ? buf_str(&detail) : STR_NONE, &err) != OK) {
        log_warning("the audit log has no line for this: %s", err.text);
    }
    buf_release(&action);
    buf_release(&detail);
}
