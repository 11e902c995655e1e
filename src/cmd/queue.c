#include "cmd/queue.h"

#include "cmd/person.h"
#include "dispatch/pair.h"
#include "doctor/forecast.h"
#include "queue/listing.h"
#include "queue/transactional.h"
#include "queue/issue.h"
#include "store/subscriber.h"

enum { PAGE = 200, ALL_STATES = (1 << DELIVERY_STATES) - 1 };

/* ---- which deliveries ---- */

struct filter {
    int64_t issue; /* -1: all issues */
    unsigned states;
    bool stated;  /* --state was given */
    int64_t *ids; /* subscribers; NULL: all */
    size_t ids_n;
};

static enum status filter_states(const char *list, unsigned *out, struct error *err) {
    struct str rest = str_from(list);
    struct str part;
    *out = 0;
    while (str_split(&rest, ',', &part)) {
        enum delivery_state s;
        if (!delivery_state_from(str_trim(part), &s)) {
            return error_set(err, ERR_USAGE,
                             "'%.*s' is no state: queued, claimed, deferred, held, unknown, sent, failed, cancelled",
                             STR_ARG(part));
        }
        *out |= 1u << s;
    }
    return OK;
}

/* What WORD names in deliveries of ISSUE: a person, or of issue 0, whose messages are mostly to nobody of ours, a
 * message by its number. */
static enum status delivery_named(struct context *c, int64_t issue, struct str word, int64_t *id, struct error *err) {
    if (issue != 0) {
        return person_find(c, word, id, err);
    }
    return context_number(word, 1, "a message's number; 'courant queue list --issue 0' names them", id, err);
}

/* The people named behind the command, in FILTER->ids, to be freed by filter_release. */
static enum status filter_people(struct context *c, struct filter *f, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, 0);
    struct str word;
    size_t cap = 0;
    enum status st = OK;
    while (st == OK && context_words_next(&words, &word)) {
        if (f->ids_n == cap) {
            cap = cap ? cap * 2 : 16;
            int64_t *more = realloc(f->ids, cap * sizeof *more);
            if (!more) {
                st = error_set(err, ERR_OS, "out of memory");
                break;
            }
            f->ids = more;
        }
        if ((st = delivery_named(c, f->issue, word, &f->ids[f->ids_n], err)) == OK) {
            f->ids_n++;
        }
    }
    context_words_release(&words);
    if (st == OK && c->line->args_n && !f->ids_n) {
        st = error_set(err, ERR_NOINPUT, "standard input has no address");
    }
    return st;
}

static void filter_release(struct filter *f) {
    free(f->ids);
    f->ids = NULL;
}

static enum status filter_read(struct context *c, struct filter *f, struct error *err) {
    const char *issue = context_value(c, "issue");
    const char *states = context_value(c, "state");
    enum status st = OK;
    *f = (struct filter){.issue = -1, .states = ALL_STATES, .stated = states != NULL};
    if (issue && (st = context_number(str_from(issue), 0, "an issue's id", &f->issue, err)) == OK && f->issue > 0) {
        struct issue_row row;
        st = issue_get(c->site->queue, f->issue, c->arena, &row, err);
    }
    if (st == OK && states) {
        st = filter_states(states, &f->states, err);
    }
    if (st == OK) {
        st = filter_people(c, f, err);
    }
    return st;
}

/* Calls FN for the issue of the filter, or for all that have deliveries in its states (with ZERO the transactional
 * messages too), until FN sets *stop. */
