#include "cmd/newsletter.h"

#include "base/log.h"
#include "dispatch/build.h"
#include "store/subscription.h"

static const struct table_column columns[] = {{"newsletter", 0},
                                              {"title", 0},
                                              {"from", 0},
                                              {"schedule", 0},
                                              {"cadences", 0},
                                              {"readers", TABLE_RIGHT},
                                              {"issues", TABLE_RIGHT},
                                              {"next_due_at", 0},
                                              {"next_articles", TABLE_RIGHT},
                                              {"next_readers", TABLE_RIGHT},
                                              {"approval", TABLE_JSON_ONLY},
                                              {"archive", TABLE_JSON_ONLY}};
enum { COLUMNS = sizeof columns / sizeof *columns };

const char *newsletter_cadence_name(unsigned kind) {
    static const char *const names[] = {"daily", "weekly", "monthly", "immediately", "manual"};
    return kind < 5 ? names[kind] : "?";
}

void newsletter_schedule(const struct config_schedule *s, struct buf *out) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    buf_adds(out, newsletter_cadence_name((unsigned)s->kind));
    if (s->kind == CONFIG_SCHEDULE_WEEKLY) {
        char sep = ' ';
        for (int i = 0; i < 7; i++) {
            int day = (s->first_weekday + i) % 7;
            if (s->weekdays & (1u << day)) {
                buf_addf(out, "%c%s", sep, days[day]);
                sep = ',';
            }
        }
    }
    if (s->kind == CONFIG_SCHEDULE_MONTHLY) {
        buf_addf(out, " %d", s->month_day);
    }
    if (s->kind <= CONFIG_SCHEDULE_MONTHLY) {
        buf_addf(out, " %02d:%02d", s->minute / 60, s->minute % 60);
    }
}

static json_t *cadences(const struct config_newsletter *n, struct buf *words) {
    json_t *list = json_array();
    for (unsigned k = 0; k < 5; k++) {
        if (n->cadences & CONFIG_CADENCE(k)) {
            (void)json_array_append_new(list, json_string(newsletter_cadence_name(k)));
            buf_addf(words, "%s%s", words->len ? ", " : "", newsletter_cadence_name(k));
        }
    }
    return list;
}

static enum status values(struct context *c, const struct config_newsletter *n, struct queue_newsletter *q,
                          struct error *err) {
    static const char *const archives[] = {"off", "unlisted", "public"};
    struct buf schedule = BUF_INIT;
    struct buf words = BUF_INIT;
    struct build_result next = {0};
    int64_t id = 0;
    int64_t readers = 0;
    enum status st = store_newsletter_find(c->site->store, str_from(n->name), &id, err);
    if (st == OK && id) {
        st = subscription_count(c->site->store, id, &readers, err);
    }
    if (st == OK && (st = queue_newsletter(c->site->queue, n->name, 0, q, err)) == ERR_NOINPUT) {
        *q = (struct queue_newsletter){0}; /* its section is new and nothing has run since */
        st = OK;
    }
    bool told = true;
    if (st == OK && (st = build_next(c->site, n, &next, err)) == ERR_CONFIG) {
        /* a newsletter that can't be built is shown all the same, and hides no other */
        log_warning("%s; what the next issue would hold is not known", err->text);
        told = false;
        st = OK;
    }
    if (st == OK) {
        newsletter_schedule(&n->schedule, &schedule);
        table_cstr(c->out, n->name);
        table_cstr(c->out, n->title);
        table_cstr(c->out, n->from);
        table_str(c->out, buf_str(&schedule));
        json_t *list = cadences(n, &words);
        table_json(c->out, list, buf_str(&words));
        table_int(c->out, readers);
        table_int(c->out, q->numbers);
        table_time(c->out, next.due_at);
        if (told) {
            table_int(c->out, next.articles);
            table_int(c->out, next.readers);
        } else {
            table_null(c->out);
            table_null(c->out);
        }
        table_bool(c->out, n->approval);
        table_cstr(c->out, archives[n->archive]);
    }
    buf_release(&schedule);
    buf_release(&words);
    return st;
}

enum status newsletter_list_run(struct context *c, struct error *err) {
    table_list(c->out, columns, COLUMNS);
    for (size_t i = 0; i < c->config->newsletters_n; i++) {
        struct queue_newsletter q;
        enum status st = values(c, &c->config->newsletters[i], &q, err);
        if (st != OK) {
            return st;
        }
        table_row(c->out);
    }
    return table_end(c->out, err);
}

static json_t *topics(const struct config_list *list, struct buf *words) {
    json_t *out = json_array();
    for (size_t i = 0; i < list->n; i++) {
        (void)json_array_append_new(out, table_json_str(str_from(list->items[i])));
        buf_addf(words, "%s%s", words->len ? ", " : "", list->items[i]);
    }
    return out;
}

enum status newsletter_show_run(struct context *c, struct error *err) {
    static const struct table_column more[] = {{"reply_to", 0},       {"list_id", 0}, {"template", 0},
                                               {"topics", 0},         {"where", 0},   {"configured_at", 0},
                                               {"first_built_at", 0}, {"since", 0}};
    struct table_column both[COLUMNS + sizeof more / sizeof *more];
    const struct config_newsletter *n;
    struct queue_newsletter q;
    struct buf words = BUF_INIT;
    enum status st = context_newsletter(c, c->line->args[0], &n, err);
    if (st != OK) {
        return st;
    }
    memcpy(both, columns, sizeof columns);
    memcpy(both + COLUMNS, more, sizeof more);
    for (size_t i = 0; i < COLUMNS; i++) {
        both[i].flags &= ~(unsigned)TABLE_JSON_ONLY;
    }
    table_object(c->out, both, sizeof both / sizeof *both);
    if ((st = values(c, n, &q, err)) == OK) {
        table_cstr(c->out, n->reply_to);
        table_cstr(c->out, n->list_id);
        table_cstr(c->out, n->template);
        json_t *list = topics(&n->topics, &words);
        table_json(c->out, list, buf_str(&words));
        table_cstr(c->out, n->where);
        table_time(c->out, q.configured_at);
        table_time(c->out, q.first_built_at);
        table_time(c->out, q.since);
        table_row(c->out);
    }
    buf_release(&words);
    return st != OK ? st : table_end(c->out, err);
}
