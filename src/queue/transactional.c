#include "queue/transactional.h"

#include "base/stop.h"
#include "crypto/hash.h"
#include "queue/queue_internal.h"

enum status transactional_add(struct queue *q, const struct transactional *m, int64_t now, int64_t *id,
                              struct error *err) {
    enum status st = sql_begin(q->db, err);
    if (st != OK) {
        return st;
    }
    struct str hash = STR_NONE;
    uint8_t bytes[HASH_SIZE];
    sqlite3_stmt *s;
    if (m->letter.ptr) {
        hash_of(m->letter.ptr, m->letter.len, bytes);
        hash = (struct str){(const char *)bytes, sizeof bytes};
        s = queue_stmt(q, Q_FROZEN_ADD);
        sql_bind(s, "bb", hash, m->letter);
        st = sql_run(q->db, s, err);
    }
    s = queue_stmt(q, Q_TRANSACTIONAL_ADD);
    sql_bind(s, "siissbsbs", m->kind, now, m->subscriber, m->mail_to, m->mail_from, m->message, m->relays, hash,
             m->fields);
    if (st == OK && (st = sql_run(q->db, s, err)) == OK) {
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
                                      .relays = arena_str(a, sql_str(s, 4)),
                                      .subscriber = sql_int(s, 5),
                                      .created_at = sql_int(s, 6),
                                      .letter = arena_str(a, sql_str(s, 7)),
                                      .fields = arena_str(a, sql_str(s, 8))};
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status transactional_purge(struct queue *q, int64_t before, struct error *err) {
    static const enum queue_statement steps[] = {Q_PURGE_MESSAGE_DELIVERY, Q_PURGE_MESSAGE_TROUBLE,
                                                 Q_PURGE_MESSAGE_ATTEMPTS, Q_PURGE_MESSAGE};
    enum { PAGE = 1000 };
    int64_t ids[PAGE];
    size_t n = PAGE;
    enum status st = OK;
    while (st == OK && n == PAGE && !stop_asked) {
        bool row = true;
        sqlite3_stmt *s = queue_stmt(q, Q_PURGE_MESSAGES);
        sql_bind(s, "i", before);
        for (n = 0; n < PAGE && (st = sql_step(q->db, s, &row, err)) == OK && row; n++) {
            ids[n] = sql_int(s, 0);
        }
        (void)sqlite3_reset(s);
        if (st != OK || n == 0 || (st = sql_begin(q->db, err)) != OK) {
            return st;
        }
        for (size_t i = 0; i < n * 4 && st == OK; i++) {
            s = queue_stmt(q, steps[i % 4]);
            sql_bind(s, "i", ids[i / 4]);
            st = sql_run(q->db, s, err);
        }
        st = st == OK ? sql_commit(q->db, err) : st;
        sql_rollback(q->db);
    }
    return st;
}
