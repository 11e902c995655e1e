/* Claims, and taking over what became of them. */
#include "queue/delivery.h"

#include "base/log.h"
#include "queue/issue.h"
#include "queue/queue_internal.h"

enum { FLAG_OWED = 1, FLAG_WIRE = 2, FLAG_CANCEL = 4, FLAG_PACED = 8, LATE_RETRY_S = 12 * 3600, DOTS_MAX = 3 };

struct state_row {
    bool found;
    enum delivery_state state;
    int64_t from, flags;
};

struct trouble_row {
    int64_t attempts, age, unknowns, dots;
};

static enum status get(struct queue *q, int64_t issue, int64_t subscriber, struct state_row *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_GET);
    sql_bind(s, "ii", issue, subscriber);
    *out = (struct state_row){0};
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

/* Sets a delivery's state (and its count); AT 0: not at its end. */
static enum status set_state(struct queue *q, int64_t issue, int64_t subscriber, const struct state_row *was,
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

/* The newsletter and last arrival of an issue; one look at a time is remembered by the caller's loop being short. */
static enum status issue_span(struct queue *q, int64_t issue, int64_t *newsletter, int64_t *to, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_GET);
    bool row;
    sql_bind(s, "i", issue);
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && row) {
        *newsletter = sql_int(s, 1);
        *to = sql_int(s, 9);
        (void)sqlite3_reset(s);
    }
    return st;
}

/* The delivery ends unaccepted: its interval, and what it carried, are owed to the reader's next digest. */
static enum status owe(struct queue *q, int64_t issue, int64_t subscriber, const struct state_row *d,
                       struct error *err) {
    int64_t newsletter = 0, to = 0;
    enum status st = issue == 0 ? OK : issue_span(q, issue, &newsletter, &to, err);
    if (st != OK || newsletter == 0) {
        return st;
    }
    if (d->flags & FLAG_OWED) {
        sqlite3_stmt *s = queue_stmt(q, Q_OWED_BACK);
        sql_bind(s, "iii", newsletter, subscriber, issue);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && to > d->from) {
        sqlite3_stmt *s = queue_stmt(q, Q_OWED_ADD);
        sql_bind(s, "iiii", newsletter, subscriber, d->from, to);
        st = sql_run(q->db, s, err);
    }
    return st;
}