static enum status filter_issues(struct context *c, const struct filter *f, bool zero,
                                 enum status (*fn)(void *ctx, int64_t issue, bool *stop, struct error *err), void *ctx,
                                 struct error *err) {
    int64_t after = 0;
    bool stop = false;
    enum status st = OK;
    if (f->issue >= 0) {
        return fn(ctx, f->issue, &stop, err);
    }
    if (zero && !f->ids) {
        st = fn(ctx, 0, &stop, err);
    }
    while (st == OK && !stop) {
        struct issue_row *rows;
        size_t n;
        int64_t ids[100];
        arena_reset(c->arena);
        if ((st = issue_page(c->site->queue, after, c->arena, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            ids[i] = rows[i].id; /* FN resets the arena */
        }
        for (size_t i = 0; i < n && st == OK && !stop; i++) {
            int64_t counts[DELIVERY_STATES];
            int64_t there = 0;
            st = issue_counts(c->site->queue, ids[i], counts, err);
            for (unsigned s = 0; s < DELIVERY_STATES; s++) {
                there += f->states & (1u << s) ? counts[s] : 0;
            }
            if (st == OK && there) {
                st = fn(ctx, ids[i], &stop, err);
            }
        }
        after = ids[n - 1];
    }
    return st;
}

/* ---- status ---- */

static json_t *counts_json(const int64_t counts[DELIVERY_STATES], struct buf *words) {
    json_t *o = json_object();
    for (unsigned s = 0; s < DELIVERY_STATES; s++) {
        table_json_set(o, delivery_state_name((enum delivery_state)s), json_integer(counts[s]));
        if (counts[s]) {
            buf_addf(words, "%s%lld %s", words->len ? ", " : "", (long long)counts[s],
                     delivery_state_name((enum delivery_state)s));
        }
    }
    return o;
}

static json_t *relays_json(const struct forecast *f, struct buf *words) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->relays_n; i++) {
        const struct forecast_relay *r = &f->relays[i];
        json_t *o = json_object();
        table_json_set(o, "name", table_json_str(str_from(r->name)));
        table_json_set(o, "state", json_string(r->state));
        table_json_set(o, "until", table_json_time(r->until));
        table_json_set(o, "rate", table_json_str(r->rate));
        table_json_set(o, "easing", json_real(r->easing));
        table_json_set(o, "reason", table_json_str(r->reason));
        (void)json_array_append_new(list, o);
        buf_addf(words, "%s%s %s", words->len ? ", " : "", r->name, r->state);
        if (r->until) {
            json_t *until = table_json_time(r->until);
            buf_addf(words, " until %s", json_string_value(until));
            json_decref(until);
        }
        if (r->reason.len) {
            buf_addf(words, " (%.*s)", STR_ARG(r->reason));
        }
    }
    return list;
}

struct paces {
    json_t *list;
    struct buf words;
};

static void add_pace(void *ctx, struct str domain, double easing) {
    struct paces *p = ctx;
    json_t *o = json_object();
    table_json_set(o, "domain", table_json_str(domain));
    table_json_set(o, "easing", json_real(easing));
    (void)json_array_append_new(p->list, o);
    buf_addf(&p->words, "%s%.*s at 1/%.3g of its pace", p->words.len ? ", " : "", STR_ARG(domain), easing);
}

enum status queue_status_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"queued", 0}, {"claimed", 0},   {"deferred", 0},      {"held", 0},   {"unknown", 0}, {"sent", 0},
        {"failed", 0}, {"cancelled", 0}, {"transactional", 0}, {"relays", 0}, {"paces", 0},   {"finished_by", 0}};
    int64_t counts[DELIVERY_STATES];
    int64_t transactional[DELIVERY_STATES];
    struct forecast f = {0};
    struct paces paces = {.list = json_array(), .words = BUF_INIT};
    struct buf words = BUF_INIT;
    struct queue *q = c->site->queue;
    json_t *j;
    enum status st = issue_counts(q, -1, counts, err);
    if (st != OK || (st = issue_counts(q, 0, transactional, err)) != OK ||
        (st = forecast_make(c->config, q, c->site->store, context_now(c), c->arena, &f, err)) != OK ||
        (st = queue_pace_eased(q, add_pace, &paces, err)) != OK) {
        goto done;
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    for (unsigned s = 0; s < DELIVERY_STATES; s++) {
        table_int(c->out, counts[s]);
    }
    j = counts_json(transactional, &words);
    table_json(c->out, j, buf_str(&words));
    buf_clear(&words);
    j = relays_json(&f, &words);
    table_json(c->out, j, buf_str(&words));
    table_json(c->out, paces.list, buf_str(&paces.words));
    paces.list = NULL;
    table_time(c->out, f.finished_by);
    table_row(c->out);
    st = table_end(c->out, err);
done:
    json_decref(paces.list);
    buf_release(&paces.words);
    buf_release(&words);
    return st;
}

/* ---- list, show ---- */

static const struct table_column columns[] = {{"issue", TABLE_RIGHT},
                                              {"subscriber", TABLE_RIGHT},
                                              {"message", TABLE_RIGHT | TABLE_JSON_ONLY},
                                              {"email", 0},
                                              {"state", 0},
                                              {"attempts", TABLE_RIGHT},
                                              {"due_at", 0},
                                              {"code", TABLE_RIGHT},
                                              {"status", 0},
                                              {"reply", 0},
                                              {"relay", 0},
                                              {"unknowns", TABLE_JSON_ONLY | TABLE_RIGHT},
                                              {"at", TABLE_JSON_ONLY}};
enum { COLUMNS = sizeof columns / sizeof *columns, SUBSCRIBER = 1, MESSAGE = 2 };

