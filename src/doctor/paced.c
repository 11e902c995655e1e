#include "doctor/paced.h"

#include "queue/issue.h"
#include "queue/listing.h"
#include "store/subscriber.h"
#include "text/address.h"

enum { PAGE = 1000, LOOKED_AT = 50000, DOMAINS = 4096 };

static const unsigned OPEN =
    1u << DELIVERY_QUEUED | 1u << DELIVERY_CLAIMED | 1u << DELIVERY_DEFERRED | 1u << DELIVERY_UNKNOWN;

struct domain {
    struct str name;
    const struct config_rate *rate;
    int64_t n;
};

double paced_per_second(const struct config_rate *rate) {
    double least = 0;
    for (size_t i = 0; i < rate->n; i++) {
        double v = (double)rate->limit[i].count / (double)rate->limit[i].period_s;
        least = i == 0 || v < least ? v : least;
    }
    return least;
}

static void count(const struct config *c, struct domain *domains, struct str name, struct arena *a) {
    uint64_t h = str_hash(name);
    for (size_t i = 0; i < DOMAINS; i++) {
        struct domain *d = &domains[(h + i) % DOMAINS];
        if (!d->name.ptr) {
            const struct config_rate *rate = config_pace_for(c, name);
            if (!rate || i > 64) { /* no pace for it; or so many domains that none of the rest can be a large one */
                return;
            }
            *d = (struct domain){.name = arena_str(a, name), .rate = rate};
        }
        if (str_eq(d->name, name)) {
            d->n++;
            return;
        }
    }
}

enum status paced_seconds(const struct config *c, struct queue *q, struct store *s, int64_t issue, int64_t *seconds,
                          struct error *err) {
    int64_t counts[DELIVERY_STATES] = {0}, open = 0, looked = 0;
    struct delivery_row *rows;
    size_t n = PAGE;
    *seconds = 0;
    if (c->paces_n == 0) {
        return OK;
    }
    struct arena *a = arena_new(), *page = arena_new();
    enum status st = a && page ? issue_counts(q, issue, counts, err) : error_set(err, ERR_OS, "out of memory");
    for (int i = 0; i < DELIVERY_STATES; i++) {
        open += OPEN >> i & 1 ? counts[i] : 0;
    }
    struct domain *domains = st == OK && open ? arena_alloc(a, DOMAINS * sizeof *domains) : NULL;
    int64_t gap = open / LOOKED_AT * PAGE;
    for (int64_t last = 0; domains && st == OK && n == PAGE; last += gap) {
        arena_reset(page);
        st = delivery_page(q, issue, last, OPEN, PAGE, page, &rows, &n, err);
        for (size_t i = 0; i < n && st == OK; i++) {
            struct subscriber_delivery r;
            if ((st = subscriber_for_delivery(s, rows[i].subscriber, 0, &r, err)) == OK && r.email.len) {
                count(c, domains, address_domain(r.email), a);
            }
            last = rows[i].subscriber;
            looked++;
        }
    }
    for (size_t i = 0; domains && st == OK && i < DOMAINS; i++) {
        struct queue_bucket used = {.easing = 1};
        double rate = domains[i].n ? paced_per_second(domains[i].rate) : 0;
        if (rate > 0 && (st = queue_pace(q, domains[i].name, &used, err)) == OK) {
            double all = (double)domains[i].n * (double)open / (double)looked;
            int64_t needs = (int64_t)(all / rate * (used.easing > 1 ? used.easing : 1));
            *seconds = needs > *seconds ? needs : *seconds;
        }
    }
    arena_free(page);
    arena_free(a);
    return st;
}
