/* The states of a delivery, as the table of queue.db's protocol: each outcome from each state, what is owed afterwards,
 * expiry, the third unanswered dot, cancelling what is claimed, recovery; and random runs that skip nobody. */
#include "queue_help.h"

enum { LAST_OUTCOME = OUTCOME_UNSENDABLE };

/* Brings subscriber 1 of ISSUE, queued, to STATE. */
static void bring_to(struct fixture *f, int64_t issue, enum delivery_state state) {
    struct error err = {0};
    int64_t changed;
    static const enum outcome by[DELIVERY_STATES] = {[DELIVERY_DEFERRED] = OUTCOME_LATER,
                                                     [DELIVERY_UNKNOWN] = OUTCOME_UNKNOWN,
                                                     [DELIVERY_SENT] = OUTCOME_ACCEPTED,
                                                     [DELIVERY_FAILED] = OUTCOME_NEVER,
                                                     [DELIVERY_CANCELLED] = OUTCOME_CANCELLED};
    switch (state) {
    case DELIVERY_QUEUED:
        break;
    case DELIVERY_HELD:
        ok(delivery_act(f->q, issue, 1, ~0u, DELIVERY_HOLD, HELP_NOW, &changed, &err), &err);
        assert_int_equal(changed, 1);
        break;
    case DELIVERY_CLAIMED:
        help_claim_all(f, issue, HELP_NOW);
        break;
    default:
        help_claim_all(f, issue, HELP_NOW);
        (void)help_outcome(f, issue, 1, by[state], HELP_NOW);
    }
    assert_int_equal(help_state(f, issue, 1), state);
}

static void every_outcome_from_every_state(void **state) {
    struct fixture *f = *state;
    enum { Q = DELIVERY_QUEUED, D = DELIVERY_DEFERRED, U = DELIVERY_UNKNOWN, S = DELIVERY_SENT, F = DELIVERY_FAILED };
    enum { X = DELIVERY_CANCELLED, H = DELIVERY_HELD, SAME = -1 };
    /* accepted, later, never, unknown, untried, cancelled, paced, unsendable */
    static const int table[DELIVERY_STATES][LAST_OUTCOME + 1] = {
        [DELIVERY_QUEUED] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_CLAIMED] = {S, D, F, U, Q, X, Q, F},
        [DELIVERY_DEFERRED] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_HELD] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_UNKNOWN] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_SENT] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_FAILED] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
        [DELIVERY_CANCELLED] = {S, SAME, SAME, SAME, SAME, SAME, SAME, SAME},
    };
    int64_t due = HELP_NOW;
    for (int from = 0; from < DELIVERY_STATES; from++) {
        for (int outcome = 0; outcome <= LAST_OUTCOME; outcome++) {
            due++;
            int64_t issue = help_issue(f, due, due - HELP_NOW);
            help_release(f, issue, due - HELP_NOW, 1);
            bring_to(f, issue, (enum delivery_state)from);
            (void)help_outcome(f, issue, 1, (enum outcome)outcome, HELP_NOW + 10);
            int want = table[from][outcome] == SAME ? from : table[from][outcome];
            if ((int)help_state(f, issue, 1) != want) {
                fail_msg("from %s outcome %d leads to %s", delivery_state_name((enum delivery_state)from), outcome,
                         delivery_state_name(help_state(f, issue, 1)));
            }
            help_counts_true(f);
        }
    }
}

/* What the reader's next digest holds besides the new: a row an interval. */
static int64_t owed_n(struct fixture *f) {
    return help_int(f, "SELECT count(*) FROM owed WHERE issue IS NULL");
}

