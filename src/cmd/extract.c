#include "cmd/extract.h"

#include "base/log.h"
#include "cmd/find.h"
#include "cmd/newsletter.h"
#include "cmd/outfile.h"
#include "cmd/rights.h"
#include "source/heading.h"
#include "store/consent.h"
#include "store/preference.h"
#include "store/suppression.h"
#include "text/csv.h"
#include "text/moment.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PAGE = 200, ATTRIBUTES_MAX = 400 };

struct extract {
    struct context *c;
    struct search search;
    bool json, whole; /* whole: nobody was left out, so the suppressions come too */
    FILE *out;
    struct str *attributes; /* CSV: their columns */
    size_t attributes_n;
    struct arena *keep;
    struct buf line;
    int64_t rows;
};

/* A row by meaning; absent: empty or null. */
struct values {
    struct str of[HEADINGS];
};

static struct str moment(struct context *c, int64_t t) {
    char iso[MOMENT_ISO_SIZE];
    if (t == 0 || t == INT64_MIN) {
        return STR_NONE;
    }
    moment_iso(t, iso);
    return arena_str(c->arena, str_from(iso));
}

static void put(struct extract *x) {
    (void)fwrite(x->line.ptr, 1, x->line.len, x->out);
    buf_clear(&x->line);
}

/* ---- a person ---- */

static void person_values(struct context *c, const struct subscriber *p, const struct suppression *why,
                          struct values *v) {
    *v = (struct values){0};
    v->of[HEADING_EMAIL] = p->email;
    v->of[HEADING_NAME] = p->name;
    v->of[HEADING_GIVEN_NAME] = p->given_name;
    v->of[HEADING_LANGUAGE] = p->language;
    v->of[HEADING_FORMAT] = str_from(preference_format_name(p->format));
    v->of[HEADING_TIMEZONE] = p->timezone;
    if (why) {
        v->of[HEADING_SUPPRESSED] = str_from(suppression_reason_name(why->reason));
        v->of[HEADING_SUPPRESSED_AT] = moment(c, why->at);
        v->of[HEADING_SUPPRESSED_UNTIL] = moment(c, why->until);
        v->of[HEADING_SUPPRESSED_NOTE] = why->note;
    }
}

static void consent_values(struct context *c, const struct consent *list, size_t n, int64_t newsletter,
                           struct values *v) {
    for (size_t i = n; i-- > 0;) { /* the last one counts */
        if (list[i].newsletter == newsletter) {
            v->of[HEADING_CONSENT] = list[i].how;
            v->of[HEADING_CONSENT_ORIGIN] = list[i].origin;
            v->of[HEADING_CONSENT_BY] = list[i].actor;
            v->of[HEADING_CONSENT_AT] = moment(c, list[i].at);
            v->of[HEADING_CONFIRMED_AT] = moment(c, list[i].answered_at);
            v->of[HEADING_CONFIRMED_BY] = list[i].answered_by;
            return;
        }
    }
}

static void subscription_values(struct context *c, const struct subscription *s, struct values *v) {
    const char *cadence = s->cadence == CADENCE_DEFAULT ? NULL : newsletter_cadence_name((unsigned)s->cadence);
    v->of[HEADING_NEWSLETTER] = s->newsletter_name;
    v->of[HEADING_STATUS] = str_from(subscription_status_name(s->status));
    v->of[HEADING_STATUS_AT] = moment(c, s->status_at);
    v->of[HEADING_PAUSED_UNTIL] = moment(c, s->paused_until);
    v->of[HEADING_JOINED_AT] = moment(c, s->source_joined_at ? s->source_joined_at : s->joined_at);
    v->of[HEADING_TOPICS] = s->topics;
    v->of[HEADING_CADENCE] = str_from(cadence);
    v->of[HEADING_BODY] = str_from(preference_body_name(s->body));
    v->of[HEADING_FOR_LANGUAGE] = s->language;
    v->of[HEADING_FOR_FORMAT] = str_from(preference_format_name(s->format));
}

/* ---- CSV ---- */

static void csv_row(struct extract *x, const struct values *v, const json_t *attributes) {
    for (int i = 0; i < HEADINGS_WRITTEN; i++) {
        if (i) {
            buf_addc(&x->line, ',');
        }
        csv_add(v->of[i], &x->line);
    }
    for (size_t i = 0; i < x->attributes_n; i++) {
        const json_t *a = attributes ? json_object_getn(attributes, x->attributes[i].ptr, x->attributes[i].len) : NULL;
        buf_addc(&x->line, ',');
        if (json_is_string(a)) {
            csv_add((struct str){json_string_value(a), json_string_length(a)}, &x->line);
        } else if (a && !json_is_null(a)) {
            char *text = json_dumps(a, JSON_COMPACT | JSON_ENCODE_ANY);
            csv_add(str_from(text), &x->line);
            free(text);
        }
    }
    buf_addc(&x->line, '\n');
    put(x);
}

