#include "doctor/forecast.h"

#include "base/buf.h"
#include "queue/delivery.h"
#include "queue/issue.h"

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

static double per_second(const struct config_rate *r) {
    double least = FORECAST_PER_S;
    for (size_t i = 0; i < r->n; i++) {
        double v = (double)r->limit[i].count / (double)r->limit[i].period_s;
        least = i == 0 || v < least ? v : least;
    }
    return least;
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

enum status forecast_make(const struct config *c, struct queue *q, int64_t now, struct arena *a, struct forecast *out,
                          struct error *err) {
    double rate = 0;
    int64_t start = INT64_MAX; /* when the first relay works */
    int64_t last = 0;
    int64_t n = 0;
    struct issue_row *rows;
    size_t rows_n;
    *out = (struct forecast){.relays = arena_alloc(a, (c->relays_n ? c->relays_n : 1) * sizeof *out->relays),
                             .relays_n = c->relays_n};
    for (size_t i = 0; i < c->relays_n; i++) {
        struct forecast_relay *r = &out->relays[i];
        read_relay(q, &c->relays[i], now, a, r);
        if (!r->reason.ptr) {
            int64_t from = r->until ? r->until : now;
            start = from < start ? from : start;
            rate += per_second(&c->relays[i].rate) / r->easing;
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
        }
    }
    if (st == OK && n && rate > 0) {
        int64_t by = start + (int64_t)((double)n / rate) + 1;
        out->finished_by = by > last ? by : last;
    }
    return st;
}
