#include "cmd/source.h"

#include "base/log.h"
#include "cmd/log.h"
#include "dispatch/rest.h"
#include "queue/issue.h"
#include "source/source.h"

static const char *type_name(enum config_source_type t) {
    static const char *const names[] = {"sqlite", "feed", "files", "command"};
    return (unsigned)t < 4 ? names[t] : "?";
}

enum status source_list_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"source", 0},    {"type", 0}, {"newsletter", 0}, {"articles", TABLE_RIGHT}, {"subscribers", TABLE_RIGHT},
        {"synced_at", 0}, {"held", 0}, {"error", 0},      {"next_try_at", 0}};
    enum status st = OK;
    table_list(c->out, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < c->config->sources_n; i++) {
        const struct config_source *s = &c->config->sources[i];
        struct import_state state;
        struct rest rest;
        if ((st = import_state(c->site->store, str_from(s->name), c->arena, &state, err)) != OK ||
            (st = rest_get(c->site, s, c->arena, &rest, err)) != OK) {
            return st;
        }
        table_cstr(c->out, s->name);
        table_cstr(c->out, type_name(s->type));
        table_cstr(c->out, s->newsletter ? s->newsletter->name : NULL);
        table_int(c->out, state.articles);
        table_int(c->out, state.people);
        table_time(c->out, state.synced_at);
        table_str(c->out, state.held);
        struct str name = arena_printf(c->arena, "source %s: ", s->name); /* which stands in the first column */
        struct str why = rest.sentence;
        table_str(c->out, !rest.failures ? STR_NONE : str_starts(why, name) ? str_sub(why, name.len, why.len) : why);
        table_time(c->out, rest.until);
        table_row(c->out);
        arena_reset(c->arena);
    }
    return table_end(c->out, err);
}

/* The counts as JSON, and in words without those that are 0. */
static json_t *counts(const struct source_counts *n, bool people, struct buf *words) {
    const struct {
        const char *name;
        int64_t value;
        bool there;
    } list[] = {{"new", n->added, true},       {"changed", n->changed, true},       {"unchanged", n->unchanged, true},
                {"refused", n->refused, true}, {"duplicate", n->duplicate, people}, {"removed", n->removed, true}};
    json_t *o = json_object();
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (list[i].there) {
            table_json_set(o, list[i].name, json_integer(list[i].value));
            if (list[i].value) {
                buf_addf(words, "%s%lld %s", words->len ? ", " : "", (long long)list[i].value, list[i].name);
            }
        }
    }
    if (!words->len) {
        buf_adds(words, "none");
    }
    return o;
}

static const char *kind_name(enum import_kind k) {
    return k == IMPORT_ARTICLE ? "article" : "subscriber";
}

static json_t *refusals(const struct source_report *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->refused_n; i++) {
        json_t *o = json_object();
        table_json_set(o, "kind", json_string(kind_name(r->refused[i].kind)));
        table_json_set(o, "id", table_json_str(r->refused[i].id));
        table_json_set(o, "reason", table_json_str(r->refused[i].reason));
        (void)json_array_append_new(list, o);
    }
    return list;
}

static void print_report(struct context *c, const struct config_source *source, const struct source_report *r,
                         const char *failure) {
    struct buf words = BUF_INIT;
    struct table *t = c->out;
    json_t *o;
    struct str instead = failure ? STR("not read") : r->held.ptr ? STR("held") : STR_NONE;
    table_cstr(t, source->name);
    o = counts(&r->articles, false, &words);
    table_json(t, o, instead.ptr ? instead : buf_str(&words));
    buf_clear(&words);
    o = counts(&r->people, true, &words);
    table_json(t, o, instead.ptr ? instead : buf_str(&words));
    table_json(t, refusals(r), STR_NONE);
    table_str(t, r->held);
    table_cstr(t, failure);
    table_row(t);
    buf_release(&words);
}

/* What people see beside the table: on standard error, since a sync's refused rows are what cron should mail. */
static void print_sentences(struct context *c, const struct config_source *source, const struct source_report *r) {
    for (size_t i = 0; i < r->notes_n; i++) {
        log_warning("source %s: %.*s", source->name, STR_ARG(r->notes[i]));
    }
    for (size_t i = 0; i < r->refused_n && !c->line->json; i++) {
        log_warning("source %s: %s %.*s%srefused: %.*s", source->name, kind_name(r->refused[i].kind),
                    STR_ARG(r->refused[i].id), r->refused[i].id.len ? " " : "", STR_ARG(r->refused[i].reason));
    }
    int64_t all = r->articles.refused + r->people.refused;
    if (all > (int64_t)r->refused_n) {
        log_warning("source %s: %lld more rows refused", source->name, (long long)(all - (int64_t)r->refused_n));
    }
}

enum status source_sync_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"source", 0},
                                                  {"articles", 0},
                                                  {"subscribers", 0},
                                                  {"refused", TABLE_JSON_ONLY},
                                                  {"held", TABLE_JSON_ONLY},
                                                  {"error", TABLE_JSON_ONLY}};
    const char *only = c->line->args_n ? c->line->args[0] : NULL;
    struct source_options o = {.accept = context_flag(c, "accept"), .always = true, .erased_key = c->site->erased_key};
    enum status worst = OK;
    enum status st;
    if (only && !config_source_named(c->config, only)) {
        return error_set(err, ERR_NOINPUT, "there is no source '%s'; 'courant source list' names them", only);
    }
    if ((st = site_act(c->site, err)) != OK || (st = issue_last_built(c->site->queue, &o.last_issue_at, err)) != OK) {
        return st;
    }
    table_list(c->out, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < c->config->sources_n; i++) {
        const struct config_source *source = &c->config->sources[i];
        if (only && strcmp(only, source->name) != 0) {
            continue;
        }
        struct source_report r;
        struct error why = {0};
        st = source_sync(c->site->store, c->config, source, &c->clock, &o, &r, &why);
        if (st != OK) {
            log_error("%s", why.text);
        } else if (r.held.ptr) {
            log_error("source %s: %.*s", source->name, STR_ARG(r.held));
            st = ERR_DATA;
        } else {
            st = rest_over(c->site, source, err);
        }
        print_sentences(c, source, &r);
        if (!c->quiet || c->line->json) {
            print_report(c, source, &r, why.text[0] ? why.text : NULL);
        }
        source_report_release(&r);
        worst = worst == OK ? st : worst;
    }
    if (o.accept) {
        log_command(c);
    }
    if (c->line->quiet && !c->line->json) {
        return worst;
    }
    st = table_end(c->out, err);
    return worst != OK ? worst : st;
}
