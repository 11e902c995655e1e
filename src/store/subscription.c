#include "store/subscription.h"

#include "store/article.h"
#include "store/event.h"
#include "store/statement.h"

const char *subscription_status_name(enum subscription_status s) {
    static const char *const names[] = {"pending", "active", "paused", "left", "removed-by-source"};
    return (size_t)s < sizeof names / sizeof *names ? names[s] : "none";
}

enum status subscription_scan(struct store *s, int64_t newsletter, int64_t after, int64_t limit, struct error *err) {
    s->scan = statement_get(s, STMT_SUBSCRIPTION_SCAN);
    if (!s->scan) {
        return sql_error(s->sql, SQLITE_OK, err);
    }
    sql_bind(s->scan, "iii", newsletter, after, limit);
    return OK;
}

enum status subscription_scan_next(struct store *s, struct subscription_row *row, bool *more, struct error *err) {
    *more = false;
    if (!s->scan) {
        return OK;
    }
    sqlite3_stmt *q = s->scan;
    enum status st = sql_step(s->sql, q, more, err);
    if (st != OK || !*more) {
        s->scan = NULL;
        return st;
    }
    row->subscriber = sql_int(q, 0);
    row->cadence = (int)statement_int_or(q, 1, CADENCE_DEFAULT);
    row->topics = sql_str(q, 2);
    row->language = sql_str(q, 3);
    row->timezone = sql_str(q, 4);
    row->format = (enum reader_format)sql_int(q, 5);
    row->joined_at = sql_int(q, 6);
    row->joined_arrival = sql_int(q, 7);
    row->body = (int)statement_int_or(q, 8, BODY_DEFAULT);
    return OK;
}

void subscription_scan_end(struct store *s) {
    if (s->scan) {
        (void)sqlite3_reset(s->scan);
        s->scan = NULL;
    }
}

static void read_subscription(sqlite3_stmt *q, struct arena *a, struct subscription *x) {
    *x = (struct subscription){.newsletter = sql_int(q, 0),
                               .newsletter_name = statement_text(q, 1, a),
                               .subscriber = sql_int(q, 2),
                               .status = (enum subscription_status)sql_int(q, 3),
                               .status_at = sql_int(q, 4),
                               .cadence = (int)statement_int_or(q, 5, CADENCE_DEFAULT),
                               .topics = statement_text(q, 6, a),
                               .language = statement_text(q, 7, a),
                               .format = (enum reader_format)sql_int(q, 8),
                               .joined_at = sql_int(q, 9),
                               .joined_arrival = sql_int(q, 10),
                               .source_joined_at = sql_int(q, 11),
                               .source = statement_text(q, 12, a),
                               .body = (int)statement_int_or(q, 13, BODY_DEFAULT),
                               .paused_until = sql_int(q, 14)};
}

enum status subscription_list(struct store *s, int64_t subscriber, struct arena *a, struct subscription **rows,
                              size_t *n, struct error *err) {
    size_t cap = 0;
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_LIST);
    sql_bind(q, "i", subscriber);
    *rows = NULL;
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        *rows = arena_more(a, *rows, *n, &cap, sizeof **rows);
        read_subscription(q, a, &(*rows)[(*n)++]);
    }
}

enum status subscription_get(struct store *s, int64_t newsletter, int64_t subscriber, struct arena *a, bool *found,
                             struct subscription *out, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_GET);
    sql_bind(q, "ii", newsletter, subscriber);
    enum status st = sql_step(s->sql, q, found, err);
    if (st == OK && *found) {
        read_subscription(q, a, out);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status subscription_count(struct store *s, int64_t newsletter, int64_t *active, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_COUNT);
    sql_bind(q, "i", newsletter);
    *active = 0;
    return sql_run_int(s->sql, q, active, err);
}

/* What VERB makes of a subscription that stands at OLD; OLD itself when it does not apply. *ANEW: joined now. */
static enum subscription_status next_status(enum subscription_verb verb, enum subscription_status old, bool *anew) {
    *anew = false;
    switch (verb) {
    case SUBSCRIPTION_JOIN:
        *anew = old == SUBSCRIPTION_NONE || old == SUBSCRIPTION_PENDING || old == SUBSCRIPTION_LEFT;
        return SUBSCRIPTION_ACTIVE;
    case SUBSCRIPTION_INVITE:
        *anew = old == SUBSCRIPTION_NONE; /* who left keeps that until the answer comes: there may be none */
        return *anew || old == SUBSCRIPTION_LEFT || old == SUBSCRIPTION_REMOVED ? SUBSCRIPTION_PENDING : old;
    case SUBSCRIPTION_LEAVE:
        return old == SUBSCRIPTION_NONE ? old : SUBSCRIPTION_LEFT;
    case SUBSCRIPTION_PAUSE:
        return old == SUBSCRIPTION_ACTIVE ? SUBSCRIPTION_PAUSED : old;
    case SUBSCRIPTION_RESUME:
        return old == SUBSCRIPTION_PAUSED || old == SUBSCRIPTION_REMOVED ? SUBSCRIPTION_ACTIVE : old;
    }
    return old;
}

