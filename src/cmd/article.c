#include "cmd/article.h"

#include "render/article.h"
#include "store/article.h"

enum { PAGE = 200 };

static const struct table_column columns[] = {{"id", TABLE_RIGHT},
                                              {"source", 0},
                                              {"source_id", 0},
                                              {"published_at", 0},
                                              {"language", TABLE_JSON_ONLY},
                                              {"topic", 0},
                                              {"author", TABLE_JSON_ONLY},
                                              {"title", 0},
                                              {"url", TABLE_JSON_ONLY},
                                              {"summary", TABLE_JSON_ONLY},
                                              {"flags", TABLE_TEXT_ONLY},
                                              {"pinned", TABLE_JSON_ONLY},
                                              {"excluded", TABLE_JSON_ONLY},
                                              {"withdrawn_at", TABLE_JSON_ONLY},
                                              {"arrival", TABLE_JSON_ONLY}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void values(struct table *t, const struct article *a, struct buf *flags) {
    buf_clear(flags);
    buf_adds(flags, a->pinned ? "pinned" : "");
    buf_adds(flags, a->excluded ? (flags->len ? ", excluded" : "excluded") : "");
    buf_adds(flags, a->withdrawn_at ? (flags->len ? ", removed" : "removed") : "");
    buf_adds(flags, a->arrival ? "" : (flags->len ? ", to come" : "to come"));
    table_int(t, a->id);
    table_str(t, a->source);
    table_str(t, a->source_id);
    table_time(t, a->published_at);
    table_str(t, a->language);
    table_str(t, a->topic);
    table_str(t, a->author);
    table_str(t, a->title);
    table_str(t, a->url);
    table_str(t, a->summary);
    table_str(t, buf_str(flags));
    table_bool(t, a->pinned);
    table_bool(t, a->excluded);
    table_time(t, a->withdrawn_at);
    table_id(t, a->arrival);
}

enum status article_list_run(struct context *c, struct error *err) {
    bool all = context_flag(c, "all");
    int64_t after = 0;
    enum status st = OK;
    struct buf flags = BUF_INIT;
    table_list(c->out, columns, COLUMNS);
    while (!table_failed(c->out)) {
        struct article *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = article_list(c->site->store, after, PAGE, all, c->arena, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            values(c->out, &rows[i], &flags);
            table_row(c->out);
        }
        after = rows[n - 1].id;
    }
    buf_release(&flags);
    return st != OK ? st : table_end(c->out, err);
}

enum status article_show_run(struct context *c, struct error *err) {
    struct table_column all[COLUMNS + 3];
    int64_t id = 0;
    bool found = false;
    struct article a;
    struct article_output shown;
    struct plain_links links;
    struct buf text = BUF_INIT;
    struct buf flags = BUF_INIT;
    enum status st = context_number(context_arg(c, 0), 1, "an article's id", &id, err);
    if (st != OK || (st = article_get(c->site->store, id, c->arena, &found, &a, err)) != OK) {
        return st;
    }
    if (!found) {
        return error_set(err, ERR_NOINPUT, "there is no article %lld", (long long)id);
    }
    struct article_input in = {.title = a.title,
                               .summary = a.summary,
                               .body = a.body,
                               .body_format = a.format,
                               .lang = a.language.ptr ? a.language.ptr : c->config->site.language,
                               .url = a.url};
    plain_links_init(&links, c->arena);
    struct article_options o = {.mode = ARTICLE_FULL, .images = IMAGES_LINK, .links = &links};
    if ((st = article_render(&in, &o, c->arena, &shown, err)) != OK) {
        return error_prefix(err, "article %lld", (long long)id);
    }
    buf_add(&text, shown.body_text);
    if (links.count) {
        buf_addc(&text, '\n');
        plain_links_write(&links, 1, &text);
    }
    memcpy(all, columns, sizeof columns);
    for (size_t i = 0; i < COLUMNS; i++) {
        all[i].flags &= ~(unsigned)TABLE_JSON_ONLY;
    }
    all[COLUMNS] = (struct table_column){"body_format", 0};
    all[COLUMNS + 1] = (struct table_column){"html", TABLE_JSON_ONLY};
    all[COLUMNS + 2] = (struct table_column){"text", TABLE_BLOCK};
    table_object(c->out, all, COLUMNS + 3);
    values(c->out, &a, &flags);
    table_cstr(c->out, article_format_name(a.format));
    table_str(c->out, shown.body_html);
    table_str(c->out, buf_str(&text));
    table_row(c->out);
    buf_release(&text);
    buf_release(&flags);
    return table_end(c->out, err);
}

static enum status set_flag(struct context *c, enum article_flag flag, const char *on, const char *off,
                            struct error *err) {
    bool take_back = context_flag(c, "off");
    int64_t changed = 0;
    for (size_t i = 0; i < c->line->args_n; i++) {
        int64_t id = 0;
        bool found = false;
        enum status st = context_number(context_arg(c, i), 1, "an article's id", &id, err);
        if (st == OK) {
            st = article_set_flag(c->site->store, id, flag, !take_back, c->site->actor, context_now(c), &found, err);
        }
        if (st == OK && !found) {
            st = error_set(err, ERR_NOINPUT, "there is no article %lld", (long long)id);
        }
        if (st != OK) {
            return st;
        }
        context_say(c, "article %lld is %s", (long long)id, take_back ? off : on);
        changed++;
    }
    return context_count(c, "changed", changed, err);
}

enum status article_remove_run(struct context *c, struct error *err) {
    return set_flag(c, ARTICLE_WITHDRAWN, "removed", "there again", err);
}

enum status article_pin_run(struct context *c, struct error *err) {
    return set_flag(c, ARTICLE_PINNED, "pinned", "not pinned", err);
}

enum status article_exclude_run(struct context *c, struct error *err) {
    return set_flag(c, ARTICLE_EXCLUDED, "excluded", "not excluded", err);
}
