#include "store/hand.h"

#include <stdio.h>

#include "store/event.h"
#include "store/statement.h"

static enum status write_row(struct store *s, const struct import_row *r, int64_t now, int64_t *id, struct error *err) {
    sqlite3_stmt *q = statement_get(s, *id ? STMT_ARTICLE_UPDATE : STMT_ARTICLE_INSERT);
    sql_bind(q, "nSiSSnnSSSSSiSS", r->id, r->hash, r->title, r->url, r->language, r->author, r->topic, r->summary,
             r->body, (int64_t)r->format, r->image_url, r->image_alt);
    if (q && r->published_at != INT64_MIN) {
        (void)sqlite3_bind_int64(q, 6, r->published_at);
    }
    if (q && r->updated_at != INT64_MIN) {
        (void)sqlite3_bind_int64(q, 7, r->updated_at);
    }
    if (q && !*id) {
        (void)sqlite3_bind_int64(q, 16, now);
    }
    enum status st = sql_run(s->sql, q, err);
    if (st == OK && !*id) {
        *id = sqlite3_last_insert_rowid(sql_handle(s->sql));
    }
    return st;
}

enum status hand_put(struct store *s, const struct import_row *row, const char *actor, int64_t now,
                     enum import_result *result, int64_t *id, struct error *err) {
    char detail[64];
    int64_t hash = 0;
    bool found, own;
    *id = 0;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, STMT_ARTICLE_KNOWN);
    sql_bind(q, "nS", row->id);
    if ((st = sql_step(s->sql, q, &found, err)) == OK && found) {
        *id = sql_int(q, 0);
        hash = sql_int(q, 1);
        (void)sqlite3_reset(q);
    }
    *result = !*id ? IMPORT_NEW : hash == row->hash ? IMPORT_UNCHANGED : IMPORT_CHANGED;
    if (st == OK && *result != IMPORT_UNCHANGED && (st = write_row(s, row, now, id, err)) == OK) {
        (void)snprintf(detail, sizeof detail, "article %lld", (long long)*id);
        st = audit_add(s, now, actor, *result == IMPORT_NEW ? "add" : "change", 0, str_from(detail), err);
    }
    return statement_end(s, own, st, err);
}