static void owes_what_ended_unaccepted(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *what;
        enum outcome outcome;
        int cause;
        bool owed;
    } cases[] = {
        {"accepted", OUTCOME_ACCEPTED, 0, false},
        {"never", OUTCOME_NEVER, 0, true},
        {"needs SMTPUTF8", OUTCOME_UNSENDABLE, 0, false},
        {"the issue was cancelled", OUTCOME_CANCELLED, CANCEL_ISSUE, true},
        {"dropped", OUTCOME_CANCELLED, CANCEL_DROP, false},
        {"left", OUTCOME_CANCELLED, CANCEL_LEFT, false},
        {"paused", OUTCOME_CANCELLED, CANCEL_PAUSED, true},
        {"removed by source", OUTCOME_CANCELLED, CANCEL_REMOVED, true},
        {"suppressed", OUTCOME_CANCELLED, CANCEL_SUPPRESSED, false},
        {"merged", OUTCOME_CANCELLED, CANCEL_MERGED, false},
    };
    int64_t due = HELP_NOW;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        ok(sql_exec(queue_sql(f->q), "DELETE FROM owed; DELETE FROM mark", &err), &err);
        int64_t issue = help_issue(f, ++due, 5);
        help_release(f, issue, 5, 1);
        help_claim_all(f, issue, HELP_NOW);
        struct journal_record r = {.issue = issue,
                                   .subscriber = 1,
                                   .at = HELP_NOW,
                                   .kind = JOURNAL_OUTCOME,
                                   .outcome = cases[i].outcome,
                                   .cause = cases[i].cause};
        (void)help_turn(f, &r, 1, 0, 0, HELP_NOW, false, NULL, NULL);
        if ((owed_n(f) == 1) != cases[i].owed) {
            fail_msg("%s: %lld intervals are owed", cases[i].what, (long long)owed_n(f));
        }
        if (cases[i].owed) {
            assert_int_equal(help_int(f, "SELECT from_arrival * 100 + to_arrival FROM owed"), 5);
        }
        assert_int_equal(help_int(f, "SELECT upto FROM mark"), 5); /* the mark stays where release put it */
        assert_int_equal(help_int(f, "SELECT state FROM issue ORDER BY id DESC LIMIT 1"), ISSUE_DONE);
    }
}

/* What is owed goes with the next delivery: paid when that is accepted, owed again when it is not. */
static void carries_what_is_owed(void **state) {
    struct fixture *f = *state;
    int64_t one = help_issue(f, HELP_NOW + 1, 5);
    help_release(f, one, 5, 1);
    help_claim_all(f, one, HELP_NOW);
    (void)help_outcome(f, one, 1, OUTCOME_NEVER, HELP_NOW);
    bool any;
    struct error err = {0};
    ok(delivery_owed_any(f->q, f->newsletter.id, &any, &err), &err);
    assert_true(any);
    int64_t two = help_issue(f, HELP_NOW + 2, 9);
    help_release(f, two, 9, 1);
    assert_int_equal(owed_n(f), 0);
    assert_int_equal(help_int(f, "SELECT issue FROM owed"), two);
    help_claim_all(f, two, HELP_NOW);
    (void)help_outcome(f, two, 1, OUTCOME_NEVER, HELP_NOW);
    assert_int_equal(owed_n(f), 2); /* 0 to 5 and 5 to 9 */
    int64_t three = help_issue(f, HELP_NOW + 3, 9);
    help_release(f, three, 9, 1);
    help_claim_all(f, three, HELP_NOW);
    (void)help_outcome(f, three, 1, OUTCOME_ACCEPTED, HELP_NOW);
    assert_int_equal(help_int(f, "SELECT count(*) FROM owed"), 0);
    ok(delivery_owed_any(f->q, f->newsletter.id, &any, &err), &err);
    assert_false(any);
}

