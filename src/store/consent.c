#include "store/consent.h"

#include <stdio.h>

#include "store/event.h"
#include "store/statement.h"

enum { NO_STATUS = -1 };

static void read_consent(sqlite3_stmt *q, struct arena *a, struct consent *x) {
    *x = (struct consent){.id = sql_int(q, 0),
                          .subscriber = sql_int(q, 1),
                          .newsletter = sql_int(q, 2),
                          .newsletter_name = statement_text(q, 3, a),
                          .how = statement_text(q, 4, a),
                          .origin = statement_text(q, 5, a),
                          .actor = statement_text(q, 6, a),
                          .at = sql_int(q, 7),
                          .expires_at = sql_int(q, 8),
                          .answered_at = sql_int(q, 9),
                          .answered_by = statement_text(q, 10, a),
                          .ended_at = sql_int(q, 11),
                          .generation = sql_int(q, 12),
                          .text_hash = statement_text(q, 13, a),
                          .text_language = statement_text(q, 14, a),
                          .text = statement_text(q, 15, a)};
}

static enum status put_text(struct store *s, const struct consent *c, uint8_t hash[HASH_SIZE], struct error *err) {
    struct hash *h = hash_new();
    hash_add(h, c->text_language.ptr, c->text_language.len);
    hash_add(h, "\n", 1);
    hash_add(h, c->text.ptr, c->text.len);
    hash_end(h, hash);
    hash_free(h);
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_TEXT_PUT);
    sql_bind(q, "bss", (struct str){(const char *)hash, HASH_SIZE}, c->text_language.ptr ? c->text_language : STR(""),
             c->text);
    return sql_run(s->sql, q, err);
}

/* BEFORE: the subscription's status before the question, or NO_STATUS. */
static enum status add(struct store *s, const struct consent *c, int64_t before, int64_t *id, struct error *err) {
    uint8_t hash[HASH_SIZE];
    enum status st = c->text.ptr ? put_text(s, c, hash, err) : OK;
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_ADD);
    sql_bind(q, "iisssiiisiiib", c->subscriber, c->newsletter, c->how, c->origin, c->actor, c->at, c->expires_at,
             c->answered_at, c->answered_by, c->ended_at, c->generation, before,
             c->text.ptr ? (struct str){(const char *)hash, HASH_SIZE} : STR_NONE);
    if ((st = sql_run(s->sql, q, err)) == OK) {
        *id = sqlite3_last_insert_rowid(sql_handle(s->sql));
    }
    return st;
}

enum status consent_add(struct store *s, const struct consent *c, int64_t *id, struct error *err) {
    bool own;
    enum status st = statement_begin(s, &own, err);
    return st == OK ? statement_end(s, own, add(s, c, NO_STATUS, id, err), err) : st;
}

/* The rows of Q, at most LIMIT (0: any number). */
static enum status rows_of(struct store *s, sqlite3_stmt *q, size_t limit, struct arena *a, struct consent **rows,
                           size_t *n, struct error *err) {
    size_t cap = 0;
    *rows = NULL;
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        *rows = arena_more(a, *rows, *n, &cap, sizeof **rows);
        read_consent(q, a, &(*rows)[(*n)++]);
        if (limit && *n == limit) {
            (void)sqlite3_reset(q);
            return OK;
        }
    }
}

enum status consent_list(struct store *s, int64_t subscriber, struct arena *a, struct consent **rows, size_t *n,
                         struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_LIST);
    sql_bind(q, "i", subscriber);
    return rows_of(s, q, 0, a, rows, n, err);
}

enum status consent_get(struct store *s, int64_t id, struct arena *a, bool *found, struct consent *out,
                        struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_GET);
    sql_bind(q, "i", id);
    enum status st = sql_step(s->sql, q, found, err);
    if (st == OK && *found) {
        read_consent(q, a, out);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status consent_mailed(struct store *s, int64_t id, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_MAILED);
    sql_bind(q, "i", id);
    return sql_run(s->sql, q, err);
}

enum status consent_last_asked(struct store *s, int64_t subscriber, int64_t *at, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_LAST_ASKED);
    sql_bind(q, "i", subscriber);
    *at = 0;
    return sql_run_int(s->sql, q, at, err);
}

/* What the subscription would become again if nobody answered. */
static enum status before_question(struct store *s, const struct consent *c, int64_t *status, int64_t *before,
                                   struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_STATUS);
    bool row;
    sql_bind(q, "ii", c->newsletter, c->subscriber);
    *status = SUBSCRIPTION_NONE;
    *before = NO_STATUS;
    enum status st = sql_run_int(s->sql, q, status, err);
    if (st != OK || *status != SUBSCRIPTION_PENDING) {
        *before = *status == SUBSCRIPTION_NONE ? NO_STATUS : *status;
        return st;
    }
    q = statement_get(s, STMT_CONSENT_BEFORE); /* asked before: what that question knew */
    sql_bind(q, "ii", c->subscriber, c->newsletter);
    if ((st = sql_step(s->sql, q, &row, err)) == OK && row) {
        *before = statement_int_or(q, 0, NO_STATUS);
        (void)sqlite3_reset(q);
    }
    return st;
}

