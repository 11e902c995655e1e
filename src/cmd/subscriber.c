#include "cmd/subscriber.h"

#include "cmd/find.h"
#include "cmd/newsletter.h"
#include "cmd/person.h"
#include "store/preference.h"

enum { PAGE = 200 };

const struct table_column subscriber_columns[SUBSCRIBER_COLUMNS] = {
    {"id", TABLE_RIGHT}, {"email", 0}, {"name", 0}, {"language", 0}, {"status", 0}, {"subscriptions", 0}};

/* The subscriptions as JSON (DETAILS: with what show adds), and in words. */
static enum status subscriptions(struct context *c, int64_t id, bool details, json_t **out, struct buf *words,
                                 struct error *err) {
    struct subscription *rows;
    size_t n;
    enum status st = subscription_list(c->site->store, id, c->arena, &rows, &n, err);
    if (st != OK) {
        return st;
    }
    *out = c->line->json ? json_array() : NULL;
    buf_clear(words);
    for (size_t i = 0; i < n; i++) {
        const char *cadence =
            rows[i].cadence == CADENCE_DEFAULT ? NULL : newsletter_cadence_name((unsigned)rows[i].cadence);
        if (!*out) {
            buf_addf(words, "%s%.*s %s", words->len ? ", " : "", STR_ARG(rows[i].newsletter_name),
                     subscription_status_name(rows[i].status));
            if (cadence) {
                buf_addf(words, " %s", cadence);
            }
            continue;
        }
        json_t *o = json_object();
        table_json_set(o, "newsletter", table_json_str(rows[i].newsletter_name));
        table_json_set(o, "status", json_string(subscription_status_name(rows[i].status)));
        table_json_set(o, "cadence", table_json_str(str_from(cadence)));
        table_json_set(o, "topics", table_json_topics(rows[i].topics));
        if (details) {
            table_json_set(o, "language", table_json_str(rows[i].language));
            table_json_set(o, "format", table_json_str(str_from(preference_format_name(rows[i].format))));
            table_json_set(o, "body", table_json_str(str_from(preference_body_name(rows[i].body))));
            table_json_set(o, "paused_until", table_json_time(rows[i].paused_until));
            table_json_set(o, "status_at", table_json_time(rows[i].status_at));
            table_json_set(o, "joined_at", table_json_time(rows[i].joined_at));
            table_json_set(o, "source", table_json_str(rows[i].source));
        }
        (void)json_array_append_new(*out, o);
    }
    return OK;
}

enum status subscriber_values(struct context *c, const struct subscriber *s, bool details, struct buf *words,
                              struct error *err) {
    json_t *list = NULL;
    enum status st = subscriptions(c, s->id, details, &list, words, err);
    if (st != OK) {
        return st;
    }
    table_int(c->out, s->id);
    table_str(c->out, s->email);
    table_str(c->out, s->name);
    table_str(c->out, s->language);
    table_cstr(c->out, subscriber_status_name(s->status));
    table_json(c->out, list, buf_str(words));
    return OK;
}

enum status subscriber_list_run(struct context *c, struct error *err) {
    struct search search;
    int64_t after = 0;
    int64_t left = INT64_MAX;
    struct buf words = BUF_INIT;
    enum status st = find_options(c, &search, err);
    if (st == OK && context_value(c, "limit")) {
        st = context_number(str_from(context_value(c, "limit")), 1, "a number of rows", &left, err);
    }
    table_list(c->out, subscriber_columns, SUBSCRIBER_COLUMNS);
    while (st == OK && left > 0 && !table_failed(c->out)) {
        struct subscriber *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = search_page(c->site->store, &search, after, left < PAGE ? (size_t)left : PAGE, c->arena, &rows, &n,
                              err)) != OK ||
            n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            if ((st = subscriber_values(c, &rows[i], false, &words, err)) == OK) {
                table_row(c->out);
            }
        }
        after = rows[n - 1].id;
        left -= (int64_t)n;
    }
    buf_release(&words);
    return st != OK ? st : table_end(c->out, err);
}