/* A suppression takes what was owed before as well. */
static void owes_a_suppressed_reader_nothing(void **state) {
    struct fixture *f = *state;
    int64_t one = help_issue(f, HELP_NOW + 1, 5);
    help_release(f, one, 5, 1);
    help_claim_all(f, one, HELP_NOW);
    (void)help_outcome(f, one, 1, OUTCOME_NEVER, HELP_NOW);
    int64_t two = help_issue(f, HELP_NOW + 2, 9);
    help_release(f, two, 9, 1);
    help_claim_all(f, two, HELP_NOW);
    struct journal_record r = {.issue = two,
                               .subscriber = 1,
                               .kind = JOURNAL_OUTCOME,
                               .outcome = OUTCOME_CANCELLED,
                               .cause = CANCEL_SUPPRESSED};
    (void)help_turn(f, &r, 1, 0, 0, HELP_NOW, false, NULL, NULL);
    assert_int_equal(help_int(f, "SELECT count(*) FROM owed"), 0);
}

static int64_t due_at(struct fixture *f) {
    return help_int(f, "SELECT due_at FROM trouble");
}

/* The waits grow as configured, then are 12 hours, each a tenth either way; it fails by age on a failed attempt alone,
 * and the age is the sum of the waits. */
static void retries_with_growing_waits_until_too_old(void **state) {
    struct fixture *f = *state;
    static const int64_t waits[] = {300, 900, 3600, 43200, 43200};
    int64_t issue = help_issue(f, HELP_NOW + 1, 5), now = HELP_NOW, first, last;
    struct delivery_claim claims[4];
    struct error err = {0};
    help_release(f, issue, 5, 1);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(help_turn(f, NULL, 0, issue, 4, now, false, claims, NULL), 1);
        assert_int_equal(claims[0].attempts, i);
        (void)help_outcome(f, issue, 1, OUTCOME_LATER, now);
        assert_int_equal(help_state(f, issue, 1), DELIVERY_DEFERRED);
        int64_t due = due_at(f);
        assert_in_range(due - now, waits[i] * 9 / 10, waits[i] * 11 / 10);
        ok(delivery_due_span(f->q, issue, &first, &last, &err), &err);
        assert_int_equal(first, due);
        assert_int_equal(last, due);
        /* not a second early */
        assert_int_equal(help_turn(f, NULL, 0, issue, 4, due - 1, true, claims, NULL), 0);
        now = due + 1000000; /* a closed window, a hold, a resting relay: time that doesn't count */
    }
    assert_true(help_int(f, "SELECT age FROM trouble") >= f->policy.lifetime_s);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, now, false, claims, NULL), 1);
    (void)help_outcome(f, issue, 1, OUTCOME_UNTRIED, now); /* no attempt: it doesn't end for its age */
    assert_int_equal(help_state(f, issue, 1), DELIVERY_QUEUED);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, now, false, claims, NULL), 1);
    (void)help_outcome(f, issue, 1, OUTCOME_LATER, now);
    assert_int_equal(help_state(f, issue, 1), DELIVERY_FAILED);
    assert_int_equal(owed_n(f), 1);
    assert_int_equal(help_int(f, "SELECT count(*) FROM attempt"), 6);
    assert_int_equal(help_int(f, "SELECT due_at IS NULL FROM trouble"), 1);
    help_counts_true(f);
}

static void holds_the_third_unanswered_dot(void **state) {
    struct fixture *f = *state;
    int64_t issue = help_issue(f, HELP_NOW + 1, 5);
    struct delivery_claim claims[4];
    help_release(f, issue, 5, 1);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW, true, claims, NULL), 1);
        int64_t alarms = help_outcome(f, issue, 1, OUTCOME_UNKNOWN, HELP_NOW);
        assert_int_equal(alarms, i == 3);
        assert_int_equal(help_state(f, issue, 1), i == 3 ? DELIVERY_HELD : DELIVERY_UNKNOWN);
        /* in the middle of a run unknown ones wait */
        assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW, false, claims, NULL), 0);
    }
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW + 99999999, true, claims, NULL), 0);
    struct error err = {0};
    int64_t changed;
    ok(delivery_act(f->q, issue, 0, 1u << DELIVERY_HELD, DELIVERY_RELEASE, HELP_NOW, &changed, &err), &err);
    assert_int_equal(changed, 1);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW, false, claims, NULL), 1);
}