static enum status ask(struct store *s, const struct consent *c, bool *already, int64_t *id, struct error *err) {
    int64_t status, before;
    char actor[100];
    enum status st = before_question(s, c, &status, &before, err);
    *already = status == SUBSCRIPTION_ACTIVE || status == SUBSCRIPTION_PAUSED;
    if (st != OK || *already) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_CLOSE);
    sql_bind(q, "iii", c->subscriber, c->newsletter, c->at);
    (void)snprintf(actor, sizeof actor, "%.*s", STR_ARG(c->actor));
    if ((st = sql_run(s->sql, q, err)) == OK &&
        (st = subscription_change(s, c->newsletter, c->subscriber, SUBSCRIPTION_INVITE, actor, c->at, NULL, err)) ==
            OK) {
        st = add(s, c, before, id, err);
    }
    return st;
}

enum status consent_ask(struct store *s, const struct consent *c, bool *already, int64_t *id, struct error *err) {
    bool own;
    *already = false;
    enum status st = statement_begin(s, &own, err);
    return st == OK ? statement_end(s, own, ask(s, c, already, id, err), err) : st;
}

enum status consent_confirm(struct store *s, int64_t id, const char *actor, int64_t now, struct error *err) {
    bool own, found = false;
    struct consent c = {0};
    struct arena *a = arena_new();
    enum status st = a ? statement_begin(s, &own, err) : error_set(err, ERR_OS, "out of memory");
    if (st != OK) {
        arena_free(a);
        return st;
    }
    if ((st = consent_get(s, id, a, &found, &c, err)) == OK && found) {
        sqlite3_stmt *q = statement_get(s, STMT_CONSENT_ANSWER);
        sql_bind(q, "iiz", id, now, actor);
        if ((st = sql_run(s->sql, q, err)) == OK) {
            st = subscription_change(s, c.newsletter, c.subscriber, SUBSCRIPTION_JOIN, actor, now, NULL, err);
        }
    } else if (st == OK) {
        st = error_set(err, ERR_NOINPUT, "there is no question %lld", (long long)id);
    }
    arena_free(a);
    return statement_end(s, own, st, err);
}

enum status consent_expired(struct store *s, int64_t now, size_t limit, struct arena *a, struct consent **rows,
                            size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_EXPIRED);
    sql_bind(q, "ii", now, (int64_t)limit);
    return rows_of(s, q, limit, a, rows, n, err);
}

enum status consent_is_all(struct store *s, const struct consent *c, bool *all, struct error *err) {
    int64_t before = NO_STATUS, alone = 0;
    sqlite3_stmt *q = statement_get(s, STMT_CONSENT_BEFORE_ID);
    sql_bind(q, "i", c->id);
    enum status st = sql_run_int(s->sql, q, &before, err);
    if (st == OK && before == NO_STATUS) {
        q = statement_get(s, STMT_CONSENT_ALONE);
        sql_bind(q, "ii", c->subscriber, c->newsletter);
        st = sql_run_int(s->sql, q, &alone, err);
    }
    *all = alone != 0;
    return st;
}

static enum status forget(struct store *s, const struct consent *c, int64_t now, bool *gone, struct error *err) {
    static const enum statement to_go[] = {STMT_CONSENT_DROP_QUESTION, STMT_CONSENT_DROP_RECORDS,
                                           STMT_CONSENT_DROP_PERSON};
    sqlite3_stmt *q;
    enum status st = consent_is_all(s, c, gone, err);
    for (size_t i = 0; i < sizeof to_go / sizeof *to_go && st == OK && *gone; i++) {
        q = statement_get(s, to_go[i]);
        sql_bind(q, to_go[i] == STMT_CONSENT_DROP_QUESTION ? "ii" : "i", c->subscriber, c->newsletter);
        st = sql_run(s->sql, q, err);
    }
    if (st == OK && !*gone) {
        q = statement_get(s, STMT_CONSENT_BACK);
        sql_bind(q, "iiii", c->subscriber, c->newsletter, c->id, now);
        if ((st = sql_run(s->sql, q, err)) == OK) {
            q = statement_get(s, STMT_CONSENT_DROP_UNASKED);
            sql_bind(q, "iii", c->subscriber, c->newsletter, c->id);
            st = sql_run(s->sql, q, err);
        }
        if (st == OK) {
            q = statement_get(s, STMT_CONSENT_CLOSE);
            sql_bind(q, "iii", c->subscriber, c->newsletter, now);
            st = sql_run(s->sql, q, err);
        }
    }
    return st == OK ? audit_add(s, now, "run", "expire", c->subscriber, c->newsletter_name, err) : st;
}

enum status consent_forget(struct store *s, const struct consent *c, int64_t now, bool *gone, struct error *err) {
    bool own;
    *gone = false;
    /* Deleting a person makes SQLite look through all subscriptions for one that refers to it, for they are in order of
     * newsletter. CONSENT_ALONE has looked where they must be, in the same transaction. */
    enum status st = sql_exec(s->sql, "PRAGMA foreign_keys = OFF", err);
    if (st == OK && (st = statement_begin(s, &own, err)) == OK) {
        st = statement_end(s, own, forget(s, c, now, gone, err), err);
    }
    struct error ignored;
    if (sql_exec(s->sql, "PRAGMA foreign_keys = ON", st == OK ? err : &ignored) != OK && st == OK) {
        st = err->status;
    }
    return st;
}
