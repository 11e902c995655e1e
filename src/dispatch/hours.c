#include "dispatch/hours.h"

#include "digest/schedule.h"
#include "store/subscriber.h"

#include <stdlib.h>

enum { ZONES = 1024 };

struct hours {
    struct site *s;
    int64_t due;
    struct arena *arena;
    size_t n, last; /* the one asked for last: most readers live where the one before does */
    struct {
        struct str name;
        int64_t due;
    } zones[ZONES];
};

static int64_t due_in(struct site *s, struct str name, int64_t due) {
    struct zone *local = NULL;
    int64_t t = zone_open(name, &local, NULL) == OK ? schedule_local(s->zone, local, due) : due;
    zone_close(local);
    return t;
}

enum status hours_lead(struct site *s, const struct config_newsletter *n, int64_t due, int64_t *lead,
                       struct error *err) {
    struct str *zones;
    size_t count;
    *lead = 0;
    if (!n->local_hour) {
        return OK;
    }
    struct arena *a = arena_new();
    enum status st = a ? subscriber_zones(s->store, a, &zones, &count, err) : error_set(err, ERR_OS, "out of memory");
    for (size_t i = 0; st == OK && i < count; i++) {
        int64_t before = due - due_in(s, zones[i], due);
        *lead = before > *lead ? before : *lead;
    }
    arena_free(a);
    return st;
}

enum status hours_new(struct site *s, const struct config_newsletter *n, int64_t due, struct hours **out,
                      struct error *err) {
    *out = NULL;
    bool by_hour = n && n->local_hour && n->schedule.kind <= CONFIG_SCHEDULE_MONTHLY;
    bool scheduled = false;
    for (int k = CONFIG_SCHEDULE_DAILY; by_hour && k <= CONFIG_SCHEDULE_MONTHLY; k++) {
        scheduled = scheduled || schedule_last_due(&n->schedule, (enum config_schedule_kind)k, s->zone, due) == due;
    }
    if (!scheduled) {
        return OK;
    }
    struct hours *h = calloc(1, sizeof *h);
    if (!h || !(h->arena = arena_new())) {
        free(h);
        return error_set(err, ERR_OS, "out of memory");
    }
    h->s = s;
    h->due = due;
    *out = h;
    return OK;
}

void hours_free(struct hours *h) {
    if (h) {
        arena_free(h->arena);
        free(h);
    }
}

int64_t hours_due(struct hours *h, struct str zone) {
    if (!zone.len) {
        return h->due;
    }
    if (h->n && str_eq(h->zones[h->last].name, zone)) {
        return h->zones[h->last].due;
    }
    for (size_t i = 0; i < h->n; i++) {
        if (str_eq(h->zones[i].name, zone)) {
            h->last = i;
            return h->zones[i].due;
        }
    }
    int64_t due = due_in(h->s, zone, h->due);
    if (h->n < ZONES) {
        h->last = h->n++;
        h->zones[h->last].name = arena_str(h->arena, zone);
        h->zones[h->last].due = due;
    }
    return due;
}