static enum status csv_head(struct extract *x, struct error *err) {
    enum status st =
        search_attributes(x->c->site->store, ATTRIBUTES_MAX + 1, x->keep, &x->attributes, &x->attributes_n, err);
    if (st == OK && x->attributes_n > ATTRIBUTES_MAX) {
        x->attributes_n = ATTRIBUTES_MAX;
        log_warning("there are more than %d attributes, of which the others are left out; --json has all",
                    ATTRIBUTES_MAX);
    }
    for (int i = 0; i < HEADINGS_WRITTEN; i++) {
        buf_addf(&x->line, "%s%s", i ? "," : "", heading_name((enum heading)i));
    }
    for (size_t i = 0; st == OK && i < x->attributes_n; i++) {
        buf_addc(&x->line, ',');
        csv_add(heading_attribute(x->attributes[i], x->keep), &x->line);
    }
    buf_addc(&x->line, '\n');
    put(x);
    return st;
}

/* ---- JSON ---- */

static json_t *part(const struct values *v, const char *const *names, const enum heading *what, size_t n) {
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++) {
        table_json_set(o, names[i], table_json_str(v->of[what[i]]));
    }
    return o;
}

static json_t *json_suppression(const struct values *v) {
    static const char *const names[] = {"reason", "at", "until", "note"};
    static const enum heading what[] = {HEADING_SUPPRESSED, HEADING_SUPPRESSED_AT, HEADING_SUPPRESSED_UNTIL,
                                        HEADING_SUPPRESSED_NOTE};
    return v->of[HEADING_SUPPRESSED].ptr ? part(v, names, what, 4) : json_null();
}

static json_t *json_subscription(const struct values *v) {
    static const char *const names[] = {"newsletter", "status",  "status_at", "paused_until", "joined_at",
                                        "topics",     "cadence", "body",      "language",     "format"};
    static const enum heading what[] = {
        HEADING_NEWSLETTER, HEADING_STATUS,  HEADING_STATUS_AT, HEADING_PAUSED_UNTIL, HEADING_JOINED_AT,
        HEADING_TOPICS,     HEADING_CADENCE, HEADING_BODY,      HEADING_FOR_LANGUAGE, HEADING_FOR_FORMAT};
    static const char *const agreed[] = {"how", "origin", "by", "at", "confirmed_at", "confirmed_by"};
    static const enum heading agreed_what[] = {HEADING_CONSENT,    HEADING_CONSENT_ORIGIN, HEADING_CONSENT_BY,
                                               HEADING_CONSENT_AT, HEADING_CONFIRMED_AT,   HEADING_CONFIRMED_BY};
    json_t *o = part(v, names, what, sizeof what / sizeof *what);
    table_json_set(o, "topics", table_json_topics(v->of[HEADING_TOPICS]));
    table_json_set(o, "consent", v->of[HEADING_CONSENT].ptr ? part(v, agreed, agreed_what, 6) : json_null());
    return o;
}

static void json_put(struct extract *x, json_t *o) {
    char *text = json_dumps(o, JSON_COMPACT);
    buf_adds(&x->line, x->rows ? ",\n " : "[");
    buf_adds(&x->line, text);
    free(text);
    json_decref(o);
    put(x);
}

