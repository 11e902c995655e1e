#include "store/subscriber.h"

#include "store/statement.h"

enum { MERGES_MAX = 16 }; /* a chain of merges longer than this is a circle */

const char *subscriber_status_name(enum subscriber_status s) {
    static const char *const names[] = {"active", "suppressed", "erased", "merged"};
    return (size_t)s < sizeof names / sizeof *names ? names[s] : "unknown";
}

void statement_subscriber(sqlite3_stmt *q, struct arena *a, struct subscriber *x) {
    *x = (struct subscriber){.id = sql_int(q, 0),
                             .email = statement_text(q, 1, a),
                             .email_key = statement_text(q, 2, a),
                             .name = statement_text(q, 3, a),
                             .given_name = statement_text(q, 4, a),
                             .language = statement_text(q, 5, a),
                             .timezone = statement_text(q, 6, a),
                             .format = (enum reader_format)sql_int(q, 7),
                             .generation = sql_int(q, 8),
                             .attributes = statement_text(q, 9, a),
                             .status = (enum subscriber_status)sql_int(q, 10),
                             .merged_into = sql_int(q, 11),
                             .created_at = sql_int(q, 12),
                             .updated_at = sql_int(q, 13)};
}

static enum status one(struct store *s, sqlite3_stmt *q, struct arena *a, bool *found, struct subscriber *out,
                       struct error *err) {
    enum status st = sql_step(s->sql, q, found, err);
    if (st == OK && *found) {
        statement_subscriber(q, a, out);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status subscriber_get(struct store *s, int64_t id, struct arena *a, bool *found, struct subscriber *out,
                           struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_GET);
    sql_bind(q, "i", id);
    return one(s, q, a, found, out, err);
}

enum status subscriber_by_key(struct store *s, struct str key, struct arena *a, bool *found, struct subscriber *out,
                              struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_BY_KEY);
    sql_bind(q, "s", key);
    return one(s, q, a, found, out, err);
}

enum status subscriber_list(struct store *s, int64_t after, size_t limit, bool all, struct arena *a,
                            struct subscriber **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_LIST);
    sql_bind(q, "iii", after, (int64_t)limit, (int64_t)all);
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

enum status subscriber_count(struct store *s, int64_t *active, struct error *err) {
    *active = 0;
    return sql_run_int(s->sql, statement_get(s, STMT_SUBSCRIBER_COUNT), active, err);
}

enum status subscriber_languages(struct store *s, struct arena *a, struct subscriber_language **out, size_t *n,
                                 struct error *err) {
    enum { MOST = 200 };
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_LANGUAGES);
    bool row = false;
    enum status st = OK;
    *out = arena_alloc(a, MOST * sizeof **out);
    *n = 0;
    while (*n < MOST && (st = sql_step(s->sql, q, &row, err)) == OK && row) {
        (*out)[(*n)++] = (struct subscriber_language){arena_str(a, sql_str(q, 0)), sqlite3_column_int64(q, 1)};
    }
    (void)sqlite3_reset(q);
    return st;
}

enum status subscriber_zones(struct store *s, struct arena *a, struct str **zones, size_t *n, struct error *err) {
    enum { MAX = 1000 };
    struct str last = STR("");
    enum status st = OK;
    *zones = arena_alloc(a, MAX * sizeof **zones);
    *n = 0;
    while (*n < MAX) { /* from one to the next by the index: readers are many, zones few */
        bool row;
        sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_ZONE);
        sql_bind(q, "s", last);
        if ((st = sql_step(s->sql, q, &row, err)) != OK || !row) {
            break;
        }
        last = statement_text(q, 0, a);
        (void)sqlite3_reset(q);
        if (!last.ptr) {
            break;
        }
        (*zones)[(*n)++] = last;
    }
    return st;
}

/* The texts are copied and the statement reset, so that no read transaction stays open. */
static enum status copy_texts(struct store *s, sqlite3_stmt *q, struct subscriber_delivery *out, struct error *err) {
    struct str *const to[] = {&out->email,    &out->name,       &out->given_name,
                              &out->timezone, &out->attributes, &out->language};
    struct str from[6];
    size_t need = 0;
    for (int i = 0; i < 6; i++) {
        from[i] = sql_str(q, 5 + i);
        need += from[i].len;
    }
    buf_clear(&s->delivery);
    if (!buf_reserve(&s->delivery, need + 1)) { /* no allocation after warm-up, and no move while slices are taken */
        return error_set(err, ERR_OS, "out of memory");
    }
    for (int i = 0; i < 6; i++) {
        *to[i] = STR_NONE;
        if (from[i].ptr) {
            *to[i] = (struct str){s->delivery.ptr + s->delivery.len, from[i].len};
            buf_add(&s->delivery, from[i]);
        }
    }
    return OK;
}

enum status subscriber_for_delivery(struct store *s, int64_t subscriber, int64_t newsletter,
                                    struct subscriber_delivery *out, struct error *err) {
    *out = (struct subscriber_delivery){.subscriber = subscriber, .subscription = SUBSCRIPTION_NONE};
    for (int merges = 0; merges <= MERGES_MAX; merges++) {
        bool row;
        sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIBER_DELIVERY);
        sql_bind(q, "ii", out->subscriber, newsletter);
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        int64_t into = sql_int(q, 1);
        if (into) {
            out->subscriber = into;
            out->merged = true;
            (void)sqlite3_reset(q);
            continue;
        }
        out->found = true;
        out->status = (enum subscriber_status)sql_int(q, 0);
        out->generation = sql_int(q, 2);
        out->format = (enum reader_format)sql_int(q, 3);
        out->subscription = (enum subscription_status)statement_int_or(q, 4, SUBSCRIPTION_NONE);
        st = copy_texts(s, q, out, err);
        (void)sqlite3_reset(q);
        return st;
    }
    return error_set(err, ERR_SOFTWARE, "subscriber %lld was merged in a circle", (long long)subscriber);
}