/* What it carried of earlier ones is settled: delivered, or not wanted any more. ALL: everything owed to the reader. */
static enum status settle(struct queue *q, int64_t issue, int64_t subscriber, const struct state_row *d, bool all,
                          struct error *err) {
    int64_t newsletter = 0, to = 0;
    if (issue == 0 || !(all || (d->flags & FLAG_OWED))) {
        return OK;
    }
    enum status st = issue_span(q, issue, &newsletter, &to, err);
    if (st == OK && newsletter) {
        sqlite3_stmt *s = queue_stmt(q, all ? Q_OWED_FORGET : Q_OWED_PAID);
        sql_bind(s, all ? "ii" : "iii", newsletter, subscriber, issue);
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

static enum status cancel(struct queue *q, int64_t issue, int64_t subscriber, const struct state_row *d,
                          enum cancel_cause cause, int64_t now, struct error *err) {
    struct trouble_row t;
    enum status st = trouble(q, issue, subscriber, &t, err);
    if (st == OK) {
        st = set_state(q, issue, subscriber, d, DELIVERY_CANCELLED, d->flags & FLAG_OWED, now, err);
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

/* Back to be claimed again in key order. */
static enum status requeue(struct queue *q, int64_t issue, int64_t subscriber, const struct state_row *d,
                           struct error *err) {
    enum status st = set_state(q, issue, subscriber, d, DELIVERY_QUEUED, d->flags & FLAG_OWED, 0, err);
    if (st == OK && issue) {
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
static enum status accept(struct queue *q, const struct journal_record *r, const struct state_row *d,
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
                         const struct state_row *d, struct error *err) {
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
            st = cancel(q, r->issue, r->subscriber, d, CANCEL_ISSUE, r->at, err);
        }
        return st;
    }
    t.age += wait;
    st = set_trouble(q, r->issue, r->subscriber, &t, expired ? 0 : r->at + wait, CANCEL_NONE, r, err);
    if (st == OK) {
        st = set_state(q, r->issue, r->subscriber, d, expired ? DELIVERY_FAILED : DELIVERY_DEFERRED,
                       d->flags & FLAG_OWED, expired ? r->at : 0, err);
    }
    if (st == OK && expired && (st = owe(q, r->issue, r->subscriber, d, err)) == OK) {
        st = forget(q, r->issue, r->subscriber, err);
    }
    return st;
}

static enum status never(struct queue *q, const struct journal_record *r, const struct state_row *d,
                         struct error *err) {
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
        st = set_state(q, r->issue, r->subscriber, d, DELIVERY_FAILED, d->flags & FLAG_OWED, r->at, err);
    }
    if (st == OK) {
        st = r->outcome == OUTCOME_UNSENDABLE ? settle(q, r->issue, r->subscriber, d, false, err)
                                              : owe(q, r->issue, r->subscriber, d, err);
    }
    return st == OK ? forget(q, r->issue, r->subscriber, err) : st;
}

/* BY_RELAY: a relay left the dot unanswered; otherwise our own process died. */
static enum status unknown(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                           const struct state_row *d, bool by_relay, int64_t *alarms, struct error *err) {
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
    int64_t due = hold || p->unknown_hold ? 0 : r->at;
    *alarms += hold;
    st = set_trouble(q, r->issue, r->subscriber, &t, due, CANCEL_NONE, r, err);
    if (st == OK) {
        st = set_state(q, r->issue, r->subscriber, d, hold ? DELIVERY_HELD : DELIVERY_UNKNOWN, d->flags & FLAG_OWED, 0,
                       err);
    }
    if (st == OK && (d->flags & FLAG_CANCEL)) {
        struct state_row now = {true, hold ? DELIVERY_HELD : DELIVERY_UNKNOWN, d->from, d->flags};
        st = cancel(q, r->issue, r->subscriber, &now, CANCEL_ISSUE, r->at, err);
    }
    return st;
}

static enum status fold(struct queue *q, const struct delivery_policy *p, const struct journal_record *r,
                        int64_t *alarms, struct error *err) {
    struct state_row d;
    enum status st = get(q, r->issue, r->subscriber, &d, err);
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
        return unknown(q, p, r, &d, true, alarms, err);
    case OUTCOME_CANCELLED:
        return cancel(q, r->issue, r->subscriber, &d, (enum cancel_cause)r->cause, r->at, err);
    case OUTCOME_PACED:
        if (!(d.flags & FLAG_CANCEL)) {
            struct trouble_row t;
            if ((st = trouble(q, r->issue, r->subscriber, &t, err)) == OK &&
                (st = set_trouble(q, r->issue, r->subscriber, &t, r->due_at, CANCEL_NONE, NULL, err)) == OK) {
                st = set_state(q, r->issue, r->subscriber, &d, DELIVERY_QUEUED, (d.flags & FLAG_OWED) | FLAG_PACED, 0,
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
        return cancel(q, r->issue, r->subscriber, &d, CANCEL_ISSUE, r->at, err);
    }
    return requeue(q, r->issue, r->subscriber, &d, err);
}

/* A wire record whose outcome is not among the same records must outlive the journal's space. */
static enum status fold_wires(struct queue *q, const struct journal_record *r, size_t n, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        if (r[i].kind != JOURNAL_WIRE) {
            continue;
        }
        bool ended = false;
        for (size_t k = i + 1; k < n && !ended; k++) {
            ended = r[k].kind == JOURNAL_OUTCOME && r[k].issue == r[i].issue && r[k].subscriber == r[i].subscriber;
        }
        if (!ended) {
            struct state_row d;
            if ((st = get(q, r[i].issue, r[i].subscriber, &d, err)) == OK && d.found && d.state == DELIVERY_CLAIMED) {
                st = set_state(q, r[i].issue, r[i].subscriber, &d, d.state, d.flags | FLAG_WIRE, 0, err);
            }
        }
    }
    return st;
}

static enum status fold_all(struct queue *q, const struct delivery_policy *p, const struct journal_record *r, size_t n,
                            uint64_t *folded, int64_t *alarms, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        if (r[i].kind == JOURNAL_OUTCOME) {
            st = fold(q, p, &r[i], alarms, err);
        }
        if (r[i].seq > *folded) {
            *folded = r[i].seq;
        }
    }
    if (st == OK) {
        st = fold_wires(q, r, n, err);
    }
    if (st == OK && n) {
        st = queue_meta_set_int(q, "folded", (int64_t)*folded, err);
    }
    return st;
}

/* First tries of one issue, in key order behind claimed_to. */
static enum status claim_first(struct queue *q, const struct delivery_want *w, size_t max, struct delivery_turn *t,
                               struct error *err) {
    struct arena *a = arena_new();
    struct issue_row issue = {0};
    enum status st = OK;
    bool row;
    int64_t last = -1;
    size_t from = t->claims_n;
    if (!a) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (w->issue && ((st = issue_get(q, w->issue, a, &issue, err)) != OK || issue.state != ISSUE_SENDING)) {
        goto done; /* paused or cancelled meanwhile: nothing of it is claimed */
    }
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_FIRST);
    sql_bind(s, "iii", w->issue, issue.claimed_to, (int64_t)max);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        last = sql_int(s, 0);
        t->claims[t->claims_n++] =
            (struct delivery_claim){.issue = w->issue, .subscriber = last, .rendition = sql_int(s, 1), .first = true};
    }
    if (st == OK && last >= 0 && w->issue) {
        s = queue_stmt(q, Q_ISSUE_CLAIMED_TO);
        sql_bind(s, "ii", w->issue, last);
        st = sql_run(q->db, s, err);
    }
    for (size_t i = from; i < t->claims_n && st == OK; i++) {
        s = queue_stmt(q, Q_DELIVERY_CLAIM);
        sql_bind(s, "ii", t->claims[i].issue, t->claims[i].subscriber);
        if ((st = sql_run(q->db, s, err)) == OK) {
            st = queue_count(q, w->issue, DELIVERY_QUEUED, DELIVERY_CLAIMED, err);
        }
    }
done:
    arena_free(a);
    return st;
}

/* What is due by its time: deferred, paced, unknown. */
static enum status claim_due(struct queue *q, const struct delivery_want *w, size_t max, struct delivery_turn *t,
                             struct error *err) {
    enum status st;
    bool row;
    int states[256];
    size_t from = t->claims_n;
    if (max > 256) {
        max = 256;
    }
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_DUE);
    sql_bind(s, "iiiii", w->issue, t->now, (int64_t)t->unknown, (int64_t)max, t->pace_now);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        states[t->claims_n - from] = (int)sql_int(s, 2);
        t->claims[t->claims_n++] = (struct delivery_claim){.issue = w->issue,
                                                           .subscriber = sql_int(s, 0),
                                                           .rendition = sql_int(s, 1),
                                                           .attempts = sql_int(s, 4),
                                                           .unknowns = sql_int(s, 5)};
    }
    for (size_t i = from; i < t->claims_n && st == OK; i++) {
        s = queue_stmt(q, Q_DELIVERY_CLAIM);
        sql_bind(s, "ii", t->claims[i].issue, t->claims[i].subscriber);
        if ((st = sql_run(q->db, s, err)) == OK &&
            (st = queue_count(q, w->issue, states[i - from], DELIVERY_CLAIMED, err)) == OK) {
            s = queue_stmt(q, Q_TROUBLE_DUE);
            sql_bind(s, "iin", t->claims[i].issue, t->claims[i].subscriber);
            st = sql_run(q->db, s, err);
        }
    }
    return st;
}