static void leaves_unknown_ones_when_told_to_hold(void **state) {
    struct fixture *f = *state;
    int64_t issue = help_issue(f, HELP_NOW + 1, 5), changed;
    struct delivery_claim claims[4];
    struct error err = {0};
    f->policy.unknown_hold = true;
    help_release(f, issue, 5, 1);
    help_claim_all(f, issue, HELP_NOW);
    (void)help_outcome(f, issue, 1, OUTCOME_UNKNOWN, HELP_NOW);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW + 9999999, true, claims, NULL), 0);
    ok(delivery_act(f->q, issue, 0, 1u << DELIVERY_UNKNOWN, DELIVERY_RETRY, HELP_NOW, &changed, &err), &err);
    assert_int_equal(changed, 1);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW, false, claims, NULL), 1);
    assert_int_equal(help_int(f, "SELECT unknowns FROM trouble"), 1);
}

static void waits_for_its_pace(void **state) {
    struct fixture *f = *state;
    int64_t issue = help_issue(f, HELP_NOW + 1, 5), next;
    struct delivery_claim claims[4];
    struct error err = {0};
    help_release(f, issue, 5, 1);
    help_claim_all(f, issue, HELP_NOW);
    (void)help_outcome(f, issue, 1, OUTCOME_PACED, HELP_NOW); /* due 2 s later */
    ok(delivery_paced_next(f->q, issue, &next, &err), &err);
    assert_int_equal(next, HELP_NOW + 2);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW + 1, false, claims, NULL), 0);
    assert_int_equal(help_turn(f, NULL, 0, issue, 4, HELP_NOW + 2, false, claims, NULL), 1);
    assert_int_equal(claims[0].attempts, 0);
    ok(delivery_paced_next(f->q, issue, &next, &err), &err);
    assert_int_equal(next, 0);
}

/* What is claimed when its issue is cancelled: asked to stop, and whatever comes is recorded as it is. */
static void cancels_what_is_claimed(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum outcome outcome;
        bool drop;
        enum delivery_state state;
        bool owed;
    } cases[] = {
        {OUTCOME_ACCEPTED, false, DELIVERY_SENT, false},    {OUTCOME_LATER, false, DELIVERY_CANCELLED, true},
        {OUTCOME_NEVER, false, DELIVERY_FAILED, true},      {OUTCOME_UNKNOWN, false, DELIVERY_CANCELLED, true},
        {OUTCOME_UNTRIED, false, DELIVERY_CANCELLED, true}, {OUTCOME_PACED, false, DELIVERY_CANCELLED, true},
        {OUTCOME_ACCEPTED, true, DELIVERY_SENT, false},     {OUTCOME_LATER, true, DELIVERY_CANCELLED, false},
        {OUTCOME_NEVER, true, DELIVERY_FAILED, false},      {OUTCOME_UNKNOWN, true, DELIVERY_CANCELLED, false},
        {OUTCOME_UNTRIED, true, DELIVERY_CANCELLED, false}, {OUTCOME_PACED, true, DELIVERY_CANCELLED, false},
    };
    int64_t due = HELP_NOW;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        ok(sql_exec(queue_sql(f->q), "DELETE FROM owed; DELETE FROM mark", &err), &err);
        int64_t issue = help_issue(f, ++due, 5);
        help_release(f, issue, 5, 2);
        struct delivery_claim claims[1];
        assert_int_equal(help_turn(f, NULL, 0, issue, 1, HELP_NOW, false, claims, NULL), 1);
        ok(issue_cancel(f->q, issue, cases[i].drop, HELP_NOW, &err), &err);
        assert_int_equal(help_state(f, issue, 1), DELIVERY_CLAIMED);
        assert_int_equal(help_state(f, issue, 2), DELIVERY_CANCELLED);
        assert_int_equal(owed_n(f), cases[i].drop ? 0 : 1);
        (void)help_outcome(f, issue, 1, cases[i].outcome, HELP_NOW);
        if (help_state(f, issue, 1) != cases[i].state ||
            help_int(f, "SELECT count(*) FROM owed WHERE subscriber = 1") != cases[i].owed) {
            fail_msg("outcome %d%s: %s, owed %lld", cases[i].outcome, cases[i].drop ? " with --drop" : "",
                     delivery_state_name(help_state(f, issue, 1)),
                     (long long)help_int(f, "SELECT count(*) FROM owed WHERE subscriber = 1"));
        }
        help_counts_true(f);
    }
}

