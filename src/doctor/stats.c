#include "doctor/stats.h"

#include "model/verdict.h"
#include "queue/issue.h"
#include "queue/listing.h"
#include "store/figures.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY = 86400, PAGE = 500 };

struct counting {
    struct stats *out;
    const char *site_language;
    int64_t now;
};

static struct stats_newsletter *newsletter_of(struct stats *s, int64_t id) {
    for (size_t i = 0; i < s->newsletters_n; i++) {
        if (s->newsletters[i].id == id) {
            return &s->newsletters[i];
        }
    }
    return NULL;
}

/* The period that T falls into; NULL: before the first or in the future. */
static struct stats_period *period_of(struct stats *s, int64_t t) {
    size_t low = 0, high = s->periods_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->periods[middle].to <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < s->periods_n && s->periods[low].from <= t ? &s->periods[low] : NULL;
}

static void count_language(struct stats_newsletter *n, struct str language) {
    size_t i = 0;
    while (i < n->languages_n && !str_eq(str_from(n->language[i].tag), language)) {
        i++;
    }
    if (i == n->languages_n && i < STATS_LANGUAGES && language.len < sizeof n->language[i].tag) {
        (void)snprintf(n->language[i].tag, sizeof n->language[i].tag, "%.*s", STR_ARG(language));
        n->languages_n++;
    }
    if (i < n->languages_n) {
        n->language[i].n++;
    }
}

static void on_subscription(void *ctx, const struct figure *f) {
    struct counting *c = ctx;
    struct stats_newsletter *n = newsletter_of(c->out, f->newsletter);
    struct stats_period *p;
    if (!n) {
        return; /* its section is gone */
    }
    bool gone = f->status == SUBSCRIPTION_LEFT || f->status == SUBSCRIPTION_REMOVED;
    if (f->status != SUBSCRIPTION_PENDING && (p = period_of(c->out, f->joined_at)) != NULL) {
        p->joined++;
    }
    if (gone && (p = period_of(c->out, f->status_at)) != NULL) {
        *(f->status == SUBSCRIPTION_LEFT ? &p->left : &p->removed) += 1;
    }
    if (f->person == SUBSCRIBER_SUPPRESSED && !gone) {
        n->suppressed++;
        return;
    }
    switch (f->status) {
    case SUBSCRIPTION_PENDING:
        n->pending++;
        break;
    case SUBSCRIPTION_PAUSED:
        n->paused++;
        break;
    case SUBSCRIPTION_LEFT:
        n->left++;
        break;
    case SUBSCRIPTION_REMOVED:
        n->removed++;
        break;
    case SUBSCRIPTION_ACTIVE:
        n->active++;
        n->cadence[f->cadence >= 0 && f->cadence < 4 ? f->cadence : 4]++;
        n->format[f->format == READER_HTML || f->format == READER_TEXT ? f->format : READER_ANY]++;
        count_language(n, f->language.len ? f->language : str_from(c->site_language));
        break;
    case SUBSCRIPTION_NONE:
        break;
    }
}

static void on_suppression(void *ctx, enum suppression_reason reason, int64_t at) {
    struct counting *c = ctx;
    struct stats_period *p = period_of(c->out, at);
    if (p && reason != SUPPRESSION_ERASED) {
        p->suppressed++;
    }
}

/* The beginning of the period that T is in. */
static int64_t begin_of(struct zone *z, int64_t t, bool by_month) {
    struct civil c;
    zone_civil(z, t, &c);
    c.day = by_month ? 1 : c.day - c.weekday;
    c.hour = c.minute = c.second = 0;
    return zone_unix(z, &c);
}

static int64_t next_of(struct zone *z, int64_t from, bool by_month) {
    struct civil c;
    zone_civil(z, from, &c);
    c.month += by_month;
    c.day += by_month ? 0 : 7;
    return zone_unix(z, &c);
}

static void make_periods(struct site *s, int64_t since, int64_t now, struct arena *a, struct stats *out) {
    since = since ? since : now - (out->by_month ? 365 : 26 * 7) * (int64_t)DAY;
    out->periods = arena_alloc(a, STATS_PERIODS * sizeof *out->periods);
    for (int64_t from = begin_of(s->zone, since, out->by_month); from <= now && out->periods_n < STATS_PERIODS;) {
        int64_t to = next_of(s->zone, from, out->by_month);
        out->periods[out->periods_n++] = (struct stats_period){.from = from, .to = to};
        from = to;
    }
}

static bool is_empty(const struct stats_period *p) {
    return p->joined + p->left + p->removed + p->suppressed == 0 && p->readers <= 0;
}

/* Backwards from who reads now. */
static void fill_readers(struct stats *s) {
    int64_t readers = 0;
    for (size_t i = 0; i < s->newsletters_n; i++) {
        readers += s->newsletters[i].active + s->newsletters[i].paused + s->newsletters[i].suppressed;
    }
    for (size_t i = s->periods_n; i-- > 0;) {
        struct stats_period *p = &s->periods[i];
        p->readers = readers;
        readers -= p->joined - p->left - p->removed;
    }
}

