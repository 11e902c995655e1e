#include "doctor/forecast.h"

#include "base/buf.h"
#include "doctor/paced.h"
#include "queue/delivery.h"
#include "queue/issue.h"
#include "text/zone.h"

static struct str rate_text(const struct config_rate *r, struct arena *a) {
    struct buf b = BUF_INIT;
    struct str out = STR_NONE;
    for (size_t i = 0; i < r->n; i++) {
        int64_t p = r->limit[i].period_s;
        buf_addf(&b, "%s%lld/%s", i ? " " : "", (long long)r->limit[i].count,
                 p == 1      ? "s"
                 : p == 60   ? "m"
                 : p == 3600 ? "h"
                             : "d");
    }
    if (b.len) {
        out = arena_str(a, buf_str(&b));
    }
    buf_release(&b);
    return out;
}

/* One that was never used has no row yet, and on a connection for reading none can be made: it is ready. */
static void read_relay(struct queue *q, const struct config_relay *r, int64_t now, struct arena *a,
                       struct forecast_relay *out) {
    struct queue_relay row = {0};
    *out = (struct forecast_relay){.name = r->name, .state = "ready", .rate = rate_text(&r->rate, a), .easing = 1};
    if (queue_relay(q, r->name, &row, NULL) != OK) {
        return;
    }
    if (row.bucket.easing > 1) {
        out->easing = row.bucket.easing;
    }
    if (row.stopped[0]) {
        out->state = "stopped";
        out->reason = arena_str(a, str_from(row.stopped));
    } else if (row.rest_until > now) {
        out->state = "resting";
        out->until = row.rest_until;
    }
}

/* What is open in issue ID: *n that a relay must take, *last when the last retry is due. */
static enum status open_work(struct queue *q, int64_t id, int64_t *n, int64_t *last, struct error *err) {
    int64_t counts[DELIVERY_STATES];
    int64_t first_due = 0;
    int64_t last_due = 0;
    enum status st = issue_counts(q, id, counts, err);
    if (st != OK) {
        return st;
    }
    int64_t open =
        counts[DELIVERY_QUEUED] + counts[DELIVERY_CLAIMED] + counts[DELIVERY_DEFERRED] + counts[DELIVERY_UNKNOWN];
    *n += open;
    if (open && (st = delivery_due_span(q, id, &first_due, &last_due, err)) == OK && last_due > *last) {
        *last = last_due;
    }
    return st;
}

static struct zone *zone_of(const struct config *c) {
    struct zone *z = NULL;
    return zone_open(str_from(c->site.timezone), &z, NULL) == OK ? z : NULL;
}

/* When WORK seconds of sending that may begin at T are done, if mail goes between minutes FROM and TO of a day only. */
static int64_t within_window(struct zone *zone, int64_t t, int64_t work, int from, int to) {
    enum { DAY_S = 86400, DAY_MIN = 1440 };
    int64_t length = (int64_t)((to - from + DAY_MIN) % DAY_MIN) * 60;
    struct civil c;
    zone_civil(zone, t, &c);
    int64_t into = ((int64_t)((c.hour * 60 + c.minute - from + DAY_MIN) % DAY_MIN)) * 60 + c.second;
    if (length == 0 || (into < length && work <= length - into)) {
        return t + work;
    }
    work -= into < length ? length - into : 0;
    return t + (DAY_S - into) + work / length * DAY_S + work % length;
}

enum status forecast_make(const struct config *c, struct queue *q, struct store *store, int64_t now, struct arena *a,
                          struct forecast *out, struct error *err) {
    double rate = 0;
    int64_t start = INT64_MAX; /* when the first relay works */
    int64_t last = 0;
    int64_t n = 0;
    int64_t slowest = 0; /* what destination domains need, side by side */
    struct issue_row *rows;
    size_t rows_n = 0;
    struct zone *zone = NULL;
    *out = (struct forecast){.relays = arena_alloc(a, (c->relays_n ? c->relays_n : 1) * sizeof *out->relays),
                             .relays_n = c->relays_n};
    for (size_t i = 0; i < c->relays_n; i++) {
        struct forecast_relay *r = &out->relays[i];
        read_relay(q, &c->relays[i], now, a, r);
        if (!r->reason.ptr) {
            int64_t from = r->until ? r->until : now;
            start = from < start ? from : start;
            double own = paced_per_second(&c->relays[i].rate);
            rate += (own > 0 ? own : FORECAST_PER_S) / r->easing;
        }
    }
    enum status st = open_work(q, 0, &n, &last, err);
    if (st == OK) {
        st = issue_open(q, a, &rows, &rows_n, err);
    }
    for (size_t i = 0; st == OK && i < rows_n; i++) {
        if (rows[i].state == ISSUE_RELEASING || rows[i].state == ISSUE_SENDING) {
            st = open_work(q, rows[i].id, &n, &last, err);
            last = rows[i].hold_until > last ? rows[i].hold_until : last;
            int64_t paced = 0;
            if (st == OK && store && (st = paced_seconds(c, q, store, rows[i].id, &paced, err)) == OK) {
                slowest += paced;
            }
        }
    }
    if (st == OK && n && rate > 0) {
        int64_t work = (int64_t)((double)n / rate) + 1;
        work = slowest > work ? slowest : work;
        int64_t by = start + work;
        out->finished_by = by > last ? by : last;
        for (size_t i = 0; i < rows_n; i++) {
            const struct config_newsletter *l = config_newsletter_named(c, arena_cstr(a, rows[i].newsletter_name));
            int64_t own = 0;
            int64_t due = 0;
            if (!l || l->window_from < 0 || (rows[i].state != ISSUE_RELEASING && rows[i].state != ISSUE_SENDING) ||
                open_work(q, rows[i].id, &own, &due, NULL) != OK || own == 0 || (!zone && !(zone = zone_of(c)))) {
                continue;
            }
            by = within_window(zone, start, work, l->window_from, l->window_to);
            due = due ? within_window(zone, due, 1, l->window_from, l->window_to) : 0;
            by = due > by ? due : by;
            out->finished_by = by > out->finished_by ? by : out->finished_by;
        }
    }
    zone_close(zone);
    return st;
}
