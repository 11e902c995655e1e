#include "queue/fold.h"

#include "queue/delivery.h"
#include "queue/queue_internal.h"

enum { LATE_RETRY_S = 12 * 3600, DOTS_MAX = 3 };

struct trouble_row {
    int64_t attempts, age, unknowns, dots;
};

enum status fold_get(struct queue *q, int64_t issue, int64_t subscriber, struct fold_row *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_GET);
    sql_bind(s, "ii", issue, subscriber);
    *out = (struct fold_row){0};
    enum status st = sql_step(q->db, s, &out->found, err);
    if (st == OK && out->found) {
        out->state = (enum delivery_state)sql_int(s, 0);
        out->from = sql_int(s, 2);
        out->flags = sql_int(s, 3);
        (void)sqlite3_reset(s);
    }
    return st;
}

static enum status trouble(struct queue *q, int64_t issue, int64_t subscriber, struct trouble_row *out,
                           struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_TROUBLE_GET);
    bool row;
    sql_bind(s, "ii", issue, subscriber);
    *out = (struct trouble_row){0};
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && row) {
        *out = (struct trouble_row){sql_int(s, 0), sql_int(s, 1), sql_int(s, 2), sql_int(s, 3)};
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status fold_set(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *was,
                     enum delivery_state to, int64_t flags, int64_t at, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_STATE);
    sql_bind(s, at ? "iiiii" : "iiiin", issue, subscriber, (int64_t)to, flags, at);
    enum status st = sql_run(q->db, s, err);
    if (st == OK && was->state != to) {
        st = queue_count(q, issue, (int)was->state, (int)to, err);
    }
    return st;
}

static enum status set_trouble(struct queue *q, int64_t issue, int64_t subscriber, const struct trouble_row *t,
                               int64_t due_at, enum cancel_cause cause, const struct journal_record *r,
                               struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_TROUBLE_SET);
    sql_bind(s, "iiiiiiii", issue, subscriber, due_at, t->attempts, t->age, t->unknowns, t->dots, (int64_t)cause);
    if (s && !due_at) {
        (void)sqlite3_bind_null(s, 3);
    }
    if (s && r) {
        if (r->code) {
            (void)sqlite3_bind_int64(s, 9, r->code);
        }
        if (r->status[0]) {
            (void)sqlite3_bind_text(s, 10, r->status, -1, SQLITE_TRANSIENT);
        }
        if (r->text_len) {
            (void)sqlite3_bind_text(s, 11, r->text, r->text_len, SQLITE_TRANSIENT);
        }
        if (r->relay) {
            (void)sqlite3_bind_int64(s, 12, r->relay);
        }
    }
    return sql_run(q->db, s, err);
}

struct issue_span {
    int64_t newsletter, to; /* its last arrival */
    bool dropped;           /* cancelled with --drop: nothing of it is owed */
};

/* A newsletter of 0: there is no such issue. */
static enum status issue_span(struct queue *q, int64_t issue, struct issue_span *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_SPAN);
    bool row;
    sql_bind(s, "i", issue);
    *out = (struct issue_span){0};
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && row) {
        *out = (struct issue_span){sql_int(s, 0), sql_int(s, 1), sql_int(s, 2) != 0};
        (void)sqlite3_reset(s);
    }
    return st;
}

/* The delivery ends unaccepted: its interval, and what it carried, are owed to the reader's next digest. */
static enum status owe(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d,
                       struct error *err) {
    struct issue_span i = {0};
    enum status st = issue == 0 ? OK : issue_span(q, issue, &i, err);
    if (st != OK || i.newsletter == 0) {
        return st;
    }
    if (d->flags & FLAG_OWED) {
        sqlite3_stmt *s = queue_stmt(q, i.dropped ? Q_OWED_PAID : Q_OWED_BACK);
        sql_bind(s, "iii", i.newsletter, subscriber, issue);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && i.to > d->from && !i.dropped) {
        sqlite3_stmt *s = queue_stmt(q, Q_OWED_ADD);
        sql_bind(s, "iiii", i.newsletter, subscriber, d->from, i.to);
        st = sql_run(q->db, s, err);
    }
    return st;
}

/* What it carried of earlier ones is settled: delivered, or not wanted any more. ALL: everything owed to the reader. */
static enum status settle(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d, bool all,
                          struct error *err) {
    struct issue_span i;
    if (issue == 0 || !(all || (d->flags & FLAG_OWED))) {
        return OK;
    }
    enum status st = issue_span(q, issue, &i, err);
    if (st == OK && i.newsletter) {
        sqlite3_stmt *s = queue_stmt(q, all ? Q_OWED_FORGET : Q_OWED_PAID);
        sql_bind(s, all ? "ii" : "iii", i.newsletter, subscriber, issue);
        st = sql_run(q->db, s, err);
    }
    return st;
}

