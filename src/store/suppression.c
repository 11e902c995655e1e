#include "store/suppression.h"

#include <stdio.h>

#include "store/event.h"
#include "store/statement.h"

const char *suppression_reason_name(enum suppression_reason r) {
    static const char *const names[] = {"hard", "complaint", "erased", "by-hand"};
    return (size_t)r < sizeof names / sizeof *names ? names[r] : "unknown";
}

void suppression_erased_key(const struct hash_key *key, struct str address_key, char out[SUPPRESSION_ERASED_SIZE]) {
    uint8_t hash[HASH_SIZE];
    hash_keyed(key, address_key.ptr, address_key.len, hash);
    memcpy(out, "h:", 2);
    hash_hex(hash, sizeof hash, out + 2);
}

enum status suppression_any_erased(struct store *s, bool *any, struct error *err) {
    int64_t one = 0;
    enum status st = sql_run_int(s->sql, statement_get(s, STMT_SUPPRESSION_ERASED), &one, err);
    *any = one != 0;
    return st;
}

static void read_suppression(sqlite3_stmt *q, struct arena *a, struct suppression *x) {
    *x = (struct suppression){.key = statement_text(q, 0, a),
                              .reason = (enum suppression_reason)sql_int(q, 1),
                              .at = sql_int(q, 2),
                              .until = sql_int(q, 3),
                              .note = statement_text(q, 4, a)};
}

enum status suppression_get(struct store *s, struct str key, struct arena *a, bool *found, struct suppression *out,
                            struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUPPRESSION_GET);
    sql_bind(q, "s", key);
    enum status st = sql_step(s->sql, q, found, err);
    if (st == OK && *found) {
        read_suppression(q, a, out);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status suppression_find(struct store *s, struct str part, unsigned reasons, struct str after, size_t limit,
                             struct arena *a, struct suppression **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUPPRESSION_LIST);
    sql_bind(q, "sisi", after.ptr ? after : STR(""), (int64_t)limit, part, (int64_t)reasons);
    *rows = arena_alloc(a, limit * sizeof **rows);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        read_suppression(q, a, &(*rows)[(*n)++]);
    }
}

enum status suppression_list(struct store *s, struct str after, size_t limit, struct arena *a,
                             struct suppression **rows, size_t *n, struct error *err) {
    return suppression_find(s, STR_NONE, 0, after, limit, a, rows, n, err);
}

/* Brings the subscriber with KEY in step; *id is 0 when there is none to change. */
static enum status set_subscriber(struct store *s, enum statement which, struct str key, int64_t now, int64_t *id,
                                  struct error *err) {
    bool row;
    sqlite3_stmt *q = statement_get(s, which);
    sql_bind(q, "si", key, now);
    *id = 0;
    enum status st = sql_step(s->sql, q, &row, err);
    if (st == OK && row) {
        *id = sql_int(q, 0);
        st = sql_run(s->sql, q, err);
    }
    return st;
}

static enum status add(struct store *s, const struct suppression *what, const char *actor, bool *added,
                       struct error *err) {
    bool there;
    int64_t subscriber;
    sqlite3_stmt *q = statement_get(s, STMT_SUPPRESSION_GET);
    sql_bind(q, "s", what->key);
    enum status st = sql_step(s->sql, q, &there, err);
    (void)sqlite3_reset(q);
    if (st != OK) {
        return st;
    }
    *added = !there;
    q = statement_get(s, STMT_SUPPRESSION_PUT);
    sql_bind(q, "siins", what->key, (int64_t)what->reason, what->at, what->note);
    if (q && what->until) {
        (void)sqlite3_bind_int64(q, 4, what->until);
    }
    if ((st = sql_run(s->sql, q, err)) == OK) {
        bool changed = statement_changes(s) > 0;
        st = set_subscriber(s, STMT_SUBSCRIBER_SUPPRESS, what->key, what->at, &subscriber, err);
        if (st == OK && (changed || subscriber)) {
            st = audit_add(s, what->at, actor, "suppress", subscriber, str_from(suppression_reason_name(what->reason)),
                           err);
        }
    }
    return st;
}

enum status suppression_add(struct store *s, const struct suppression *what, const char *actor, bool *added,
                            struct error *err) {
    bool own;
    bool did = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    st = statement_end(s, own, add(s, what, actor, &did, err), err);
    if (added) {
        *added = st == OK && did;
    }
    return st;
}

enum status suppression_remove(struct store *s, struct str key, const char *actor, int64_t now, bool *removed,
                               struct error *err) {
    bool own;
    int64_t subscriber;
    *removed = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, STMT_SUPPRESSION_DELETE);
    sql_bind(q, "s", key);
    if ((st = sql_run(s->sql, q, err)) == OK && statement_changes(s) > 0) {
        *removed = true;
        if ((st = set_subscriber(s, STMT_SUBSCRIBER_RELEASE, key, now, &subscriber, err)) == OK) {
            st = audit_add(s, now, actor, "unsuppress", subscriber, STR_NONE, err);
        }
    }
    return statement_end(s, own, st, err);
}

enum status suppression_lapse(struct store *s, int64_t now, suppression_before *before, void *ctx, struct error *err) {
    struct buf key = BUF_INIT;
    enum status st = OK;
    bool removed;
    for (bool row = true; st == OK && row;) {
        sqlite3_stmt *q = statement_get(s, STMT_SUPPRESSION_LAPSED);
        sql_bind(q, "i", now);
        if ((st = sql_step(s->sql, q, &row, err)) == OK && row) {
            buf_clear(&key);
            buf_add(&key, sql_str(q, 0));
            (void)sqlite3_reset(q);
            st = before ? before(ctx, buf_str(&key), err) : OK;
            st = st == OK ? suppression_remove(s, buf_str(&key), "lapse", now, &removed, err) : st;
        }
    }
    buf_release(&key);
    return st;
}
