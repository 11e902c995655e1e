#include "queue/listing.h"

#include "queue/queue_internal.h"

enum { PAGE = 500, ATTEMPTS_MAX = 100 };

enum status delivery_page(struct queue *q, int64_t issue, int64_t after, unsigned states, size_t limit, struct arena *a,
                          struct delivery_row **rows, size_t *n, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_NEXT);
    bool row;
    enum status st;
    *rows = arena_alloc(a, (limit ? limit : 1) * sizeof **rows);
    *n = 0;
    sql_bind(s, "iiii", issue, after, (int64_t)states, (int64_t)limit);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        struct delivery_row *r = &(*rows)[(*n)++];
        bool trouble = sqlite3_column_type(s, 9) != SQLITE_NULL;
        bool sent = sql_int(s, 1) == DELIVERY_SENT;
        int relay_col = sent ? 6 : 15;
        *r = (struct delivery_row){.subscriber = sql_int(s, 0),
                                   .state = (enum delivery_state)sql_int(s, 1),
                                   .rendition = sql_int(s, 2),
                                   .at = sql_int(s, 4),
                                   .due_at = sql_int(s, 8),
                                   .attempts = trouble ? sql_int(s, 9) : 0,
                                   .unknowns = trouble ? sql_int(s, 10) : 0,
                                   .cause = (enum cancel_cause)sql_int(s, 11),
                                   .code = sent ? (sql_int(s, 5) ? sql_int(s, 5) : 250) : sql_int(s, 12),
                                   .status = sent ? STR_NONE : arena_str(a, sql_str(s, 13)),
                                   .reply = arena_str(a, sql_str(s, sent ? 7 : 14))};
        r->attempts += sent; /* the success itself is kept in no attempt row */
        if (sqlite3_column_type(s, relay_col) != SQLITE_NULL) {
            sqlite3_stmt *name = queue_stmt(q, Q_RELAY_NAME);
            bool there;
            sql_bind(name, "i", sql_int(s, relay_col));
            if ((st = sql_step(q->db, name, &there, err)) != OK) {
                break;
            }
            if (there) {
                r->relay = arena_str(a, sql_str(name, 0));
                (void)sqlite3_reset(name);
            }
        }
    }
    (void)sqlite3_reset(s);
    return st;
}

enum status delivery_attempts(struct queue *q, int64_t issue, int64_t subscriber, struct arena *a,
                              struct delivery_attempt **rows, size_t *n, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ATTEMPT_LIST);
    bool row;
    enum status st;
    *rows = arena_alloc(a, ATTEMPTS_MAX * sizeof **rows);
    *n = 0;
    sql_bind(s, "ii", issue, subscriber);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row && *n < ATTEMPTS_MAX) {
        (*rows)[(*n)++] = (struct delivery_attempt){.at = sql_int(s, 0),
                                                    .outcome = (enum outcome)sql_int(s, 1),
                                                    .code = sql_int(s, 2),
                                                    .status = arena_str(a, sql_str(s, 3)),
                                                    .reply = arena_str(a, sql_str(s, 4)),
                                                    .relay = arena_str(a, sql_str(s, 5))};
    }
    (void)sqlite3_reset(s);
    return st;
}

/* Retry: failed, deferred, unknown and held ones go again at once. Hold: what is open waits. Release: held ones go
 * again. */
static bool acts_on(enum delivery_action action, enum delivery_state s, int64_t flags) {
    switch (action) {
    case DELIVERY_RETRY:
        return s == DELIVERY_FAILED || s == DELIVERY_DEFERRED || s == DELIVERY_UNKNOWN || s == DELIVERY_HELD;
    case DELIVERY_HOLD:
    case DELIVERY_FREEZE:
        return s == DELIVERY_QUEUED || s == DELIVERY_CLAIMED || s == DELIVERY_DEFERRED || s == DELIVERY_UNKNOWN;
    case DELIVERY_RELEASE:
        return s == DELIVERY_HELD || (s == DELIVERY_CLAIMED && flags & FLAG_HOLD);
    }
    return false;
}

