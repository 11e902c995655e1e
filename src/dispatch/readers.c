#include "dispatch/readers.h"

bool reader_takes(const struct reader *r, const struct config_newsletter *n, enum config_schedule_kind cadence) {
    enum config_schedule_kind own =
        r->cadence == CADENCE_DEFAULT ? n->schedule.kind : (enum config_schedule_kind)r->cadence;
    if (!(n->cadences & CONFIG_CADENCE(own))) {
        own = n->schedule.kind; /* a cadence that is not offered any more */
    }
    return own == cadence;
}

bool reader_alike(const struct reader *a, const struct reader *b) {
    return a->spans_n == 1 && b->spans_n == 1 && a->from == b->from && a->text_only == b->text_only &&
           a->body == b->body && str_eq(a->topics, b->topics) && !a->topics.ptr == !b->topics.ptr &&
           str_eq(a->language, b->language);
}

struct select_reader reader_select(const struct reader *r, const struct config_newsletter *n) {
    return (struct select_reader){.spans = r->spans,
                                  .spans_n = r->spans_n,
                                  .topics = r->topics,
                                  .language = r->language,
                                  .match_language = n && n->match_language,
                                  .text_only = r->text_only,
                                  .body = n && r->body == (int)n->body ? BODY_DEFAULT : r->body};
}

enum status readers_next(struct site *s, const struct readers_of *of, int64_t after, size_t limit, struct arena *a,
                         struct readers *out, struct error *err) {
    *out = (struct readers){.last = after, .end = true};
    out->list = arena_alloc(a, limit * sizeof *out->list);
    int64_t *joined = arena_alloc(a, limit * sizeof *joined);
    enum status st = subscription_scan(s->store, of->store_newsletter, after, (int64_t)limit, err);
    bool more = false;
    struct subscription_row row;
    while (st == OK && (st = subscription_scan_next(s->store, &row, &more, err)) == OK && more) {
        struct reader *r = &out->list[out->n];
        *r = (struct reader){.subscriber = row.subscriber,
                             .cadence = row.cadence,
                             .topics = row.topics.len ? arena_str(a, row.topics) : STR_NONE,
                             .language = arena_str(a, row.language),
                             .timezone = of->zones ? arena_str(a, row.timezone) : STR_NONE,
                             .text_only = row.format == READER_TEXT,
                             .body = row.body};
        joined[out->n] = of->first_built_at == 0 || row.joined_at <= of->first_built_at ? 0 : row.joined_arrival;
        out->n++;
        out->last = row.subscriber;
    }
    subscription_scan_end(s->store);
    out->end = out->n < limit;
    if (st != OK || out->n == 0) {
        return st;
    }
    struct queue_mark *marks;
    struct queue_owed *owed;
    size_t marks_n, owed_n, m = 0, o = 0;
    st = delivery_marks(s->queue, of->newsletter, out->list[0].subscriber, out->last, a, &marks, &marks_n, &owed,
                        &owed_n, err);
    for (size_t i = 0; i < out->n && st == OK; i++) {
        struct reader *r = &out->list[i];
        while (m < marks_n && marks[m].subscriber < r->subscriber) {
            m++;
        }
        while (o < owed_n && owed[o].subscriber < r->subscriber) {
            o++;
        }
        size_t own = 0;
        while (o + own < owed_n && owed[o + own].subscriber == r->subscriber) {
            own++;
        }
        r->mark = m < marks_n && marks[m].subscriber == r->subscriber ? marks[m].upto : 0;
        /* who left and joined again starts anew: nothing from before is due, owed or not */
        r->mark = joined[i] > r->mark ? joined[i] : r->mark;
        r->from = of->above > r->mark ? of->above : r->mark;
        r->spans = arena_alloc(a, (own + 1) * sizeof *r->spans);
        for (size_t k = 0; k < own; k++) {
            if (owed[o + k].to > joined[i] && owed[o + k].from >= of->above) {
                r->spans[r->spans_n++] = (struct select_span){owed[o + k].from, owed[o + k].to};
            }
        }
        r->has_owed = own > 0;
        r->spans[r->spans_n++] = (struct select_span){r->from, of->to};
    }
    return st;
}