/* Why deliveries of an issue failed; what was purged is not known any more. */
static enum status classes(struct site *s, struct stats_issue *x, struct error *err) {
    struct arena *a = arena_new();
    int64_t after = 0;
    size_t n = PAGE;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    while (st == OK && n == PAGE) {
        struct delivery_row *rows;
        arena_reset(a);
        st = delivery_page(s->queue, x->id, after, 1u << DELIVERY_FAILED, PAGE, a, &rows, &n, err);
        for (size_t i = 0; st == OK && i < n; i++) {
            enum verdict v = verdict_of_reply((int)rows[i].code, rows[i].status, rows[i].reply);
            bool told = rows[i].code || rows[i].status.len;
            *(!told                                         ? &x->other
              : v == VERDICT_HARD || v == VERDICT_HARD_SURE ? &x->hard
              : v == VERDICT_POLICY || v == VERDICT_TOO_BIG ? &x->policy
                                                            : &x->soft) += 1;
            after = rows[i].subscriber;
        }
    }
    arena_free(a);
    return st;
}

static enum status issues(struct site *s, const char *name, int64_t since, struct arena *a, struct stats *out,
                          struct error *err) {
    int64_t after = 0;
    size_t n = 100, cap = 0;
    enum status st = OK;
    while (st == OK && n == 100) {
        struct issue_row *rows;
        if ((st = issue_page(s->queue, after, a, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            const struct issue_row *r = &rows[i];
            after = r->id;
            if ((name && !str_eq(r->newsletter_name, str_from(name))) || r->built_at < since) {
                continue;
            }
            out->issues = arena_more(a, out->issues, out->issues_n, &cap, sizeof *out->issues);
            struct stats_issue *x = &out->issues[out->issues_n++];
            *x = (struct stats_issue){.id = r->id,
                                      .number = r->number,
                                      .newsletter = r->newsletter_name,
                                      .cadence = r->cadence,
                                      .subject = r->subject,
                                      .state = r->state,
                                      .due_at = r->due_at,
                                      .released_at = r->released_at,
                                      .done_at = r->done_at};
            st = issue_counts(s->queue, r->id, x->counts, err);
            for (int k = 0; k < DELIVERY_STATES; k++) {
                x->readers += x->counts[k];
            }
            if (st == OK && x->counts[DELIVERY_FAILED] > 0) {
                st = classes(s, x, err);
            }
        }
    }
    return st;
}

enum status stats_collect(struct site *s, const char *name, int64_t since, bool by_month, struct arena *a,
                          struct stats *out, struct error *err) {
    const struct config *c = s->config;
    int64_t now = clock_now(&s->clock), only = 0;
    enum status st = OK;
    *out = (struct stats){.by_month = by_month};
    out->newsletters = arena_alloc(a, STATS_NEWSLETTERS * sizeof *out->newsletters);
    for (size_t i = 0; i < c->newsletters_n && out->newsletters_n < STATS_NEWSLETTERS && st == OK; i++) {
        const struct config_newsletter *n = &c->newsletters[i];
        if (name && strcmp(name, n->name) != 0) {
            continue;
        }
        struct stats_newsletter *x = &out->newsletters[out->newsletters_n++];
        *x = (struct stats_newsletter){.name = n->name, .title = n->title};
        st = store_newsletter_find(s->store, str_from(n->name), &x->id, err);
        only = name ? x->id : 0;
    }
    if (st == OK && name && out->newsletters_n == 0) {
        st = error_set(err, ERR_NOINPUT, "there is no newsletter '%s'; 'courant newsletter list' names them", name);
    }
    if (st != OK) {
        return st;
    }
    make_periods(s, since, now, a, out);
    struct counting counting = {.out = out, .site_language = c->site.language, .now = now};
    if ((!name || only) && (st = figures_subscriptions(s->store, only, on_subscription, &counting, err)) != OK) {
        return st;
    }
    if ((st = figures_suppressions(s->store, only, on_suppression, &counting, err)) == OK) {
        fill_readers(out);
        while (!since && out->periods_n > 1 && is_empty(&out->periods[0])) {
            out->periods++; /* nothing to tell yet */
            out->periods_n--;
        }
        st = issues(s, name, out->periods_n ? out->periods[0].from : 0, a, out, err);
    }
    return st;
}

size_t stats_languages(const struct stats_newsletter *n, const char **tags, int64_t *counts) {
    size_t shown = 0;
    int64_t other = n->active;
    for (size_t i = 0; i < n->languages_n; i++) {
        if (n->language[i].n < STATS_FEW) {
            continue;
        }
        size_t at = shown++;
        for (; at > 0 && counts[at - 1] < n->language[i].n; at--) {
            tags[at] = tags[at - 1];
            counts[at] = counts[at - 1];
        }
        tags[at] = n->language[i].tag;
        counts[at] = n->language[i].n;
        other -= n->language[i].n;
    }
    if (other > 0) {
        tags[shown] = "other";
        counts[shown++] = other;
    }
    return shown;
}