static void claims_nothing_of_a_paused_issue(void **state) {
    struct fixture *f = *state;
    int64_t issue = help_issue(f, HELP_NOW + 1, 5);
    struct delivery_claim claims[8];
    struct error err = {0};
    help_release(f, issue, 5, 3);
    assert_int_equal(help_turn(f, NULL, 0, issue, 1, HELP_NOW, false, claims, NULL), 1);
    (void)help_outcome(f, issue, 1, OUTCOME_LATER, HELP_NOW);
    ok(issue_pause(f->q, issue, &err), &err);
    assert_int_equal(help_turn(f, NULL, 0, issue, 8, HELP_NOW + 9999, true, claims, NULL), 0);
    ok(issue_resume(f->q, issue, &err), &err);
    assert_int_equal(help_turn(f, NULL, 0, issue, 8, HELP_NOW + 9999, true, claims, NULL), 3);
}

static void write_wire(struct fixture *f, int64_t issue, int64_t subscriber) {
    struct journal_record r = {.issue = issue, .subscriber = subscriber, .kind = JOURNAL_WIRE};
    assert_int_equal(journal_append(f->j, &r), OK);
}

/* The process dies: what is open then, by what the journal says and whether the machine was started anew. */
static void recovers(void **state) {
    struct fixture *f = *state;
    for (int reboot = 0; reboot < 2; reboot++) {
        for (int fold_first = 0; fold_first < 2; fold_first++) {
            struct error err = {0};
            int64_t issue = help_issue(f, HELP_NOW + 1 + reboot * 2 + fold_first, 5), recovered, unknown;
            help_release(f, issue, 5, 6);
            struct delivery_claim claims[8];
            assert_int_equal(help_turn(f, NULL, 0, issue, 5, HELP_NOW, false, claims, NULL), 5);
            /* 1: accepted; 2: refused for now; 3: on the wire; 4, 5: claimed; 6: queued */
            write_wire(f, issue, 1);
            write_wire(f, issue, 2);
            write_wire(f, issue, 3);
            struct journal_record r = {.issue = issue,
                                       .subscriber = 1,
                                       .at = HELP_NOW,
                                       .kind = JOURNAL_OUTCOME,
                                       .outcome = OUTCOME_ACCEPTED,
                                       .code = 250};
            assert_int_equal(journal_append(f->j, &r), OK);
            r.subscriber = 2;
            r.outcome = OUTCOME_LATER;
            r.code = 451;
            assert_int_equal(journal_append(f->j, &r), OK);
            if (fold_first) { /* the wire record outlives the journal's space */
                struct journal_record *list;
                size_t n;
                journal_take(f->j, &list, &n);
                (void)help_turn(f, list, n, 0, 0, HELP_NOW, false, NULL, NULL);
            }
            journal_close(f->j);
            ok(journal_open(f->journal_path, 1, &f->j, &err), &err);
            ok(delivery_recover(f->q, &f->policy, f->j, reboot != 0, HELP_NOW, &recovered, &unknown, &err), &err);
            assert_int_equal(recovered, 3);
            assert_int_equal(unknown, reboot ? 3 : 1);
            assert_int_equal(help_state(f, issue, 1), DELIVERY_SENT);
            assert_int_equal(help_state(f, issue, 2), DELIVERY_DEFERRED);
            assert_int_equal(help_state(f, issue, 3), DELIVERY_UNKNOWN);
            assert_int_equal(help_state(f, issue, 4), reboot ? DELIVERY_UNKNOWN : DELIVERY_QUEUED);
            assert_int_equal(help_state(f, issue, 5), reboot ? DELIVERY_UNKNOWN : DELIVERY_QUEUED);
            assert_int_equal(help_state(f, issue, 6), DELIVERY_QUEUED);
            help_counts_true(f);
            /* a death of ours is no dot that a relay left unanswered, and no attempt where nothing was on the wire */
            assert_int_equal(help_int(f, "SELECT sum(dots) FROM trouble"), 0);
            /* once more: nothing changes */
            ok(delivery_recover(f->q, &f->policy, f->j, false, HELP_NOW, &recovered, &unknown, &err), &err);
            assert_int_equal(recovered, 0);
            size_t n = help_turn(f, NULL, 0, issue, 8, HELP_NOW, true, claims, NULL);
            assert_int_equal(n, 4); /* all but the one sent and the one deferred */
            for (size_t i = 0; i < n; i++) {
                (void)help_outcome(f, issue, claims[i].subscriber, OUTCOME_ACCEPTED, HELP_NOW);
            }
            uint64_t folded;
            ok(delivery_folded(f->q, &folded, &err), &err);
            assert_true(folded > 0);
        }
    }
}

