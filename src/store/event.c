#include "store/event.h"

#include "store/statement.h"

static enum status suppress(struct store *s, struct str event, int64_t subscriber, int64_t generation,
                            enum suppression_reason reason, struct str note, int64_t now, bool *done,
                            struct error *err) {
    struct buf key = BUF_INIT;
    bool row;
    sqlite3_stmt *q = statement_get(s, STMT_EVENT_ADD);
    sql_bind(q, "si", event, now);
    enum status st = sql_run(s->sql, q, err);
    if (st != OK || statement_changes(s) == 0) {
        return st; /* done before: the producer died before deleting it */
    }
    q = statement_get(s, STMT_EVENT_SUBSCRIBER);
    sql_bind(q, "ii", subscriber, generation);
    if ((st = sql_step(s->sql, q, &row, err)) == OK && row) {
        buf_add(&key, sql_str(q, 0));
        (void)sqlite3_reset(q);
    }
    if (st == OK && key.len) {
        struct suppression what = {.key = buf_str(&key), .reason = reason, .at = now, .note = note};
        st = suppression_add(s, &what, "bounce", done, err);
    }
    buf_release(&key);
    return st;
}

enum status event_suppress(struct store *s, struct str event, int64_t subscriber, int64_t generation,
                           enum suppression_reason reason, struct str note, int64_t now, bool *done,
                           struct error *err) {
    bool own;
    bool did = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    st = statement_end(s, own, suppress(s, event, subscriber, generation, reason, note, now, &did, err), err);
    if (done) {
        *done = st == OK && did;
    }
    return st;
}

enum status event_forget(struct store *s, int64_t at, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_EVENT_FORGET);
    sql_bind(q, "i", at);
    return sql_run(s->sql, q, err);
}