/* In the order of their names, as the columns of CSV are. */
static json_t *in_order(json_t *attributes) {
    char *text = json_dumps(attributes, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    json_t *o = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    free(text);
    return o ? o : json_incref(attributes);
}

static json_t *json_person(const struct values *v, const char *status) {
    static const char *const names[] = {"email", "name", "given_name", "language", "format", "timezone"};
    static const enum heading what[] = {HEADING_EMAIL,    HEADING_NAME,   HEADING_GIVEN_NAME,
                                        HEADING_LANGUAGE, HEADING_FORMAT, HEADING_TIMEZONE};
    json_t *o = part(v, names, what, 6);
    table_json_set(o, "status", json_string(status));
    table_json_set(o, "suppression", json_suppression(v));
    return o;
}

/* ---- everybody ---- */

static bool wanted(const struct extract *x, const struct subscriber *p, const struct subscription *s) {
    const struct search *w = &x->search;
    return (!w->newsletter || s->newsletter == w->newsletter) &&
           (!w->subscriptions || (w->people >> p->status & 1) || (w->subscriptions >> s->status & 1));
}

static enum status put_person(struct extract *x, const struct subscriber *p, struct error *err) {
    struct context *c = x->c;
    struct store *s = c->site->store;
    struct subscription *subs = NULL;
    struct consent *consents = NULL;
    struct suppression why;
    struct values v;
    size_t n = 0, consents_n = 0;
    bool suppressed = false;
    enum status st =
        p->status == SUBSCRIBER_SUPPRESSED ? suppression_get(s, p->email_key, c->arena, &suppressed, &why, err) : OK;
    if (st != OK || (st = subscription_list(s, p->id, c->arena, &subs, &n, err)) != OK ||
        (n && (st = consent_list(s, p->id, c->arena, &consents, &consents_n, err)) != OK)) {
        return st;
    }
    json_t *attributes = p->attributes.ptr ? json_loadb(p->attributes.ptr, p->attributes.len, 0, NULL) : NULL;
    json_t *list = json_array();
    size_t done = 0;
    person_values(c, p, suppressed ? &why : NULL, &v);
    for (size_t i = 0; i < n; i++) {
        if (!wanted(x, p, &subs[i])) {
            continue;
        }
        done++;
        struct values one = v;
        subscription_values(c, &subs[i], &one);
        consent_values(c, consents, consents_n, subs[i].newsletter, &one);
        if (x->json) {
            (void)json_array_append_new(list, json_subscription(&one));
        } else {
            csv_row(x, &one, attributes);
        }
    }
    if (x->json) {
        json_t *o = json_person(&v, subscriber_status_name(p->status));
        table_json_set(o, "attributes", attributes ? in_order(attributes) : json_null());
        table_json_set(o, "subscriptions", json_incref(list));
        json_put(x, o);
    } else if (!done) {
        v.of[HEADING_STATUS] = STR("none");
        csv_row(x, &v, attributes);
    }
    x->rows++;
    json_decref(list);
    json_decref(attributes);
    return OK;
}

static enum status put_people(struct extract *x, struct error *err) {
    struct buf after = BUF_INIT;
    enum status st = OK;
    while (!ferror(x->out)) {
        struct subscriber *rows;
        size_t n;
        arena_reset(x->c->arena);
        if ((st = search_by_key(x->c->site->store, &x->search, buf_str(&after), PAGE, x->c->arena, &rows, &n, err)) !=
                OK ||
            n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            st = put_person(x, &rows[i], err);
        }
        if (st != OK) {
            break;
        }
        buf_clear(&after);
        buf_add(&after, rows[n - 1].email_key);
    }
    buf_release(&after);
    return st;
}

/* Suppressed addresses that are nobody's, and the keyed hashes of erased ones. */
static enum status put_suppressions(struct extract *x, struct error *err) {
    struct buf after = BUF_INIT;
    struct context *c = x->c;
    enum status st = OK;
    while (!ferror(x->out)) {
        struct suppression *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = suppression_list(c->site->store, buf_str(&after), PAGE, c->arena, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            struct subscriber p = {.email = rows[i].key};
            struct values v;
            bool found = false;
            if ((st = subscriber_by_key(c->site->store, rows[i].key, c->arena, &found, &p, err)) != OK || found) {
                continue;
            }
            p = (struct subscriber){.email = rows[i].key};
            person_values(c, &p, &rows[i], &v);
            v.of[HEADING_STATUS] = STR("suppressed");
            if (x->json) {
                json_put(x, json_person(&v, "suppressed"));
            } else {
                csv_row(x, &v, NULL);
            }
            x->rows++;
        }
        buf_clear(&after);
        buf_add(&after, rows[n - 1].key);
        if (st != OK) {
            break;
        }
    }
    buf_release(&after);
    return st;
}

/* Standard output, or the file that o is to become. */
static enum status open_output(struct extract *x, const char *path, struct outfile *o, struct error *err) {
    struct stat b;
    x->out = stdout;
    if (!path) {
        return OK;
    }
    if (stat(path, &b) == 0 && !x->c->line->force) {
        return error_set(err, ERR_CANTCREATE, "%s is there already; --force writes over it", path);
    }
    enum status st = outfile_begin(x->c, path, o, err);
    x->out = o->f;
    return st;
}

static enum status close_output(struct extract *x, const char *path, struct outfile *o, enum status st,
                                struct error *err) {
    if (path) {
        return outfile_end(o, st, NULL, err);
    }
    if ((fflush(x->out) != 0 || ferror(x->out)) && st == OK) {
        st = errno == EPIPE ? ERR_IO : error_set(err, ERR_IO, "standard output can't be written: %s", strerror(errno));
    }
    return st;
}

enum status extract_export_run(struct context *c, struct error *err) {
    static const char *const filters[] = {"newsletter", "status",       "topic",        "language",
                                          "attribute",  "joined-since", "joined-before"};
    const char *path = context_value(c, "output");
    struct outfile file = {0};
    struct extract x = {.c = c, .json = c->line->json};
    path = path && strcmp(path, "-") == 0 ? NULL : path;
    if (context_flag(c, "person")) {
        return rights_export_run(c, err);
    }
    enum status st = find_options(c, &x.search, err);
    if (st != OK) {
        return st;
    }
    x.whole = !x.search.part.ptr;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        x.whole = x.whole && !context_flag(c, filters[i]);
    }
    if (!(x.keep = arena_new())) {
        return error_set(err, ERR_OS, "out of memory");
    }
    st = open_output(&x, path, &file, err);
    if (st == OK && !x.json) {
        st = csv_head(&x, err);
    }
    if (st == OK && (st = put_people(&x, err)) == OK && x.whole) {
        st = put_suppressions(&x, err);
    }
    if (st == OK && x.json) {
        buf_adds(&x.line, x.rows ? "]\n" : "[]\n");
        put(&x);
    }
    st = close_output(&x, path, &file, st, err);
    if (st == OK && path) {
        context_say(c,
                    "%s has %lld people and suppressed addresses; only you can read it. Keep it as you keep the "
                    "database.",
                    path, (long long)x.rows);
    }
    buf_release(&x.line);
    arena_free(x.keep);
    return st;
}