/* An acceptance that stands in the journal alone is not sent again, however often recovery is cut short. */
static void replays_an_outcome_once(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t recovered, unknown, issue = help_issue(f, HELP_NOW + 1, 5);
    help_release(f, issue, 5, 1);
    help_claim_all(f, issue, HELP_NOW);
    struct journal_record r = {.issue = issue,
                               .subscriber = 1,
                               .at = HELP_NOW,
                               .kind = JOURNAL_OUTCOME,
                               .outcome = OUTCOME_LATER,
                               .code = 451};
    assert_int_equal(journal_append(f->j, &r), OK);
    for (int i = 0; i < 3; i++) {
        journal_close(f->j);
        ok(journal_open(f->journal_path, 1, &f->j, &err), &err);
        ok(delivery_recover(f->q, &f->policy, f->j, false, HELP_NOW, &recovered, &unknown, &err), &err);
        assert_int_equal(help_int(f, "SELECT attempts FROM trouble"), 1);
        assert_int_equal(help_int(f, "SELECT count(*) FROM attempt"), 1);
    }
}

static void transactional_messages_forget_at_their_end(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct transactional out;
    static const enum outcome ends[] = {OUTCOME_ACCEPTED, OUTCOME_NEVER, OUTCOME_UNSENDABLE};
    for (size_t i = 0; i < 3; i++) {
        struct transactional m = {.kind = STR("test"),
                                  .mail_to = STR("mara@example.org"),
                                  .mail_from = STR("news@example.org"),
                                  .message = STR("Subject: x\r\n\r\ny\r\n"),
                                  .relays = STR_NONE};
        struct delivery_claim claims[2];
        int64_t id, changed;
        ok(transactional_add(f->q, &m, HELP_NOW, &id, &err), &err);
        assert_int_equal(help_turn(f, NULL, 0, 0, 2, HELP_NOW, false, claims, NULL), 1);
        assert_int_equal(claims[0].subscriber, id);
        (void)help_outcome(f, 0, id, OUTCOME_LATER, HELP_NOW);
        ok(transactional_get(f->q, id, f->a, &out, &err), &err);
        assert_true(str_eq(out.message, m.message));
        assert_int_equal(help_turn(f, NULL, 0, 0, 2, HELP_NOW + 400, false, claims, NULL), 1);
        (void)help_outcome(f, 0, id, ends[i], HELP_NOW + 400);
        ok(transactional_get(f->q, id, f->a, &out, &err), &err);
        assert_int_equal(out.message.len, 0);
        assert_int_equal(out.mail_to.len, 0);
        /* there is nothing left that could be tried again */
        ok(delivery_act(f->q, 0, id, ~0u, DELIVERY_RETRY, HELP_NOW, &changed, &err), &err);
        assert_int_equal(changed, 0);
        help_counts_true(f);
    }
    assert_int_equal(transactional_get(f->q, 99, f->a, &out, &err), ERR_DATA);
}

