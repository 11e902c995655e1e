#include "store/retention.h"

#include "base/stop.h"
#include "store/event.h"
#include "store/statement.h"

enum { PAGE = 1000 };

/* One page of NEWSLETTER's former readers behind *AFTER; *more: there may be further ones. */
static enum status people_page(struct store *s, int64_t newsletter, int64_t left, int64_t *after, bool *more,
                               int64_t *n, struct error *err) {
    int64_t ids[PAGE];
    size_t got = 0;
    bool row = true, own;
    sqlite3_stmt *q = statement_get(s, STMT_RETENTION_FORMER);
    sql_bind(q, "iiii", newsletter, *after, left, (int64_t)PAGE);
    enum status st;
    while ((st = sql_step(s->sql, q, &row, err)) == OK && row && got < PAGE) {
        ids[got++] = sql_int(q, 0);
    }
    (void)sqlite3_reset(q);
    *more = got == PAGE;
    *after = got ? ids[got - 1] : *after;
    if (st != OK || got == 0 || (st = statement_begin(s, &own, err)) != OK) {
        return st;
    }
    for (size_t i = 0; i < got && st == OK; i++) {
        q = statement_get(s, STMT_RETENTION_EMPTY);
        sql_bind(q, "ii", ids[i], left);
        if ((st = sql_run(s->sql, q, err)) == OK) {
            *n += statement_changes(s);
        }
    }
    return statement_end(s, own, st, err);
}

enum status retention_people(struct store *s, int64_t left, int64_t *n, struct error *err) {
    enum status st = OK;
    int64_t newsletter = 0;
    *n = 0;
    while (st == OK && !stop_asked) {
        int64_t next = 0, after = 0;
        bool more = true;
        sqlite3_stmt *q = statement_get(s, STMT_RETENTION_NEWSLETTER);
        sql_bind(q, "i", newsletter);
        if ((st = sql_run_int(s->sql, q, &next, err)) != OK || next == 0) {
            break;
        }
        while (st == OK && more && !stop_asked) {
            st = people_page(s, next, left, &after, &more, n, err);
        }
        newsletter = next;
    }
    return st;
}

enum status retention_log(struct store *s, int64_t before, int64_t *n, struct error *err) {
    enum status st = OK;
    int gone = PAGE;
    *n = 0;
    while (st == OK && gone == PAGE && !stop_asked) {
        sqlite3_stmt *q = statement_get(s, STMT_RETENTION_AUDIT);
        sql_bind(q, "ii", before, (int64_t)PAGE);
        if ((st = sql_run(s->sql, q, err)) == OK) {
            gone = statement_changes(s);
            *n += gone;
        }
    }
    if (st == OK && (st = event_forget(s, before, err)) == OK) {
        st = sql_run(s->sql, statement_get(s, STMT_RETENTION_TEXTS), err);
    }
    return st;
}