/* The columns of ISSUE's deliveries into OUT: those of issue 0 show a message's number where others show a reader's. */
static void columns_of(int64_t issue, struct table_column *out) {
    memcpy(out, columns, sizeof columns);
    if (issue == 0) {
        out[SUBSCRIBER].flags |= TABLE_JSON_ONLY;
        out[MESSAGE].flags &= ~(unsigned)TABLE_JSON_ONLY;
    }
}

static enum status values(struct context *c, int64_t issue, const struct delivery_row *r, struct error *err) {
    struct str email = STR_NONE;
    int64_t subscriber = r->subscriber;
    struct table *t = c->out;
    enum status st = OK;
    if (issue == 0) {
        struct transactional m = {0};
        st = transactional_get(c->site->queue, r->subscriber, c->arena, &m, err);
        email = m.mail_to;
        subscriber = m.subscriber;
        struct subscriber_delivery d;
        if (st == OK && m.letter.len && subscriber &&
            (st = subscriber_for_delivery(c->site->store, subscriber, 0, &d, err)) == OK && d.found) {
            email = d.email;
        }
    } else {
        struct subscriber_delivery d;
        st = subscriber_for_delivery(c->site->store, r->subscriber, 0, &d, err);
        email = st == OK && d.found ? d.email : STR_NONE;
    }
    if (st != OK) {
        return st;
    }
    table_int(t, issue);
    table_id(t, subscriber);
    table_id(t, issue == 0 ? r->subscriber : 0);
    table_str(t, email);
    table_cstr(t, delivery_state_name(r->state));
    table_int(t, r->attempts);
    table_time(t, r->due_at);
    table_id(t, r->code);
    table_str(t, r->status);
    table_str(t, r->reply);
    table_str(t, r->relay);
    table_int(t, r->unknowns);
    table_time(t, r->at);
    return OK;
}

struct listing {
    struct context *c;
    const struct filter *filter;
    int64_t left; /* rows that may still be printed */
};

/* One page behind AFTER, or with ONLY that one subscriber. *last is the last subscriber seen, 0 at the end. */
static enum status list_page(struct listing *l, int64_t issue, int64_t after, int64_t only, int64_t *last,
                             struct error *err) {
    struct delivery_row *rows;
    size_t n;
    size_t limit = only ? 1 : l->left < PAGE ? (size_t)l->left : PAGE;
    arena_reset(l->c->arena);
    enum status st =
        delivery_page(l->c->site->queue, issue, after, l->filter->states, limit, l->c->arena, &rows, &n, err);
    *last = st == OK && n ? rows[n - 1].subscriber : 0;
    for (size_t i = 0; i < n && st == OK; i++) {
        if (!only || rows[i].subscriber == only) {
            if ((st = values(l->c, issue, &rows[i], err)) == OK) {
                table_row(l->c->out);
                l->left--;
            }
        }
    }
    return st;
}

static enum status list_issue(void *ctx, int64_t issue, bool *stop, struct error *err) {
    struct listing *l = ctx;
    int64_t last = 0;
    enum status st = OK;
    for (size_t i = 0; i < l->filter->ids_n && st == OK && l->left > 0; i++) {
        st = list_page(l, issue, l->filter->ids[i] - 1, l->filter->ids[i], &last, err);
    }
    while (!l->filter->ids && st == OK && l->left > 0 && !table_failed(l->c->out)) {
        if ((st = list_page(l, issue, last, 0, &last, err)) != OK || last == 0) {
            break;
        }
    }
    *stop = l->left <= 0 || table_failed(l->c->out);
    return st;
}

enum status queue_list_run(struct context *c, struct error *err) {
    struct filter f;
    struct table_column shown[COLUMNS];
    struct listing l = {.c = c, .filter = &f, .left = INT64_MAX};
    const char *limit = context_value(c, "limit");
    enum status st = filter_read(c, &f, err);
    if (st == OK && limit) {
        st = context_number(str_from(limit), 1, "a number of rows", &l.left, err);
    }
    if (st == OK) {
        columns_of(f.issue, shown);
        table_list(c->out, shown, COLUMNS);
        st = filter_issues(c, &f, false, list_issue, &l, err);
    }
    filter_release(&f);
    return st != OK ? st : table_end(c->out, err);
}

static const char *outcome_name(enum outcome o) {
    static const char *const names[] = {"accepted", "later", "never", "unknown"};
    return (unsigned)o < 4 ? names[o] : "other";
}

