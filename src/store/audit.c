#include "store/audit.h"

#include "store/statement.h"

enum status audit_add(struct store *s, int64_t at, const char *actor, const char *action, int64_t subscriber,
                      struct str detail, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_AUDIT_ADD);
    sql_bind(q, "izzns", at, actor, action, detail);
    if (q && subscriber) {
        (void)sqlite3_bind_int64(q, 4, subscriber);
    }
    return sql_run(s->sql, q, err);
}

enum status audit_list(struct store *s, const struct audit_filter *f, int64_t after, size_t limit, struct arena *a,
                       struct audit_row **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, f->subscriber ? STMT_AUDIT_OF : STMT_AUDIT_LIST);
    sql_bind(q, "iiisi", after, (int64_t)limit, f->since, f->action, f->subscriber);
    *rows = arena_alloc(a, limit * sizeof **rows);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        (*rows)[(*n)++] = (struct audit_row){.id = sql_int(q, 0),
                                             .at = sql_int(q, 1),
                                             .actor = statement_text(q, 2, a),
                                             .action = statement_text(q, 3, a),
                                             .subscriber = sql_int(q, 4),
                                             .email = statement_text(q, 5, a),
                                             .detail = statement_text(q, 6, a)};
    }
}