enum { READERS = 8, ISSUES = 40, PER_ISSUE = 2, ARRIVALS = ISSUES * PER_ISSUE + 1 };

/* What each delivery holds, noted when it is released. */
struct content {
    bool has[READERS + 1][ARRIVALS];
};

/* Every article up to a reader's mark was sent to the reader, is on its way, or is owed. With ONCE nothing is in two
 * digests that were sent. */
static void nobody_is_skipped(struct fixture *f, const struct content *contents, const int64_t *ids, size_t n,
                              bool once) {
    for (int64_t r = 1; r <= READERS; r++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql, "SELECT upto FROM mark WHERE subscriber = %lld", (long long)r);
        int64_t mark = help_int(f, sql);
        int sent[ARRIVALS] = {0};
        bool covered[ARRIVALS] = {false};
        for (size_t i = 0; i < n; i++) {
            enum delivery_state s = help_state(f, ids[i], r);
            for (int a = 1; a < ARRIVALS; a++) {
                sent[a] += s == DELIVERY_SENT && contents[i].has[r][a];
                covered[a] |= (s == DELIVERY_SENT || !delivery_state_final(s)) && contents[i].has[r][a];
            }
        }
        for (int64_t a = 1; a <= mark; a++) {
            (void)snprintf(sql, sizeof sql,
                           "SELECT 1 FROM owed WHERE subscriber = %lld AND issue IS NULL AND from_arrival < %lld"
                           " AND to_arrival >= %lld",
                           (long long)r, (long long)a, (long long)a);
            if (!covered[a] && help_int(f, sql) != 1) {
                fail_msg("reader %lld was skipped for article %lld", (long long)r, (long long)a);
            }
            if (once && sent[a] > 1) {
                fail_msg("reader %lld has got article %lld %d times", (long long)r, (long long)a, sent[a]);
            }
        }
    }
}

