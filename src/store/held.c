#include "store/held.h"

#include "base/sql_json.h"
#include "store/statement.h"
#include "store/suppression.h"

static enum status by_key(struct store *s, struct str key, json_t *list, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_HELD_SUPPRESSIONS);
    sql_bind(q, "s", key);
    return sql_rows_json(s->sql, q, list, err);
}

static enum status suppressions(struct store *s, struct str key, const struct hash_key *erased_key, json_t *list,
                                struct error *err) {
    char hashed[SUPPRESSION_ERASED_SIZE];
    suppression_erased_key(erased_key, key, hashed);
    enum status st = by_key(s, key, list, err);
    return st == OK ? by_key(s, str_from(hashed), list, err) : st;
}

enum status held_in_store(struct store *s, const struct erase_row *rows, size_t n, struct str key,
                          const struct hash_key *erased_key, json_t *out, struct error *err) {
    static const struct {
        const char *name;
        enum statement statement;
    } lists[] = {{"person", STMT_HELD_PERSON},   {"subscriptions", STMT_HELD_SUBSCRIPTIONS},
                 {"sources", STMT_HELD_SOURCES}, {"refused", STMT_HELD_REFUSED},
                 {"consent", STMT_HELD_CONSENT}, {"changes", STMT_HELD_AUDIT}};
    enum status st = OK;
    json_t *suppressed = json_array();
    for (size_t k = 0; k < sizeof lists / sizeof *lists && st == OK; k++) {
        json_t *list = json_array();
        for (size_t i = 0; i < n && st == OK; i++) {
            sqlite3_stmt *q = statement_get(s, lists[k].statement);
            if (lists[k].statement == STMT_HELD_REFUSED) {
                sql_bind(q, "s", rows[i].email);
            } else {
                sql_bind(q, "i", rows[i].id);
            }
            st = sql_rows_json(s->sql, q, list, err);
        }
        (void)json_object_set_new(out, lists[k].name, list);
    }
    if (st == OK && key.ptr) {
        st = suppressions(s, key, erased_key, suppressed, err);
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        if (rows[i].key.ptr && !str_eq(rows[i].key, key)) {
            st = suppressions(s, rows[i].key, erased_key, suppressed, err);
        }
    }
    (void)json_object_set_new(out, "suppressions", suppressed);
    return st;
}
