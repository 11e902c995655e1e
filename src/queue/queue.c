#include "queue/queue.h"

#include "queue/queue_internal.h"
#include "queue/rows.h"

#include <stdio.h>
#include <stdlib.h>

enum status queue_open(const char *path, enum sql_mode mode, struct queue **out, struct error *err) {
    *out = NULL;
    struct queue *q = calloc(1, sizeof *q);
    if (!q) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = sql_open(path, mode, queue_statements, Q_COUNT, &q->db, err);
    if (st == OK) {
        st = rows_register(q->db, err);
    }
    if (st == OK && mode != SQL_READ) {
        st = sql_migrate(q->db, queue_migrations, queue_migrations_n, err);
    }
    if (st != OK) {
        queue_close(q);
        return st;
    }
    *out = q;
    return OK;
}

void queue_close(struct queue *q) {
    if (q) {
        sql_close(q->db);
        free(q);
    }
}

struct sql *queue_sql(struct queue *q) {
    return q->db;
}

enum status queue_meta_int(struct queue *q, const char *key, int64_t *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_META_GET);
    sql_bind(s, "z", key);
    return sql_run_int(q->db, s, out, err);
}

enum status queue_meta_set_int(struct queue *q, const char *key, int64_t value, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_META_SET);
    sql_bind(s, "zi", key, value);
    return sql_run(q->db, s, err);
}

enum status queue_meta_str(struct queue *q, const char *key, struct arena *a, struct str *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_META_GET);
    bool row;
    sql_bind(s, "z", key);
    enum status st = sql_step(q->db, s, &row, err);
    *out = STR_NONE;
    if (st == OK && row) {
        *out = arena_str(a, sql_str(s, 0));
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status queue_meta_set_str(struct queue *q, const char *key, struct str value, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_META_SET);
    sql_bind(s, "zs", key, value);
    return sql_run(q->db, s, err);
}

enum status queue_newsletter(struct queue *q, const char *name, int64_t now, struct queue_newsletter *out,
                             struct error *err) {
    enum status st;
    bool row = false;
    for (int round = 0; round < 2; round++) {
        sqlite3_stmt *s = queue_stmt(q, Q_NEWSLETTER_GET);
        sql_bind(s, "z", name);
        if ((st = sql_step(q->db, s, &row, err)) != OK) {
            return st;
        }
        if (row) {
            *out = (struct queue_newsletter){sql_int(s, 0), sql_int(s, 1), sql_int(s, 2), sql_int(s, 3), sql_int(s, 4)};
            (void)sqlite3_reset(s);
            return OK;
        }
        if (now == 0 || round == 1) {
            break;
        }
        s = queue_stmt(q, Q_NEWSLETTER_ADD);
        sql_bind(s, "zi", name, now);
        if ((st = sql_run(q->db, s, err)) != OK) {
            return st;
        }
    }
    return error_set(err, ERR_NOINPUT, "newsletter %s has not been set up yet: run 'courant init' or 'courant run'",
                     name);
}

enum status queue_cadence_done(struct queue *q, int64_t newsletter, const char *cadence, int64_t *out,
                               struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_CADENCE_GET);
    sql_bind(s, "iz", newsletter, cadence);
    *out = 0;
    return sql_run_int(q->db, s, out, err);
}

enum status queue_cadence_set_done(struct queue *q, int64_t newsletter, const char *cadence, int64_t until,
                                   struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_CADENCE_SET);
    sql_bind(s, "izi", newsletter, cadence, until);
    return sql_run(q->db, s, err);
}

/* The nine columns of a bucket from column I on. */
static struct queue_bucket bucket_from(sqlite3_stmt *s, int i) {
    struct queue_bucket b = {.easing = sqlite3_column_double(s, i),
                             .eased_at = sql_int(s, i + 1),
                             .at_ns = sql_int(s, i + 2),
                             .tokens = sqlite3_column_double(s, i + 3),
                             .day = sql_int(s, i + 5),
                             .day_count = sql_int(s, i + 6),
                             .hour = sql_int(s, i + 7),
                             .hour_count = sql_int(s, i + 8)};
    (void)snprintf(b.boot, sizeof b.boot, "%.*s", STR_ARG(sql_str(s, i + 4)));
    return b;
}