static json_t *attempts_json(const struct delivery_attempt *list, size_t n, struct buf *words) {
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_t *at = table_json_time(list[i].at);
        buf_addf(words, "%s %s", json_string_value(at) ? json_string_value(at) : "-", outcome_name(list[i].outcome));
        if (list[i].code) {
            buf_addf(words, " %lld", (long long)list[i].code);
        }
        buf_addf(words, " %.*s %.*s (%.*s)\n", STR_ARG(list[i].status), STR_ARG(list[i].reply), STR_ARG(list[i].relay));
        table_json_set(o, "at", at);
        table_json_set(o, "outcome", json_string(outcome_name(list[i].outcome)));
        table_json_set(o, "code", list[i].code ? json_integer(list[i].code) : json_null());
        table_json_set(o, "status", table_json_str(list[i].status));
        table_json_set(o, "reply", table_json_str(list[i].reply));
        table_json_set(o, "relay", table_json_str(list[i].relay));
        (void)json_array_append_new(out, o);
    }
    return out;
}

enum status queue_show_run(struct context *c, struct error *err) {
    struct table_column all[COLUMNS + 1];
    const char *issue = context_value(c, "issue");
    struct str word = STR_NONE;
    int64_t number = 0;
    int64_t id = 0;
    struct delivery_row *rows = NULL;
    struct delivery_attempt *attempts = NULL;
    size_t n = 0;
    size_t attempts_n = 0;
    struct buf words = BUF_INIT;
    enum status st;
    if (!issue) {
        return error_set(err, ERR_USAGE, "of which issue? --issue N");
    }
    if ((st = context_number(str_from(issue), 0, "an issue's id", &number, err)) != OK ||
        (st = person_address(context_arg(c, 0), c->arena, &word, err)) != OK ||
        (st = delivery_named(c, number, word, &id, err)) != OK ||
        (st = delivery_page(c->site->queue, number, id - 1, ALL_STATES, 1, c->arena, &rows, &n, err)) != OK) {
        return st;
    }
    if (!n || rows[0].subscriber != id) {
        return number ? error_set(err, ERR_NOINPUT, "issue %lld has no delivery for subscriber %lld", (long long)number,
                                  (long long)id)
                      : error_set(err, ERR_NOINPUT, "there is no transactional message %lld", (long long)id);
    }
    if ((st = delivery_attempts(c->site->queue, number, id, c->arena, &attempts, &attempts_n, err)) != OK) {
        return st;
    }
    columns_of(number, all);
    for (size_t i = MESSAGE + 1; i < COLUMNS; i++) {
        all[i].flags &= ~(unsigned)TABLE_JSON_ONLY;
    }
    all[COLUMNS] = (struct table_column){"history", TABLE_BLOCK};
    table_object(c->out, all, COLUMNS + 1);
    if ((st = values(c, number, rows, err)) == OK) {
        json_t *list = attempts_json(attempts, attempts_n, &words);
        table_json(c->out, list, buf_str(&words));
        table_row(c->out);
        st = table_end(c->out, err);
    }
    buf_release(&words);
    return st;
}

/* ---- retry, hold, release ---- */

struct action {
    struct context *c;
    const struct filter *filter;
    enum delivery_action what;
    int64_t changed;
};

static enum status act_issue(void *ctx, int64_t issue, bool *stop, struct error *err) {
    struct action *a = ctx;
    enum status st = OK;
    size_t n = a->filter->ids ? a->filter->ids_n : 1;
    *stop = false;
    for (size_t i = 0; i < n && st == OK; i++) {
        int64_t changed = 0;
        int64_t only = a->filter->ids ? a->filter->ids[i] : 0;
        st = delivery_act(a->c->site->queue, issue, only, a->filter->states, a->what, context_now(a->c), &changed, err);
        a->changed += changed;
    }
    return st;
}

static enum status act(struct context *c, enum delivery_action what, const char *done, struct error *err) {
    struct filter f;
    struct action a = {.c = c, .filter = &f, .what = what};
    enum status st = filter_read(c, &f, err);
    if (st == OK && what == DELIVERY_RETRY && !f.stated && f.issue < 0 && !f.ids) {
        /* without any filter only what is open: nobody wants every failure of all times tried again */
        f.states = 1u << DELIVERY_DEFERRED | 1u << DELIVERY_UNKNOWN;
    }
    if (st == OK) {
        st = filter_issues(c, &f, true, act_issue, &a, err);
    }
    filter_release(&f);
    if (st != OK) {
        return st;
    }
    context_say(c, "%lld %s", (long long)a.changed, done);
    return context_count(c, "changed", a.changed, err);
}

enum status queue_retry_run(struct context *c, struct error *err) {
    return act(c, DELIVERY_RETRY, "queued again", err);
}

enum status queue_hold_run(struct context *c, struct error *err) {
    return act(c, DELIVERY_HOLD, "held", err);
}

enum status queue_release_run(struct context *c, struct error *err) {
    enum status st = pair_release(c->site, err);
    return st == OK ? act(c, DELIVERY_RELEASE, "released", err) : st;
}
