#include "store/import_state.h"

#include "store/statement.h"

enum status import_source(struct store *s, struct str name, int64_t *id, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SOURCE_FIND);
    sql_bind(q, "s", name);
    *id = 0;
    enum status st = sql_run_int(s->sql, q, id, err);
    if (st == OK && !*id) {
        q = statement_get(s, STMT_SOURCE_ADD);
        sql_bind(q, "s", name);
        st = sql_run(s->sql, q, err);
        *id = sqlite3_last_insert_rowid(sql_handle(s->sql));
    }
    return st;
}

enum status import_state(struct store *s, struct str source, struct arena *a, struct import_state *out,
                         struct error *err) {
    bool row;
    sqlite3_stmt *q = statement_get(s, STMT_SOURCE_FIND);
    sql_bind(q, "s", source);
    *out = (struct import_state){0};
    enum status st = sql_step(s->sql, q, &row, err);
    if (st == OK && row) {
        *out = (struct import_state){.id = sql_int(q, 0),
                                     .stamp = statement_text(q, 1, a),
                                     .synced_at = sql_int(q, 2),
                                     .people = sql_int(q, 3),
                                     .articles = sql_int(q, 4),
                                     .held = statement_text(q, 5, a),
                                     .held_at = sql_int(q, 6)};
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status import_has_article(struct store *s, int64_t source, struct str id, bool *known, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_ARTICLE_KNOWN);
    sql_bind(q, "iS", source, id);
    *known = false;
    enum status st = sql_step(s->sql, q, known, err);
    (void)sqlite3_reset(q);
    return st;
}

enum status import_hold(struct store *s, struct str source, struct str stamp, struct str sentence, int64_t now,
                        struct error *err) {
    bool own;
    int64_t id;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    if ((st = import_source(s, source, &id, err)) == OK) {
        sqlite3_stmt *q = statement_get(s, STMT_SOURCE_HELD);
        sql_bind(q, "isis", id, stamp, now, sentence);
        st = sql_run(s->sql, q, err);
    }
    return statement_end(s, own, st, err);
}

enum status import_refused_list(struct store *s, struct str source, int64_t after, size_t limit, struct arena *a,
                                struct import_refused **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_REFUSED_LIST);
    sql_bind(q, "sii", source, after, (int64_t)limit);
    *rows = arena_alloc(a, limit * sizeof **rows);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        (*rows)[(*n)++] = (struct import_refused){.n = sql_int(q, 0),
                                                  .kind = (enum import_kind)sql_int(q, 1),
                                                  .id = statement_text(q, 2, a),
                                                  .reason = statement_text(q, 3, a)};
    }
}