enum status queue_relay(struct queue *q, const char *name, struct queue_relay *out, struct error *err) {
    enum status st;
    bool row = false;
    for (int round = 0; round < 2; round++) {
        sqlite3_stmt *s = queue_stmt(q, Q_RELAY_GET);
        sql_bind(s, "z", name);
        if ((st = sql_step(q->db, s, &row, err)) != OK) {
            return st;
        }
        if (row) {
            *out = (struct queue_relay){.id = sql_int(s, 0),
                                        .rest_until = sql_int(s, 1),
                                        .rest_s = sql_int(s, 2),
                                        .losses = sql_int(s, 3),
                                        .bucket = bucket_from(s, 5)};
            (void)snprintf(out->stopped, sizeof out->stopped, "%.*s", STR_ARG(sql_str(s, 4)));
            (void)sqlite3_reset(s);
            return OK;
        }
        s = queue_stmt(q, Q_RELAY_ADD);
        sql_bind(s, "z", name);
        if ((st = sql_run(q->db, s, err)) != OK) {
            return st;
        }
    }
    return error_set(err, ERR_SOFTWARE, "relay %s can't be noted", name);
}

enum status queue_relay_set(struct queue *q, const struct queue_relay *r, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_RELAY_SET);
    const struct queue_bucket *b = &r->bucket;
    sql_bind(s, "iiiizdiidziiii", r->id, r->rest_until, r->rest_s, r->losses, r->stopped[0] ? r->stopped : NULL,
             b->easing, b->eased_at, b->at_ns, b->tokens, b->boot, b->day, b->day_count, b->hour, b->hour_count);
    return sql_run(q->db, s, err);
}

enum status queue_pace(struct queue *q, struct str domain, struct queue_bucket *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_PACE_GET);
    bool row;
    sql_bind(s, "s", domain);
    enum status st = sql_step(q->db, s, &row, err);
    *out = (struct queue_bucket){.easing = 1};
    if (st == OK && row) {
        *out = bucket_from(s, 0);
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status queue_pace_set(struct queue *q, struct str domain, const struct queue_bucket *b, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_PACE_SET);
    sql_bind(s, "sdiidziiii", domain, b->easing, b->eased_at, b->at_ns, b->tokens, b->boot, b->day, b->day_count,
             b->hour, b->hour_count);
    return sql_run(q->db, s, err);
}

enum status queue_pace_eased(struct queue *q, void (*fn)(void *ctx, struct str domain, double easing), void *ctx,
                             struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_PACE_LIST);
    bool row;
    enum status st;
    sql_bind(s, "z", "");
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        fn(ctx, sql_str(s, 0), sqlite3_column_double(s, 1));
    }
    return st;
}

enum status queue_count(struct queue *q, int64_t issue, int from, int to, struct error *err) {
    return queue_count_many(q, issue, from, to, 1, err);
}

enum status queue_count_many(struct queue *q, int64_t issue, int from, int to, int64_t n, struct error *err) {
    struct queue_delta *d = NULL;
    for (size_t i = 0; i < q->deltas_n; i++) {
        if (q->deltas[i].issue == issue) {
            d = &q->deltas[i];
            break;
        }
    }
    if (!d) {
        if (q->deltas_n == QUEUE_DELTAS) {
            enum status st = queue_count_flush(q, 0, err);
            if (st != OK) {
                return st;
            }
        }
        d = &q->deltas[q->deltas_n++];
        *d = (struct queue_delta){.issue = issue};
    }
    if (from >= 0) {
        d->n[from] -= n;
    }
    d->n[to] += n;
    return OK;
}

enum status queue_count_flush(struct queue *q, int64_t now, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < q->deltas_n && st == OK; i++) {
        struct queue_delta *d = &q->deltas[i];
        for (int state = 0; state < DELIVERY_STATES && st == OK; state++) {
            if (d->n[state]) {
                sqlite3_stmt *s = queue_stmt(q, Q_COUNT_ADD);
                sql_bind(s, "iii", d->issue, (int64_t)state, d->n[state]);
                st = sql_run(q->db, s, err);
            }
        }
        if (st == OK && now) {
            sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_DONE);
            sql_bind(s, "ii", d->issue, now);
            st = sql_run(q->db, s, err);
        }
    }
    q->deltas_n = 0;
    return st;
}

enum status queue_seen(struct queue *q, struct queue_seen *out, struct error *err) {
    bool row;
    sqlite3_stmt *s = queue_stmt(q, Q_SEEN);
    enum status st = sql_step(q->db, s, &row, err);
    *out = (struct queue_seen){0};
    if (st == OK && row) {
        *out = (struct queue_seen){sql_int(s, 0), sql_int(s, 1), sql_int(s, 2)};
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status queue_restored(struct queue *q, struct error *err) {
    enum status st = sql_run(q->db, queue_stmt(q, Q_RAISE_IDS), err);
    if (st == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_META_SET);
        int64_t salt = 0;
        /* another salt: what the journal holds is of the lost time and is not seen any more */
        st = queue_meta_int(q, "salt", &salt, err);
        sql_bind(s, "zi", "salt", salt + 1);
        st = st == OK ? sql_run(q->db, s, err) : st;
    }
    return st;
}
