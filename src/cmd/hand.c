#include "cmd/hand.h"

#include "base/log.h"
#include "source/hand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum status read_text(const char *name, struct buf *out, struct error *err) {
    bool standard = strcmp(name, "-") == 0;
    FILE *f = standard ? stdin : fopen(name, "re");
    enum status st = OK;
    if (!f) {
        return error_set(err, ERR_NOINPUT, "%s can't be read: %s", name, strerror(errno));
    }
    while (buf_reserve(out, 65536) && out->len <= HAND_MAX) {
        size_t n = fread(out->ptr + out->len, 1, 65536, f);
        out->len += n;
        if (n == 0) {
            break;
        }
    }
    if (ferror(f)) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", name, strerror(errno));
    } else if (out->failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else if (out->len > HAND_MAX) {
        st = error_set(err, ERR_DATA, "%s is larger than %d MB", name, HAND_MAX >> 20);
    }
    if (!standard) {
        (void)fclose(f);
    }
    return st;
}

static struct str option(const struct context *c, const char *name) {
    return str_from(context_value(c, name));
}

static enum status print_report(struct context *c, const struct source_report *r, int64_t last, struct error *err) {
    static const struct table_column columns[] = {{"new", TABLE_RIGHT},       {"changed", TABLE_RIGHT},
                                                  {"unchanged", TABLE_RIGHT}, {"refused", TABLE_RIGHT},
                                                  {"id", TABLE_RIGHT},        {"errors", TABLE_JSON_ONLY}};
    json_t *errors = json_array();
    for (size_t i = 0; i < r->refused_n; i++) {
        json_t *o = json_object();
        table_json_set(o, "id", table_json_str(r->refused[i].id));
        table_json_set(o, "reason", table_json_str(r->refused[i].reason));
        (void)json_array_append_new(errors, o);
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    table_int(c->out, r->articles.added);
    table_int(c->out, r->articles.changed);
    table_int(c->out, r->articles.unchanged);
    table_int(c->out, r->articles.refused);
    table_id(c->out, last);
    table_json(c->out, errors, STR_NONE);
    table_row(c->out);
    return table_end(c->out, err);
}

static void say(const struct context *c, const struct source_report *r, int64_t last, bool dry) {
    const struct source_counts *n = &r->articles;
    int64_t all = n->added + n->changed + n->unchanged;
    const char *would = dry ? "would be " : "";
    if (all == 1) {
        const char *what = n->added ? "added" : n->changed ? "changed" : "as it was";
        if (dry && n->added) { /* its number is given to another one later */
            context_say(c, "the article would be added");
        } else {
            context_say(c, "article %lld %s%s%s", (long long)last,
                        n->unchanged ? "is "
                        : dry        ? ""
                                     : "was ",
                        n->unchanged ? "" : would, what);
        }
    } else if (all) {
        context_say(c, "%lld articles %sadded, %lld changed, %lld as they were", (long long)n->added, would,
                    (long long)n->changed, (long long)n->unchanged);
    }
}

enum status article_add_run(struct context *c, struct error *err) {
    const char *name = c->line->args_n ? c->line->args[0] : NULL;
    struct hand_options o = {.id = option(c, "id"),
                             .title = option(c, "title"),
                             .url = option(c, "url"),
                             .topic = option(c, "topic"),
                             .language = option(c, "language"),
                             .date = option(c, "date"),
                             .author = option(c, "author"),
                             .summary = option(c, "summary"),
                             .image = option(c, "image"),
                             .image_alt = option(c, "image-alt"),
                             .format = option(c, "format"),
                             .name = name && strcmp(name, "-") != 0 ? name : NULL,
                             .actor = c->site->actor,
                             .dry = context_flag(c, "dry-run")};
    struct source_report r = {0};
    struct buf text = BUF_INIT;
    int64_t last = 0;
    enum status st = OK;
    if (!name && !o.title.len) {
        return error_set(err, ERR_USAGE, "an article needs a file, - for standard input, or --title");
    }
    if ((st = name ? read_text(name, &text, err) : OK) != OK || (st = site_act(c->site, err)) != OK) {
        goto done;
    }
    st = hand_add(c->site->store, c->config, &c->clock, buf_str(&text), &o, &r, &last, err);
    if (st != OK) {
        (void)error_prefix(err, "%s", name && *name != '-' ? name : "the article");
        goto done;
    }
    for (size_t i = 0; i < r.notes_n; i++) {
        log_warning("%.*s", STR_ARG(r.notes[i]));
    }
    for (size_t i = 0; i < r.refused_n && !c->line->json; i++) {
        log_error("article %.*s%srefused: %.*s", STR_ARG(r.refused[i].id), r.refused[i].id.len ? " " : "",
                  STR_ARG(r.refused[i].reason));
    }
    say(c, &r, last, o.dry);
    st = c->line->json ? print_report(c, &r, last, err) : OK;
    if (st == OK && r.articles.refused) {
        err->text[0] = 0; /* said above */
        st = ERR_DATA;
    }
done:
    source_report_release(&r);
    buf_release(&text);
    return st;
}
