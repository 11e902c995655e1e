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

enum status search_page(struct store *s, const struct search *what, int64_t after, size_t limit, struct arena *a,
                        struct subscriber **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = bound(s, STMT_SEARCH_PAGE, what, after, (int64_t)limit);
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

enum status search_count(struct store *s, const struct search *what, int64_t *n, struct error *err) {
    sqlite3_stmt *q = bound(s, STMT_SEARCH_COUNT, what, 0, -1);
    *n = 0;
    return sql_run_int(s->sql, q, n, err);
}
