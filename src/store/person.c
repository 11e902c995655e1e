#include "store/person.h"

#include <stdio.h>

#include "store/event.h"
#include "store/statement.h"

static const struct {
    unsigned bit;
    const char *name;
} fields[] = {{IMPORT_NAME, "name"},     {IMPORT_GIVEN_NAME, "given name"}, {IMPORT_LANGUAGE, "language"},
              {IMPORT_FORMAT, "format"}, {IMPORT_TIMEZONE, "timezone"},     {IMPORT_ATTRIBUTES, "attributes"}};

static void bind(sqlite3_stmt *q, int64_t id, const struct person_fields *f, int64_t now) {
    sql_bind(q, "iiSSSnSSi", id, (int64_t)f->told, f->name, f->given_name, f->language, f->timezone, f->attributes,
             now);
    if (q && f->format != READER_ANY) {
        (void)sqlite3_bind_int64(q, 6, f->format);
    }
}

enum status person_add(struct store *s, struct str email, struct str key, const struct person_fields *f,
                       const char *actor, int64_t now, int64_t *id, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_PERSON_NEW);
    bind(q, 0, f, now);
    if (q) {
        (void)sqlite3_bind_text64(q, 10, email.ptr, email.len, SQLITE_STATIC, SQLITE_UTF8);
        (void)sqlite3_bind_text64(q, 11, key.ptr, key.len, SQLITE_STATIC, SQLITE_UTF8);
    }
    enum status st = sql_run(s->sql, q, err);
    *id = sqlite3_last_insert_rowid(sql_handle(s->sql));
    return st == OK ? audit_add(s, now, actor, "add", *id, STR_NONE, err) : st;
}

static enum status set(struct store *s, int64_t id, const struct person_fields *f, const char *actor, int64_t now,
                       bool *changed, struct error *err) {
    struct buf names = BUF_INIT;
    sqlite3_stmt *q = statement_get(s, STMT_PERSON_SET);
    bind(q, id, f, now);
    enum status st = sql_run(s->sql, q, err);
    *changed = st == OK && statement_changes(s) > 0;
    if (*changed) {
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            if (f->told & fields[i].bit) {
                buf_addf(&names, "%s%s", names.len ? ", " : "", fields[i].name);
            }
        }
        st = audit_add(s, now, actor, "set", id, buf_str(&names), err);
    }
    buf_release(&names);
    return st;
}

enum status person_set(struct store *s, int64_t id, const struct person_fields *f, const char *actor, int64_t now,
                       bool *changed, struct error *err) {
    bool own, did = false;
    enum status st = statement_begin(s, &own, err);
    if (st == OK) {
        st = statement_end(s, own, set(s, id, f, actor, now, &did, err), err);
    }
    if (changed) {
        *changed = st == OK && did;
    }
    return st;
}

enum status person_move(struct store *s, int64_t id, struct str email, struct str key, const char *actor, int64_t now,
                        bool *changed, struct error *err) {
    bool own, did = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, STMT_PERSON_MOVE);
    sql_bind(q, "iSSi", id, email, key, now);
    if ((st = sql_run(s->sql, q, err)) == OK && statement_changes(s) > 0) {
        did = true;
        st = audit_add(s, now, actor, "address", id, STR_NONE, err); /* no address in the log */
    }
    st = statement_end(s, own, st, err);
    if (changed) {
        *changed = st == OK && did;
    }
    return st;
}

static enum status merge(struct store *s, int64_t from, int64_t into, const char *actor, int64_t now,
                         struct error *err) {
    static const enum statement order[] = {STMT_MERGE_EARLIER, STMT_MERGE_TAKE,    STMT_MERGE_END,
                                           STMT_MERGE_CONSENT, STMT_MERGE_SOURCES, STMT_MERGE_ROW};
    char detail[40];
    enum status st = OK;
    for (size_t i = 0; i < sizeof order / sizeof *order && st == OK; i++) {
        sqlite3_stmt *q = statement_get(s, order[i]);
        sql_bind(q, "ii", from, into);
        if (q && sqlite3_bind_parameter_count(q) > 2) {
            (void)sqlite3_bind_int64(q, 3, now);
        }
        st = sql_run(s->sql, q, err);
    }
    (void)snprintf(detail, sizeof detail, "subscriber %lld", (long long)from);
    if (st == OK && (st = audit_add(s, now, actor, "merge", into, str_from(detail), err)) == OK) {
        (void)snprintf(detail, sizeof detail, "into subscriber %lld", (long long)into);
        st = audit_add(s, now, actor, "merge", from, str_from(detail), err);
    }
    return st;
}

enum status person_merge(struct store *s, int64_t from, int64_t into, const char *actor, int64_t now,
                         struct error *err) {
    bool own;
    enum status st = statement_begin(s, &own, err);
    return st == OK ? statement_end(s, own, merge(s, from, into, actor, now, err), err) : st;
}