static enum status pause_until(struct store *s, int64_t newsletter, int64_t subscriber, int64_t until,
                               const char *actor, int64_t now, bool *changed, struct error *err) {
    struct buf name = BUF_INIT;
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_PAUSE);
    sql_bind(q, "iiin", newsletter, subscriber, now);
    if (q && until) {
        (void)sqlite3_bind_int64(q, 4, until);
    }
    enum status st = sql_run(s->sql, q, err);
    *changed = st == OK && statement_changes(s) > 0;
    if (*changed && (st = store_newsletter_name(s, newsletter, &name, err)) == OK) {
        st = audit_add(s, now, actor, "pause", subscriber, buf_str(&name), err);
    }
    buf_release(&name);
    return st;
}

static enum status change(struct store *s, int64_t newsletter, int64_t subscriber, enum subscription_verb verb,
                          const char *actor, int64_t now, bool *changed, struct error *err) {
    static const char *const words[] = {"join", "invite", "leave", "pause", "resume"};
    enum subscription_status old = SUBSCRIPTION_NONE;
    bool row;
    bool anew;
    struct buf name = BUF_INIT;
    if (verb == SUBSCRIPTION_PAUSE) {
        return pause_until(s, newsletter, subscriber, 0, actor, now, changed, err);
    }
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_GET);
    sql_bind(q, "ii", newsletter, subscriber);
    enum status st = sql_step(s->sql, q, &row, err);
    if (st != OK) {
        return st;
    }
    if (row) {
        old = (enum subscription_status)sql_int(q, 3);
        (void)sqlite3_reset(q);
    }
    enum subscription_status next = next_status(verb, old, &anew);
    *changed = next != old;
    if (anew) {
        int64_t arrival;
        if ((st = article_max_arrival(s, &arrival, err)) == OK) {
            q = statement_get(s, STMT_SUBSCRIPTION_PUT);
            sql_bind(q, "iiiii", newsletter, subscriber, (int64_t)next, now, arrival);
            st = sql_run(s->sql, q, err);
        }
    } else if (old != SUBSCRIPTION_NONE && (*changed || verb == SUBSCRIPTION_JOIN)) {
        q = statement_get(s, STMT_SUBSCRIPTION_STATUS);
        sql_bind(q, "iiiii", newsletter, subscriber, (int64_t)next, now,
                 (int64_t)(verb == SUBSCRIPTION_JOIN || old == SUBSCRIPTION_REMOVED));
        st = sql_run(s->sql, q, err);
    }
    if (st == OK && *changed && (st = store_newsletter_name(s, newsletter, &name, err)) == OK) {
        st = audit_add(s, now, actor, words[verb], subscriber, buf_str(&name), err);
    }
    buf_release(&name);
    return st;
}

enum status subscription_change(struct store *s, int64_t newsletter, int64_t subscriber, enum subscription_verb verb,
                                const char *actor, int64_t now, bool *changed, struct error *err) {
    bool own;
    bool did = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    st = statement_end(s, own, change(s, newsletter, subscriber, verb, actor, now, &did, err), err);
    if (changed) {
        *changed = st == OK && did;
    }
    return st;
}

enum status subscription_pause(struct store *s, int64_t newsletter, int64_t subscriber, int64_t until,
                               const char *actor, int64_t now, bool *changed, struct error *err) {
    bool own;
    bool did = false;
    if (until && until <= now) {
        return error_set(err, ERR_DATA, "a pause ends in the future");
    }
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    st = statement_end(s, own, pause_until(s, newsletter, subscriber, until, actor, now, &did, err), err);
    if (changed) {
        *changed = st == OK && did;
    }
    return st;
}

enum status subscription_lapse(struct store *s, int64_t now, struct error *err) {
    enum status st = OK;
    for (bool row = true; st == OK && row;) {
        sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_LAPSED);
        sql_bind(q, "i", now);
        if ((st = sql_step(s->sql, q, &row, err)) == OK && row) {
            int64_t newsletter = sql_int(q, 0);
            int64_t subscriber = sql_int(q, 1);
            (void)sqlite3_reset(q);
            st = subscription_change(s, newsletter, subscriber, SUBSCRIPTION_RESUME, "lapse", now, NULL, err);
        }
    }
    return st;
}
