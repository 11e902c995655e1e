#include "dispatch/census.h"

#include "digest/edition.h"
#include "digest/schedule.h"
#include "dispatch/known.h"
#include "dispatch/readers.h"

enum { CHUNK = 4000 };

enum config_schedule_kind census_cadence(struct str name) {
    enum config_schedule_kind k = CONFIG_SCHEDULE_DAILY;
    while (k < CONFIG_SCHEDULE_MANUAL && !str_eq(name, str_from(schedule_cadence_name(k)))) {
        k++;
    }
    return k;
}

enum status census_take(struct site *s, const struct census_of *of, struct census *out, struct error *err) {
    struct arena *a = arena_new();
    struct buf key = BUF_INIT;
    struct readers chunk = {0};
    struct known *seen = known_new(0);
    enum status st = a && seen ? OK : error_set(err, ERR_OS, "out of memory");
    *out = (struct census){.lowest = of->readers.to};
    while (st == OK && !chunk.end) {
        const struct reader *last = NULL;
        bool due = false;
        arena_reset(a);
        st = readers_next(s, &of->readers, chunk.last, CHUNK, a, &chunk, err);
        for (size_t i = 0; i < chunk.n && st == OK; i++) {
            const struct reader *r = &chunk.list[i];
            if (!reader_takes(r, of->n, of->cadence)) {
                continue;
            }
            if (!last || !reader_alike(r, last)) {
                struct select_reader sr = reader_select(r, of->n);
                buf_clear(&key);
                due = select_key(of->articles, of->articles_n, &sr, &key) >= (size_t)of->n->min_articles;
                bool is_new = false;
                if ((due && !known_number(seen, buf_str(&key), &is_new)) || key.failed) {
                    st = error_set(err, ERR_OS, "out of memory");
                }
                out->renditions += is_new;
                for (size_t k = 0; k < r->spans_n && due; k++) {
                    out->lowest = r->spans[k].from < out->lowest ? r->spans[k].from : out->lowest;
                }
            }
            out->readers += due;
            last = r;
        }
    }
    known_free(seen);
    buf_release(&key);
    arena_free(a);
    return st;
}

enum status census_issue(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                         const struct issue_input *inputs, size_t inputs_n, struct census *out, struct error *err) {
    struct queue_newsletter q;
    struct arena *a = arena_new();
    struct census_of of = {
        .n = n,
        .cadence = census_cadence(issue->cadence),
        .readers = {.newsletter = issue->newsletter, .above = issue->arrival_from, .to = issue->arrival_to}};
    struct select_article *articles = NULL;
    enum status st = a ? queue_newsletter(s->queue, n->name, 0, &q, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        st = edition_select_articles(inputs, inputs_n, a, &articles, &of.articles_n, err);
    }
    of.articles = articles;
    if (st == OK &&
        (st = store_newsletter_find(s->store, issue->newsletter_name, &of.readers.store_newsletter, err)) == OK) {
        of.readers.first_built_at = q.first_built_at;
        st = census_take(s, &of, out, err);
    }
    arena_free(a);
    return st;
}
