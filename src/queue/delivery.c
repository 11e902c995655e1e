/* Claims, and taking over what became of them. */
#include "queue/delivery.h"

#include "queue/fold.h"
#include "queue/issue.h"
#include "queue/queue_internal.h"

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
            struct fold_row d;
            if ((st = fold_get(q, r[i].issue, r[i].subscriber, &d, err)) == OK && d.found &&
                d.state == DELIVERY_CLAIMED) {
                st = fold_set(q, r[i].issue, r[i].subscriber, &d, d.state, d.flags | FLAG_WIRE, 0, err);
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
            st = fold_record(q, p, &r[i], alarms, err);
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

/* First tries of one issue, in key order behind CLAIMED_TO. */
static enum status claim_first(struct queue *q, const struct delivery_want *w, int64_t claimed_to, size_t max,
                               struct delivery_turn *t, struct error *err) {
    enum status st = OK;
    bool row;
    int64_t last = -1;
    size_t from = t->claims_n;
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERY_FIRST);
    sql_bind(s, "iii", w->issue, claimed_to, (int64_t)max);
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
        int state = states[t->claims_n - from] = (int)sql_int(s, 2);
        t->claims[t->claims_n++] = (struct delivery_claim){.issue = w->issue,
                                                           .subscriber = sql_int(s, 0),
                                                           .rendition = sql_int(s, 1),
                                                           .attempts = sql_int(s, 4),
                                                           .unknowns = sql_int(s, 5),
                                                           .paced = state == DELIVERY_QUEUED};
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

/* What is due by its time, then first tries. */
static enum status claim(struct queue *q, const struct delivery_want *w, struct delivery_turn *t, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row issue = {0};
    size_t before = t->claims_n;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    if (st != OK ||
        (w->issue && ((st = issue_get(q, w->issue, a, &issue, err)) != OK || issue.state != ISSUE_SENDING))) {
        goto done; /* paused or cancelled meanwhile: nothing of it is claimed */
    }
    if ((st = claim_due(q, w, w->max, t, err)) == OK && t->claims_n - before < w->max) {
        st = claim_first(q, w, issue.claimed_to, w->max - (t->claims_n - before), t, err);
    }
done:
    arena_free(a);
    return st;
}

enum status delivery_turn(struct queue *q, const struct delivery_policy *p, struct delivery_turn *t,
                          struct error *err) {
    /* 1. begin; 2. outcomes of the journal; 3. claims; 4. commit, durable. A crash before 4 leaves the outcomes in the
     * journal and nothing claimed; after 4 both stand, and only then the journal's space is used again and mail goes.
     */
    t->claims_n = 0;
    t->alarms = 0;
    q->expired = 0;
    enum status st = sql_begin(q->db, err);
    int64_t folded = 0;
    if (st == OK && (st = queue_meta_int(q, "folded", &folded, err)) == OK) {
        t->folded = (uint64_t)folded;
        st = fold_all(q, p, t->records, t->records_n, &t->folded, &t->alarms, err);
    }
    for (size_t i = 0; i < t->wants_n && st == OK; i++) {
        st = claim(q, &t->wants[i], t, err);
    }
    if (st == OK && (st = queue_count_flush(q, t->now, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    t->expired = st == OK ? q->expired : 0;
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
        st = fold_record(c->q, c->p, r, &c->alarms, err);
    } else {
        struct fold_row d;
        st = fold_get(c->q, r->issue, r->subscriber, &d, err);
        if (st == OK && d.found && d.state == DELIVERY_CLAIMED) {
            st = fold_set(c->q, r->issue, r->subscriber, &d, d.state, d.flags | FLAG_WIRE, 0, err);
        }
    }
    if (r->seq > c->folded) {
        c->folded = r->seq;
    }
    return st;
}

/* The claimed rows of one issue that have no outcome. */
static enum status recover_issue(struct queue *q, const struct delivery_policy *p, int64_t issue, bool unsure,
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
            struct fold_row d;
            if ((st = fold_get(q, issue, ids[i], &d, err)) != OK) {
                break;
            }
            ++*recovered;
            if (unsure || (d.flags & FLAG_WIRE)) {
                struct journal_record r = {.issue = issue,
                                           .subscriber = ids[i],
                                           .at = now,
                                           .kind = JOURNAL_OUTCOME,
                                           .outcome = OUTCOME_UNKNOWN};
                static const char why[] = "the run ended while this was on the wire";
                memcpy(r.text, why, sizeof why - 1);
                r.text_len = sizeof why - 1;
                ++*unknowns;
                st = fold_unknown(q, p, &r, &d, false, &alarms, err);
            } else if (d.flags & FLAG_CANCEL) {
                st = fold_cancel(q, issue, ids[i], &d, CANCEL_ISSUE, now, err);
            } else {
                st = fold_requeue(q, issue, ids[i], &d, err);
            }
        }
        if (st != OK || n == 0) {
            return st;
        }
        after = ids[n - 1];
    }
}

enum status delivery_recover(struct queue *q, const struct delivery_policy *p, struct journal *j, bool unsure,
                             int64_t now, int64_t *recovered, int64_t *unknowns, struct error *err) {
    *recovered = *unknowns = 0;
    struct arena *a = arena_new();
    int64_t folded = 0;
    enum status st = a ? sql_begin(q->db, err) : error_set(err, ERR_OS, "out of memory");
    struct replay c = {.q = q, .p = p};
    if (st == OK && (st = queue_meta_int(q, "folded", &folded, err)) == OK) {
        c.folded = (uint64_t)folded;
        st = journal_replay(j, c.folded, replay_one, &c, err);
        unsure |= journal_lost(j, (uint64_t)folded);
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
            st = recover_issue(q, p, rows[i].id, unsure, now, recovered, unknowns, err);
        }
    }
    if (st == OK && (st = recover_issue(q, p, 0, unsure, now, recovered, unknowns, err)) == OK &&
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
            struct fold_row d;
            if ((st = fold_get(q, issue, found[i].subscriber, &d, err)) != OK) {
                break;
            }
            st = d.state == DELIVERY_CLAIMED
                     ? fold_set(q, issue, found[i].subscriber, &d, d.state, d.flags | FLAG_CANCEL, 0, err)
                     : fold_cancel(q, issue, found[i].subscriber, &d, cause, now, err);
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
