#include "dispatch/census.h"

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