enum status delivery_turn(struct queue *q, const struct delivery_policy *p, struct delivery_turn *t,
                          struct error *err) {
    /* 1. begin; 2. outcomes of the journal; 3. claims; 4. commit, durable. A crash before 4 leaves the outcomes in the
     * journal and nothing claimed; after 4 both stand, and only then the journal's space is used again and mail goes.
     */
    t->claims_n = 0;
    t->alarms = 0;
    enum status st = sql_begin(q->db, err);
    int64_t folded = 0;
    if (st == OK && (st = queue_meta_int(q, "folded", &folded, err)) == OK) {
        t->folded = (uint64_t)folded;
        st = fold_all(q, p, t->records, t->records_n, &t->folded, &t->alarms, err);
    }
    for (size_t i = 0; i < t->wants_n && st == OK; i++) {
        size_t before = t->claims_n;
        st = claim_due(q, &t->wants[i], t->wants[i].max, t, err);
        size_t left = t->wants[i].max - (t->claims_n - before);
        if (st == OK && left) {
            st = claim_first(q, &t->wants[i], left, t, err);
        }
    }
    if (st == OK && (st = queue_count_flush(q, t->now, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    if (st != OK) {
        t->claims_n = 0;
    }
    return st;
}

struct replay {
    struct queue *q;
    const struct delivery_policy *p;
    uint64_t folded;
    int64_t alarms;
};

static enum status replay_one(void *ctx, const struct journal_record *r, struct error *err) {
    struct replay *c = ctx;
    enum status st = OK;
    if (r->kind == JOURNAL_OUTCOME) {
        st = fold(c->q, c->p, r, &c->alarms, err);
    } else {
        struct state_row d;
        st = get(c->q, r->issue, r->subscriber, &d, err);
        if (st == OK && d.found && d.state == DELIVERY_CLAIMED) {
            st = set_state(c->q, r->issue, r->subscriber, &d, d.state, d.flags | FLAG_WIRE, 0, err);
        }
    }
    if (r->seq > c->folded) {
        c->folded = r->seq;
    }
    return st;
}

/* The claimed rows of one issue that have no outcome. */
static enum status recover_issue(struct queue *q, const struct delivery_policy *p, int64_t issue, bool boot_changed,
                                 int64_t now, int64_t *recovered, int64_t *unknowns, struct error *err) {
    int64_t ids[1000];
    int64_t after = -1;
    int64_t alarms = 0;
    enum status st;
    for (;;) {
        size_t n = 0;
        bool row;
        sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_CLAIMED);
        sql_bind(s, "ii", issue, after);
        while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
            ids[n++] = sql_int(s, 0);
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            struct state_row d;
            if ((st = get(q, issue, ids[i], &d, err)) != OK) {
                break;
            }
            ++*recovered;
            if (boot_changed || (d.flags & FLAG_WIRE)) {
                struct journal_record r = {.issue = issue,
                                           .subscriber = ids[i],
                                           .at = now,
                                           .kind = JOURNAL_OUTCOME,
                                           .outcome = OUTCOME_UNKNOWN};
                static const char why[] = "the run ended while this was on the wire";
                memcpy(r.text, why, sizeof why - 1);
                r.text_len = sizeof why - 1;
                ++*unknowns;
                st = unknown(q, p, &r, &d, false, &alarms, err);
            } else if (d.flags & FLAG_CANCEL) {
                st = cancel(q, issue, ids[i], &d, CANCEL_ISSUE, now, err);
            } else {
                st = requeue(q, issue, ids[i], &d, err);
            }
        }
        if (st != OK || n == 0) {
            return st;
        }
        after = ids[n - 1];
    }
}

enum status delivery_recover(struct queue *q, const struct delivery_policy *p, struct journal *j, bool boot_changed,
                             int64_t now, int64_t *recovered, int64_t *unknowns, struct error *err) {
    *recovered = *unknowns = 0;
    struct arena *a = arena_new();
    int64_t folded = 0;
    enum status st = a ? sql_begin(q->db, err) : error_set(err, ERR_OS, "out of memory");
    struct replay c = {.q = q, .p = p};
    if (st == OK && (st = queue_meta_int(q, "folded", &folded, err)) == OK) {
        c.folded = (uint64_t)folded;
        st = journal_replay(j, c.folded, replay_one, &c, err);
    }
    /* any issue may have claimed ones, cancelled issues too; counts say which */
    struct issue_row *rows;
    size_t n = 0;
    for (int64_t after = 0; st == OK; after = rows[n - 1].id) {
        arena_reset(a);
        if ((st = issue_page(q, after, a, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            if (rows[i].state == ISSUE_DRAFT || rows[i].state == ISSUE_APPROVED || rows[i].state == ISSUE_DONE) {
                continue;
            }
            st = recover_issue(q, p, rows[i].id, boot_changed, now, recovered, unknowns, err);
        }
    }
    if (st == OK && (st = recover_issue(q, p, 0, boot_changed, now, recovered, unknowns, err)) == OK &&
        (st = queue_meta_set_int(q, "folded", (int64_t)c.folded, err)) == OK &&
        (st = queue_count_flush(q, now, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    arena_free(a);
    if (st == OK) {
        journal_start(j, c.folded);
    }
    return st;
}

enum status delivery_folded(struct queue *q, uint64_t *seq, struct error *err) {
    int64_t v = 0;
    enum status st = queue_meta_int(q, "folded", &v, err);
    *seq = (uint64_t)v;
    return st;
}

enum status delivery_due_span(struct queue *q, int64_t issue, int64_t *first, int64_t *last, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_TROUBLE_NEXT_DUE);
    *first = *last = 0;
    sql_bind(s, "i", issue);
    enum status st = sql_run_int(q->db, s, first, err);
    if (st == OK) {
        s = queue_stmt(q, Q_TROUBLE_LAST_DUE);
        sql_bind(s, "i", issue);
        st = sql_run_int(q->db, s, last, err);
    }
    return st;
}

enum status delivery_paced_next(struct queue *q, int64_t issue, int64_t *next, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_PACED_NEXT_DUE);
    *next = 0;
    sql_bind(s, "i", issue);
    return sql_run_int(q->db, s, next, err);
}

enum status delivery_cancel_open(struct queue *q, int64_t issue, enum cancel_cause cause, int64_t now,
                                 struct error *err) {
    struct {
        int64_t subscriber;
    } found[1000];
    int64_t after = -1;
    enum status st = OK;
    for (;;) {
        size_t n = 0;
        bool row;
        if ((st = sql_begin(q->db, err)) != OK) {
            return st;
        }
        sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_OPEN);
        sql_bind(s, "ii", issue, after);
        while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
            found[n++].subscriber = sql_int(s, 0);
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            struct state_row d;
            if ((st = get(q, issue, found[i].subscriber, &d, err)) != OK) {
                break;
            }
            st = d.state == DELIVERY_CLAIMED
                     ? set_state(q, issue, found[i].subscriber, &d, d.state, d.flags | FLAG_CANCEL, 0, err)
                     : cancel(q, issue, found[i].subscriber, &d, cause, now, err);
        }
        if (st == OK && (st = queue_count_flush(q, 0, err)) == OK) {
            st = sql_commit(q->db, err);
        }
        q->deltas_n = 0;
        sql_rollback(q->db);
        if (st != OK || n == 0) {
            return st;
        }
        after = found[n - 1].subscriber;
    }
}
