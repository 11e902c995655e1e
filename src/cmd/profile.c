#include "cmd/profile.h"

#include "cmd/person.h"
#include "cmd/subscriber.h"
#include "dispatch/rights.h"
#include "store/preference.h"

enum { LAST = 10 }; /* of what can be long: a screen's worth; --json has all */

static const struct table_column more[] = {{"given_name", 0},
                                           {"timezone", 0},
                                           {"format", 0},
                                           {"attributes", 0},
                                           {"created_at", 0},
                                           {"updated_at", 0},
                                           {"suppression", 0},
                                           {"deliveries", TABLE_JSON_ONLY},
                                           {"attempts", TABLE_JSON_ONLY},
                                           {"consent", TABLE_JSON_ONLY},
                                           {"messages", TABLE_JSON_ONLY},
                                           {"changes", TABLE_JSON_ONLY},
                                           {"newsletters", TABLE_TEXT_ONLY | TABLE_BLOCK},
                                           {"issues", TABLE_TEXT_ONLY | TABLE_BLOCK},
                                           {"troubles", TABLE_TEXT_ONLY | TABLE_BLOCK},
                                           {"history", TABLE_TEXT_ONLY | TABLE_BLOCK}};
enum { MORE = sizeof more / sizeof *more };

/* Adds member NAME of O as people write it, BEFORE it; nothing where it is absent. */
static void add(struct buf *b, const char *before, const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    struct str s = {json_string_value(v), json_string_length(v)};
    bool time = s.len == 20 && s.ptr[10] == 'T' && s.ptr[19] == 'Z';
    if (json_is_integer(v)) {
        buf_addf(b, "%s%lld", before, (long long)json_integer_value(v));
    } else if (time) {
        buf_addf(b, "%s%.10s %.5sZ", before, s.ptr, s.ptr + 11);
    } else if (s.len) {
        buf_addf(b, "%s%.*s", before, STR_ARG(s));
    }
}

/* The heading, and where the last ones begin. */
static size_t head(struct buf *b, const char *title, size_t n) {
    size_t from = n > LAST ? n - LAST : 0;
    if (n) {
        buf_addf(b, "%s", title);
        if (from) {
            buf_addf(b, " (the last %d of %zu)", LAST, n);
        }
        buf_addc(b, '\n');
    }
    return from;
}

static void newsletters(const json_t *held, struct buf *b) {
    const json_t *list = json_object_get(held, "subscriptions"), *consents = json_object_get(held, "consent");
    (void)head(b, "Newsletters", json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        bool last = true; /* of those that were made one */
        for (size_t k = i + 1; k < json_array_size(list); k++) {
            last = last && !json_equal(json_object_get(json_array_get(list, k), "newsletter"),
                                       json_object_get(s, "newsletter"));
        }
        add(b, "  ", s, "newsletter");
        if (json_array_size(json_object_get(held, "person")) > 1) {
            add(b, ", as subscriber ", s, "subscriber");
        }
        add(b, ": ", s, "status");
        add(b, " since ", s, "status_at");
        add(b, ", until ", s, "paused_until");
        add(b, ", joined ", s,
            json_is_string(json_object_get(s, "source_joined_at")) ? "source_joined_at" : "joined_at");
        add(b, "; topics ", s, "topics");
        add(b, "; ", s, "cadence");
        add(b, "; language ", s, "language");
        add(b, "; ", s, "format");
        add(b, "; ", s, "body");
        buf_addc(b, '\n');
        for (size_t k = 0; k < json_array_size(consents) && last; k++) {
            const json_t *c = json_array_get(consents, k);
            if (json_equal(json_object_get(c, "newsletter"), json_object_get(s, "newsletter"))) {
                add(b, "    consent: ", c, "how");
                add(b, " ", c, "origin");
                add(b, ", ", c, "at");
                add(b, ", by ", c, "actor");
                add(b, "; confirmed ", c, "answered_at");
                add(b, " by ", c, "answered_by");
                buf_addc(b, '\n');
            }
        }
    }
}

static void issues(const json_t *held, struct buf *b) {
    const json_t *list = json_object_get(held, "deliveries");
    for (size_t n = json_array_size(list), i = head(b, "Issues", n); i < n; i++) {
        const json_t *d = json_array_get(list, i);
        add(b, "  ", d, "at");
        add(b, "  #", d, "issue");
        add(b, " ", d, "newsletter");
        add(b, "  ", d, "state");
        add(b, " ", d, "code");
        add(b, " ", d, "status");
        add(b, " via ", d, "relay");
        add(b, "  ", d, "subject");
        buf_addc(b, '\n');
    }
}

