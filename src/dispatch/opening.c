#include "dispatch/opening.h"

static const struct config_newsletter *newsletter_of(const struct site *s, const struct issue_row *issue) {
    for (size_t i = 0; i < s->config->newsletters_n; i++) {
        if (str_eq(str_from(s->config->newsletters[i].name), issue->newsletter_name)) {
            return &s->config->newsletters[i];
        }
    }
    return NULL; /* its section is gone: it is finished all the same */
}

static bool window_open(const struct site *s, const struct config_newsletter *n) {
    if (!n || n->window_from < 0) {
        return true;
    }
    struct civil c;
    zone_civil(s->zone, clock_now(&s->clock), &c);
    int minute = c.hour * 60 + c.minute;
    return n->window_from <= n->window_to ? minute >= n->window_from && minute < n->window_to
                                          : minute >= n->window_from || minute < n->window_to;
}

bool opening_is(const struct site *s, const struct issue_row *issue) {
    return issue->state == ISSUE_SENDING && issue->hold_until <= clock_now(&s->clock) &&
           window_open(s, newsletter_of(s, issue));
}

static uint32_t relays_of(const struct pool *p, const struct config_newsletter *n) {
    uint32_t bits = 0;
    for (size_t i = 0; i < p->relays_n; i++) {
        bool may = !n || n->relays_n == 0;
        for (size_t k = 0; n && k < n->relays_n; k++) {
            may |= n->relays[k] == p->relays[i].config;
        }
        bits |= may ? 1u << i : 0;
    }
    return bits;
}

uint32_t opening_relays(const struct pool *p, struct str names) {
    uint32_t bits = 0;
    struct str name;
    while (names.ptr && str_split(&names, ',', &name)) {
        for (size_t i = 0; i < p->relays_n; i++) {
            bits |= str_eq(name, str_from(p->relays[i].config->name)) ? 1u << i : 0;
        }
    }
    return bits ? bits : UINT32_MAX >> (POOL_RELAYS - p->relays_n);
}

enum status opening_list(struct site *s, const struct pool *p, struct opening *list, size_t max, size_t *n,
                         struct error *err) {
    struct arena *a = arena_new();
    struct issue_row *rows;
    size_t open = 0;
    *n = 0;
    enum status st = a ? issue_open(s->queue, a, &rows, &open, err) : error_set(err, ERR_OS, "out of memory");
    for (size_t i = 0; i < open && st == OK && *n < max; i++) {
        if (opening_is(s, &rows[i])) {
            struct opening *o = &list[(*n)++];
            *o = (struct opening){.issue = rows[i].id, .relays = relays_of(p, newsletter_of(s, &rows[i]))};
            st = store_newsletter_find(s->store, rows[i].newsletter_name, &o->newsletter, err);
        }
    }
    arena_free(a);
    return st;
}
