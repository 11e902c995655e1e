#include "queue/transactional.h"

#include "queue/queue_internal.h"

enum status transactional_add(struct queue *q, const struct transactional *m, int64_t now, int64_t *id,
                              struct error *err) {
    enum status st = sql_begin(q->db, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *s = queue_stmt(q, Q_TRANSACTIONAL_ADD);
    sql_bind(s, "siissbs", m->kind, now, m->subscriber, m->mail_to, m->mail_from, m->message, m->relays);
    if (s && !m->subscriber) {
        (void)sqlite3_bind_null(s, 3);
    }
    if ((st = sql_run(q->db, s, err)) == OK) {
        *id = sqlite3_last_insert_rowid(sql_handle(q->db));
        s = queue_stmt(q, Q_DELIVERY_ADD);
        sql_bind(s, "iiiii", (int64_t)0, *id, (int64_t)0, (int64_t)0, (int64_t)0);
        if ((st = sql_run(q->db, s, err)) == OK && (st = queue_count(q, 0, -1, DELIVERY_QUEUED, err)) == OK &&
            (st = queue_count_flush(q, 0, err)) == OK) {
            st = sql_commit(q->db, err);
        }
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    return st;
}

enum status transactional_get(struct queue *q, int64_t id, struct arena *a, struct transactional *out,
                              struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_TRANSACTIONAL_GET);
    bool row;
    sql_bind(s, "i", id);
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && !row) {
        return error_set(err, ERR_DATA, "there is no transactional message %lld", (long long)id);
    }
    if (st == OK) {
        *out = (struct transactional){.kind = arena_str(a, sql_str(s, 0)),
                                      .mail_to = arena_str(a, sql_str(s, 1)),
                                      .mail_from = arena_str(a, sql_str(s, 2)),
                                      .message = arena_str(a, sql_str(s, 3)),
                                      .relays = arena_str(a, sql_str(s, 4))};
        (void)sqlite3_reset(s);
    }
    return st;
}