/* Random outcomes, holds, cancels, crashes and (with RETRY) failed ones tried again by hand. */
static void random_run(struct fixture *f, uint64_t seed, bool retry) {
    struct random rnd;
    struct error err = {0};
    static struct content contents[ISSUES];
    int64_t ids[ISSUES];
    size_t n = 0;
    int64_t now = HELP_NOW, changed;
    random_init(&rnd, seed);
    memset(contents, 0, sizeof contents);
    f->policy.lifetime_s = 2000;
    for (int step = 0; step < 1200; step++) {
        now += (int64_t)random_below(&rnd, 400);
        uint64_t op = random_below(&rnd, 20);
        int64_t issue = n ? ids[random_below(&rnd, n)] : 0;
        int64_t reader = 1 + (int64_t)random_below(&rnd, READERS);
        if (op == 0 && n < ISSUES) {
            int64_t to = (int64_t)(n + 1) * PER_ISSUE;
            struct queue_mark *marks;
            struct queue_owed *owed;
            size_t marks_n, owed_len;
            arena_reset(f->a);
            ok(delivery_marks(f->q, f->newsletter.id, 1, READERS, f->a, &marks, &marks_n, &owed, &owed_len, &err),
               &err);
            int64_t from[READERS + 1] = {0};
            for (size_t i = 0; i < marks_n; i++) {
                from[marks[i].subscriber] = marks[i].upto;
            }
            for (int64_t r = 1; r <= READERS; r++) {
                for (int64_t a = from[r] + 1; a <= to; a++) {
                    contents[n].has[r][a] = true;
                }
            }
            for (size_t i = 0; i < owed_len; i++) {
                for (int64_t a = owed[i].from + 1; a <= owed[i].to; a++) {
                    contents[n].has[owed[i].subscriber][a] = true;
                }
            }
            ids[n] = help_issue(f, HELP_NOW + 1 + (int64_t)n, to);
            help_release(f, ids[n], to, READERS);
            n++;
        } else if (op < 12 && n) {
            static struct delivery_claim claims[READERS];
            size_t got = help_turn(f, NULL, 0, issue, 1 + random_below(&rnd, READERS), now, random_below(&rnd, 2) == 0,
                                   claims, NULL);
            if (random_below(&rnd, 8) == 0 && got) { /* one comes back late or never: the process dies */
                int64_t recovered, unknown;
                write_wire(f, issue, claims[0].subscriber);
                ok(delivery_recover(f->q, &f->policy, f->j, random_below(&rnd, 2) == 0, now, &recovered, &unknown,
                                    &err),
                   &err);
                continue;
            }
            if (random_below(&rnd, 10) == 0 && got) {
                ok(issue_cancel(f->q, issue, false, now, &err), &err);
            }
            for (size_t i = 0; i < got; i++) {
                struct journal_record r = {.issue = issue,
                                           .subscriber = claims[i].subscriber,
                                           .at = now,
                                           .kind = JOURNAL_OUTCOME,
                                           .outcome = (enum outcome)random_below(&rnd, OUTCOME_UNSENDABLE),
                                           .cause = CANCEL_NONE};
                if (r.outcome == OUTCOME_CANCELLED) {
                    r.cause = random_below(&rnd, 2) ? CANCEL_PAUSED : CANCEL_REMOVED;
                }
                r.due_at = r.outcome == OUTCOME_PACED ? now + 5 : 0;
                (void)help_turn(f, &r, 1, 0, 0, now, false, NULL, NULL);
            }
        } else if (op < 14 && n) {
            ok(delivery_act(f->q, issue, reader, ~0u, DELIVERY_HOLD, now, &changed, &err), &err);
        } else if (op < 16 && n) {
            ok(delivery_act(f->q, issue, 0, ~0u, DELIVERY_RELEASE, now, &changed, &err), &err);
        } else if (op < 18 && n) {
            unsigned states = retry ? ~0u : ~(1u << DELIVERY_FAILED);
            ok(delivery_act(f->q, issue, random_below(&rnd, 2) ? reader : 0, states, DELIVERY_RETRY, now, &changed,
                            &err),
               &err);
        } else if (n && random_below(&rnd, 6) == 0) {
            (void)(random_below(&rnd, 2) ? issue_pause : issue_resume)(f->q, issue, &err);
        }
        if (step % 20 == 0) {
            help_counts_true(f);
            nobody_is_skipped(f, contents, ids, n, !retry);
        }
    }
    help_counts_true(f);
    nobody_is_skipped(f, contents, ids, n, !retry);
    assert_true(help_int(f, "SELECT count(*) FROM delivery WHERE state = 5") > 20);
}

static void random_runs_skip_nobody_and_send_once(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        void *s = NULL;
        (void)help_setup(&s);
        random_run(s, seed, false);
        (void)help_teardown(&s);
    }
}

static void retries_by_hand_skip_nobody(void **state) {
    (void)state;
    for (uint64_t seed = 11; seed <= 16; seed++) {
        void *s = NULL;
        (void)help_setup(&s);
        random_run(s, seed, true);
        (void)help_teardown(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_outcome_from_every_state, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(owes_what_ended_unaccepted, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(carries_what_is_owed, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(owes_a_suppressed_reader_nothing, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(retries_with_growing_waits_until_too_old, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(holds_the_third_unanswered_dot, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(leaves_unknown_ones_when_told_to_hold, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(waits_for_its_pace, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(cancels_what_is_claimed, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(claims_nothing_of_a_paused_issue, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(recovers, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(replays_an_outcome_once, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(transactional_messages_forget_at_their_end, help_setup, help_teardown),
        cmocka_unit_test(random_runs_skip_nobody_and_send_once),
        cmocka_unit_test(retries_by_hand_skip_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
