#include "store/erase.h"

#include "store/event.h"
#include "store/statement.h"
#include "store/suppression.h"
#include "text/address.h"

enum { ROWS_MAX = 1000 };

enum status erase_find(struct store *s, int64_t id, struct arena *a, struct erase_row **rows, size_t *n,
                       struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_ERASE_SAME);
    bool row = true;
    enum status st = OK;
    sql_bind(q, "i", id);
    *rows = arena_alloc(a, ROWS_MAX * sizeof **rows);
    *n = 0;
    while ((st = sql_step(s->sql, q, &row, err)) == OK && row && *n < ROWS_MAX) {
        struct erase_row *r = &(*rows)[(*n)++];
        struct address address;
        *r = (struct erase_row){sql_int(q, 0), statement_text(q, 1, a), statement_text(q, 2, a)};
        /* a row that was merged has no key any more, but its address may be suppressed */
        if (r->email.ptr && !r->key.ptr && address_parse(r->email, a, &address, NULL) == OK) {
            r->key = address.key;
        }
    }
    if (q && row) {
        (void)sqlite3_reset(q);
    }
    return st;
}

/* What stands under the address's key goes; under its hash it stays suppressed, or is not known any more. */
static enum status suppress_hashed(struct store *s, struct str key, const struct erase_options *o, bool *any,
                                   struct error *err) {
    char hashed[SUPPRESSION_ERASED_SIZE];
    bool removed = false, had = false;
    suppression_erased_key(o->erased_key, key, hashed);
    const struct suppression what = {.key = str_from(hashed), .reason = SUPPRESSION_ERASED, .at = o->now};
    enum status st = suppression_remove(s, key, o->actor, o->now, &removed, err);
    if (st == OK && o->forget) {
        st = suppression_remove(s, what.key, o->actor, o->now, &had, err);
    } else if (st == OK) {
        st = suppression_add(s, &what, o->actor, NULL, err);
    }
    *any = *any || removed || had;
    return st;
}

static enum status erase_row(struct store *s, const struct erase_row *r, const struct erase_options *o,
                             struct error *err) {
    /* refusals are found by the person's ids at the sources, so these go after them */
    static const enum statement order[] = {STMT_ERASE_REFUSED, STMT_ERASE_PERSON, STMT_CONSENT_DROP_RECORDS,
                                           STMT_ERASE_SUBSCRIPTION, STMT_ERASE_SUBSCRIBER};
    enum status st = OK;
    for (size_t i = 0; i < sizeof order / sizeof *order && st == OK; i++) {
        sqlite3_stmt *q = statement_get(s, order[i]);
        if (order[i] == STMT_ERASE_REFUSED) {
            sql_bind(q, "is", r->id, r->email.ptr ? r->email : STR(""));
        } else if (order[i] == STMT_ERASE_PERSON || order[i] == STMT_CONSENT_DROP_RECORDS) {
            sql_bind(q, "i", r->id);
        } else {
            sql_bind(q, "ii", r->id, o->now);
        }
        st = sql_run(s->sql, q, err);
    }
    return st;
}

enum status erase_commit(struct store *s, const struct erase_row *rows, size_t n, struct str key,
                         const struct erase_options *o, bool *any, struct error *err) {
    bool own, was = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    if (key.ptr) {
        st = suppress_hashed(s, key, o, &was, err);
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        was = was || rows[i].email.ptr != NULL;
        if (rows[i].key.ptr && !str_eq(rows[i].key, key)) {
            st = suppress_hashed(s, rows[i].key, o, &was, err);
        }
        if (st == OK && rows[i].email.ptr && (st = erase_row(s, &rows[i], o, err)) == OK) {
            st = audit_add(s, o->now, o->actor, o->forget ? "forget" : "erase", rows[i].id, STR_NONE, err);
        }
    }
    if (any) {
        *any = was;
    }
    return statement_end(s, own, st, err);
}