/* A transactional message at its end keeps no address and no text. */
static enum status forget(struct queue *q, int64_t issue, int64_t id, struct error *err) {
    if (issue != 0) {
        return OK;
    }
    sqlite3_stmt *s = queue_stmt(q, Q_TRANSACTIONAL_FORGET);
    sql_bind(s, "i", id);
    return sql_run(q->db, s, err);
}

static enum status note_attempt(struct queue *q, const struct journal_record *r, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ATTEMPT_ADD);
    struct str text = {r->text, r->text_len};
    sql_bind(s, "iiiiizsi", r->issue, r->subscriber, r->at, (int64_t)r->outcome, (int64_t)r->code,
             r->status[0] ? r->status : NULL, text.len ? text : STR_NONE, (int64_t)r->relay);
    if (s && !r->relay) {
        (void)sqlite3_bind_null(s, 8);
    }
    return sql_run(q->db, s, err);
}

/* The wait before the next try: a tenth either way, so that readers of one moment do not come back in one. */
static int64_t wait_for(const struct delivery_policy *p, int64_t attempts) {
    int64_t s = attempts >= 1 && (size_t)attempts <= p->retry_n ? p->retry_s[attempts - 1] : LATE_RETRY_S;
    int64_t spread = s / 5;
    return spread > 0 ? s - spread / 2 + (int64_t)random_below(p->random, (uint64_t)spread + 1) : s;
}

static bool owes(enum cancel_cause c) {
    return c == CANCEL_ISSUE || c == CANCEL_PAUSED || c == CANCEL_REMOVED || c == CANCEL_NONE;
}

enum status fold_cancel(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d,
                        enum cancel_cause cause, int64_t now, struct error *err) {
    struct trouble_row t;
    enum status st = trouble(q, issue, subscriber, &t, err);
    if (st == OK) {
        st = fold_set(q, issue, subscriber, d, DELIVERY_CANCELLED, d->flags & FLAG_OWED, now, err);
    }
    if (st == OK) {
        st = set_trouble(q, issue, subscriber, &t, 0, cause, NULL, err);
    }
    if (st == OK) {
        st = owes(cause) ? owe(q, issue, subscriber, d, err)
                         : settle(q, issue, subscriber, d, cause == CANCEL_SUPPRESSED, err);
    }
    return st == OK ? forget(q, issue, subscriber, err) : st;
}

enum status fold_requeue(struct queue *q, int64_t issue, int64_t subscriber, const struct fold_row *d,
                         struct error *err) {
    bool hold = (d->flags & FLAG_HOLD) != 0; /* asked for while it was claimed */
    enum status st =
        fold_set(q, issue, subscriber, d, hold ? DELIVERY_HELD : DELIVERY_QUEUED, d->flags & FLAG_OWED, 0, err);
    if (st == OK && issue && !hold) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_CLAIM_FROM);
        sql_bind(s, "ii", issue, subscriber - 1);
        st = sql_run(q->db, s, err);
    }
    if (st == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_TROUBLE_DUE);
        sql_bind(s, "iin", issue, subscriber);
        st = sql_run(q->db, s, err);
    }
    return st;
}

/* An accepted message, even of a delivery that was cancelled meanwhile. The common case: one row changed. */
static enum status accept(struct queue *q, const struct journal_record *r, const struct fold_row *d,
                          struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_SENT);
    struct str id = {r->text, r->text_len};
    sql_bind(s, "iiiiis", r->issue, r->subscriber, r->at, (int64_t)r->code, (int64_t)r->relay, id.len ? id : STR_NONE);
    if (s && r->code == 250) {
        (void)sqlite3_bind_null(s, 4);
    }
    enum status st = sql_run(q->db, s, err);
    if (st == OK && d->state != DELIVERY_SENT) {
        st = queue_count(q, r->issue, (int)d->state, DELIVERY_SENT, err);
    }
    if (st == OK) {
        st = settle(q, r->issue, r->subscriber, d, false, err);
    }
    return st == OK ? forget(q, r->issue, r->subscriber, err) : st;
}

static enum status later(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                         const struct fold_row *d, struct error *err) {
    struct trouble_row t;
    enum status st = note_attempt(q, r, err);
    if (st != OK || (st = trouble(q, r->issue, r->subscriber, &t, err)) != OK) {
        return st;
    }
    t.attempts++;
    /* age counts the waits between tries alone: not holds, pauses, closed windows, pace or a resting relay */
    bool expired = t.age >= p->lifetime_s;
    int64_t wait = wait_for(p, t.attempts);
    if (d->flags & FLAG_CANCEL) {
        if ((st = set_trouble(q, r->issue, r->subscriber, &t, 0, CANCEL_ISSUE, r, err)) == OK) {
            st = fold_cancel(q, r->issue, r->subscriber, d, CANCEL_ISSUE, r->at, err);
        }
        return st;
    }
    t.age += wait;
    bool hold = (d->flags & FLAG_HOLD) != 0;
    st = set_trouble(q, r->issue, r->subscriber, &t, expired || hold ? 0 : r->at + wait, CANCEL_NONE, r, err);
    if (st == OK) {
        st = fold_set(q, r->issue, r->subscriber, d,
                      expired ? DELIVERY_FAILED
                      : hold  ? DELIVERY_HELD
                              : DELIVERY_DEFERRED,
                      d->flags & FLAG_OWED, expired ? r->at : 0, err);
    }
    q->expired += expired;
    if (st == OK && expired && (st = owe(q, r->issue, r->subscriber, d, err)) == OK) {
        st = forget(q, r->issue, r->subscriber, err);
    }
    return st;
}

