#include "store/search.h"

#include "store/statement.h"

/* The statements share their conditions and so their parameters, from ?3 on. */
static sqlite3_stmt *bound(struct store *s, enum statement which, const struct search *w, int64_t after,
                           int64_t limit) {
    bool subscription = w->newsletter || w->topic.ptr || w->joined_from != INT64_MIN || w->joined_to != INT64_MAX;
    sqlite3_stmt *q = statement_get(s, which);
    sql_bind(q, "iiiSiiiiSSSSii", after, limit, (int64_t)w->all, w->part, (int64_t)w->people, (int64_t)w->subscriptions,
             (int64_t)subscription, w->newsletter, w->topic, w->language, w->attribute, w->value, w->joined_from,
             w->joined_to);
    return q;
}

static enum status collect(struct store *s, sqlite3_stmt *q, size_t limit, struct arena *a, struct subscriber **rows,
                           size_t *n, struct error *err) {
    *rows = arena_alloc(a, limit * sizeof **rows);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        statement_subscriber(q, a, &(*rows)[(*n)++]);
    }
}

enum status search_page(struct store *s, const struct search *what, int64_t after, size_t limit, struct arena *a,
                        struct subscriber **rows, size_t *n, struct error *err) {
    return collect(s, bound(s, STMT_SEARCH_PAGE, what, after, (int64_t)limit), limit, a, rows, n, err);
}

enum status search_by_key(struct store *s, const struct search *what, struct str after, size_t limit, struct arena *a,
                          struct subscriber **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = bound(s, STMT_SEARCH_BY_KEY, what, 0, (int64_t)limit);
    after = after.ptr ? after : STR("");
    if (q) {
        (void)sqlite3_bind_text64(q, 15, after.ptr, after.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    return collect(s, q, limit, a, rows, n, err);
}

enum status search_attributes(struct store *s, size_t limit, struct arena *a, struct str **names, size_t *n,
                              struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SEARCH_ATTRIBUTES);
    sql_bind(q, "i", (int64_t)limit);
    *names = arena_alloc(a, limit * sizeof **names);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        (*names)[(*n)++] = statement_text(q, 0, a);
    }
}

enum status search_count(struct store *s, const struct search *what, int64_t *n, struct error *err) {
    sqlite3_stmt *q = bound(s, STMT_SEARCH_COUNT, what, 0, -1);
    *n = 0;
    return sql_run_int(s->sql, q, n, err);
}