static void troubles(const json_t *held, struct buf *b) {
    const json_t *list = json_object_get(held, "attempts");
    for (size_t n = json_array_size(list), i = head(b, "Attempts that were not accepted", n); i < n; i++) {
        const json_t *a = json_array_get(list, i);
        add(b, "  ", a, "at");
        add(b, "  #", a, "issue");
        add(b, "  ", a, "outcome");
        add(b, " ", a, "code");
        add(b, " ", a, "status");
        add(b, "  ", a, "reply");
        buf_addc(b, '\n');
    }
}

static void history(const json_t *held, struct buf *b) {
    const json_t *list = json_object_get(held, "changes");
    for (size_t n = json_array_size(list), i = head(b, "History", n); i < n; i++) {
        const json_t *a = json_array_get(list, i);
        add(b, "  ", a, "at");
        add(b, "  ", a, "actor");
        add(b, ": ", a, "action");
        add(b, " ", a, "detail");
        buf_addc(b, '\n');
    }
}

/* The suppression in one line; absent: none. */
static struct str suppression(const json_t *held, struct arena *a, struct buf *b) {
    const json_t *s = json_array_get(json_object_get(held, "suppressions"), 0);
    buf_clear(b);
    if (s) {
        add(b, "", s, "reason");
        add(b, " since ", s, "at");
        add(b, ", until ", s, "until");
        add(b, ": ", s, "note");
    }
    return b->len ? arena_str(a, buf_str(b)) : STR_NONE;
}

static json_t *all_of(const json_t *held, const char *name) {
    json_t *list = json_object_get(held, name);
    return list ? json_incref(list) : json_array();
}

static void block(struct context *c, const json_t *held, void (*write)(const json_t *, struct buf *), struct buf *b) {
    buf_clear(b);
    write(held, b);
    table_str(c->out, b->len ? buf_str(b) : STR_NONE);
}

static void print_more(struct context *c, const struct subscriber *s, const json_t *held, struct buf *b) {
    json_t *attributes =
        c->line->json && s->attributes.ptr ? json_loadb(s->attributes.ptr, s->attributes.len, 0, NULL) : NULL;
    json_t *why = json_array_get(json_object_get(held, "suppressions"), 0);
    table_str(c->out, s->given_name);
    table_str(c->out, s->timezone);
    table_cstr(c->out, preference_format_name(s->format));
    table_json(c->out, attributes, s->attributes);
    table_time(c->out, s->created_at);
    table_time(c->out, s->updated_at);
    table_json(c->out, why ? json_incref(why) : NULL, suppression(held, c->arena, b));
    table_json(c->out, all_of(held, "deliveries"), STR_NONE);
    table_json(c->out, all_of(held, "attempts"), STR_NONE);
    table_json(c->out, all_of(held, "consent"), STR_NONE);
    table_json(c->out, all_of(held, "messages"), STR_NONE);
    table_json(c->out, all_of(held, "changes"), STR_NONE);
    block(c, held, newsletters, b);
    block(c, held, issues, b);
    block(c, held, troubles, b);
    block(c, held, history, b);
}

enum status profile_show_run(struct context *c, struct error *err) {
    struct table_column both[SUBSCRIBER_COLUMNS + MORE];
    struct str word;
    int64_t id = 0;
    bool found = false;
    struct subscriber s;
    struct buf words = BUF_INIT;
    json_t *held = NULL;
    enum status st = person_address(context_arg(c, 0), c->arena, &word, err);
    if (st != OK || (st = person_find(c, word, &id, err)) != OK ||
        (st = subscriber_get(c->site->store, id, c->arena, &found, &s, err)) != OK ||
        (st = rights_access(c->site, STR_NONE, id, &held, err)) != OK) {
        return st;
    }
    memcpy(both, subscriber_columns, sizeof subscriber_columns);
    memcpy(both + SUBSCRIBER_COLUMNS, more, sizeof more);
    table_object(c->out, both, sizeof both / sizeof *both);
    if ((st = subscriber_values(c, &s, true, &words, err)) == OK) {
        print_more(c, &s, held, &words);
        table_row(c->out);
    }
    json_decref(held);
    buf_release(&words);
    return st != OK ? st : table_end(c->out, err);
}