static enum status never(struct queue *q, const struct journal_record *r, const struct fold_row *d, struct error *err) {
    struct trouble_row t;
    enum status st = trouble(q, r->issue, r->subscriber, &t, err);
    if (st == OK && r->outcome == OUTCOME_NEVER) {
        t.attempts++;
        st = note_attempt(q, r, err);
    }
    if (st == OK) {
        st = set_trouble(q, r->issue, r->subscriber, &t, 0, CANCEL_NONE, r, err);
    }
    if (st == OK) {
        st = fold_set(q, r->issue, r->subscriber, d, DELIVERY_FAILED, d->flags & FLAG_OWED, r->at, err);
    }
    if (st == OK) {
        st = r->outcome == OUTCOME_UNSENDABLE ? settle(q, r->issue, r->subscriber, d, false, err)
                                              : owe(q, r->issue, r->subscriber, d, err);
    }
    return st == OK ? forget(q, r->issue, r->subscriber, err) : st;
}

enum status fold_unknown(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                         const struct fold_row *d, bool by_relay, int64_t *alarms, struct error *err) {
    struct trouble_row t;
    enum status st = trouble(q, r->issue, r->subscriber, &t, err);
    if (st == OK) {
        st = note_attempt(q, r, err);
    }
    if (st != OK) {
        return st;
    }
    t.unknowns++;
    t.dots += by_relay;
    bool hold = by_relay && t.dots >= DOTS_MAX;
    *alarms += hold;
    hold |= (d->flags & FLAG_HOLD) != 0;
    int64_t due = hold || p->unknown_hold ? 0 : r->at;
    st = set_trouble(q, r->issue, r->subscriber, &t, due, CANCEL_NONE, r, err);
    if (st == OK) {
        st = fold_set(q, r->issue, r->subscriber, d, hold ? DELIVERY_HELD : DELIVERY_UNKNOWN, d->flags & FLAG_OWED, 0,
                      err);
    }
    if (st == OK && (d->flags & FLAG_CANCEL)) {
        struct fold_row now = {true, hold ? DELIVERY_HELD : DELIVERY_UNKNOWN, d->from, d->flags};
        st = fold_cancel(q, r->issue, r->subscriber, &now, CANCEL_ISSUE, r->at, err);
    }
    return st;
}

enum status fold_record(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                        int64_t *alarms, struct error *err) {
    struct fold_row d;
    enum status st = fold_get(q, r->issue, r->subscriber, &d, err);
    if (st != OK || !d.found) {
        return st; /* purged: nobody waits for it */
    }
    if (r->outcome == OUTCOME_ACCEPTED) {
        return accept(q, r, &d, err); /* whatever its state: it was sent */
    }
    if (d.state != DELIVERY_CLAIMED) {
        return OK; /* a record seen twice, or one overtaken by a hand */
    }
    switch (r->outcome) {
    case OUTCOME_LATER:
        return later(q, p, r, &d, err);
    case OUTCOME_NEVER:
    case OUTCOME_UNSENDABLE:
        return never(q, r, &d, err);
    case OUTCOME_UNKNOWN:
        return fold_unknown(q, p, r, &d, true, alarms, err);
    case OUTCOME_CANCELLED:
        return fold_cancel(q, r->issue, r->subscriber, &d, (enum cancel_cause)r->cause, r->at, err);
    case OUTCOME_PACED:
        if (!(d.flags & (FLAG_CANCEL | FLAG_HOLD))) {
            struct trouble_row t;
            if ((st = trouble(q, r->issue, r->subscriber, &t, err)) == OK &&
                (st = set_trouble(q, r->issue, r->subscriber, &t, r->due_at, CANCEL_NONE, NULL, err)) == OK) {
                st = fold_set(q, r->issue, r->subscriber, &d, DELIVERY_QUEUED, (d.flags & FLAG_OWED) | FLAG_PACED, 0,
                              err);
            }
            return st;
        }
        break;
    case OUTCOME_UNTRIED:
    case OUTCOME_ACCEPTED:
        break;
    }
    if (d.flags & FLAG_CANCEL) {
        return fold_cancel(q, r->issue, r->subscriber, &d, CANCEL_ISSUE, r->at, err);
    }
    return fold_requeue(q, r->issue, r->subscriber, &d, err);
}