static enum status act_one(struct queue *q, int64_t issue, int64_t subscriber, enum delivery_action action,
                           bool *changed, struct error *err) {
    bool row;
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_GET);
    sql_bind(s, "ii", issue, subscriber);
    enum status st = sql_step(q->db, s, &row, err);
    *changed = false;
    if (st != OK || !row) {
        return st;
    }
    enum delivery_state was = (enum delivery_state)sql_int(s, 0);
    int64_t was_flags = sql_int(s, 3), flags = was_flags & FLAG_OWED;
    int64_t from = sql_int(s, 2);
    (void)sqlite3_reset(s);
    if (!acts_on(action, was, was_flags) || (issue == 0 && was == DELIVERY_FAILED)) {
        return OK; /* a transactional message that failed has kept no text */
    }
    *changed = true;
    if (was == DELIVERY_CLAIMED && action != DELIVERY_FREEZE) {
        /* it may be on the wire: what comes of that decides, so that it can't go a second time beside it */
        flags = action == DELIVERY_HOLD ? was_flags | FLAG_HOLD : was_flags & ~(int64_t)FLAG_HOLD;
        s = queue_stmt(q, Q_DELIVERY_STATE);
        sql_bind(s, "iiiin", issue, subscriber, (int64_t)was, flags);
        return sql_run(q->db, s, err);
    }
    enum delivery_state to = action == DELIVERY_HOLD || action == DELIVERY_FREEZE ? DELIVERY_HELD : DELIVERY_QUEUED;
    s = queue_stmt(q, Q_DELIVERY_STATE);
    sql_bind(s, "iiiin", issue, subscriber, (int64_t)to, flags);
    if ((st = sql_run(q->db, s, err)) != OK || (st = queue_count(q, issue, (int)was, (int)to, err)) != OK) {
        return st;
    }
    s = queue_stmt(q, Q_TROUBLE_DUE);
    sql_bind(s, "iin", issue, subscriber);
    if ((st = sql_run(q->db, s, err)) != OK || issue == 0) {
        return st;
    }
    if (was == DELIVERY_FAILED) {
        /* its articles were owed to the next digest; now this delivery carries them again */
        s = queue_stmt(q, Q_ISSUE_SPAN);
        sql_bind(s, "i", issue);
        if ((st = sql_step(q->db, s, &row, err)) != OK || !row) {
            return st;
        }
        int64_t newsletter = sql_int(s, 0), to_arrival = sql_int(s, 1);
        (void)sqlite3_reset(s);
        s = queue_stmt(q, Q_OWED_UNOWE);
        sql_bind(s, "iiii", newsletter, subscriber, from, to_arrival);
        if ((st = sql_run(q->db, s, err)) != OK) {
            return st;
        }
        if (flags & FLAG_OWED) {
            s = queue_stmt(q, Q_OWED_AGAIN);
            sql_bind(s, "iii", newsletter, subscriber, issue);
            if ((st = sql_run(q->db, s, err)) != OK) {
                return st;
            }
        }
        s = queue_stmt(q, Q_ISSUE_REOPEN);
        sql_bind(s, "i", issue);
        if ((st = sql_run(q->db, s, err)) != OK) {
            return st;
        }
    }
    if (to == DELIVERY_QUEUED) {
        s = queue_stmt(q, Q_ISSUE_CLAIM_FROM);
        sql_bind(s, "ii", issue, subscriber - 1);
        st = sql_run(q->db, s, err);
    }
    return st;
}

enum status delivery_act(struct queue *q, int64_t issue, int64_t only, unsigned states, enum delivery_action action,
                         int64_t now, int64_t *changed, struct error *err) {
    int64_t after = only ? only - 1 : -1;
    enum status st = OK;
    *changed = 0;
    for (;;) {
        int64_t ids[PAGE];
        size_t n = 0;
        bool row;
        if ((st = sql_begin(q->db, err)) != OK) {
            return st;
        }
        sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_NEXT);
        sql_bind(s, "iiii", issue, after, (int64_t)states, (int64_t)(only ? 1 : PAGE));
        while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
            ids[n++] = sql_int(s, 0);
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            bool did = false;
            if (!only || ids[i] == only) {
                st = act_one(q, issue, ids[i], action, &did, err);
            }
            *changed += did;
        }
        if (st == OK && (st = queue_count_flush(q, now, err)) == OK) {
            st = sql_commit(q->db, err);
        }
        q->deltas_n = 0;
        sql_rollback(q->db);
        if (st != OK || n == 0 || only) {
            return st;
        }
        after = ids[n - 1];
    }
}
