/* Issues: one edition a due time, what may be done in which state, frozen inputs, cancelling, purging, what is kept. */
#include "queue_help.h"
#include "queue/draft.h"

static enum issue_state state_of(struct fixture *f, int64_t id) {
    struct error err = {0};
    struct issue_row row;
    ok(issue_get(f->q, id, f->a, &row, &err), &err);
    return row.state;
}

static void one_edition_a_due_time(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct issue_input inputs[] = {{ISSUE_ARTICLE, 12, STR_NONE, STR("twelve")},
                                   {ISSUE_SETTINGS, 0, STR_NONE, STR("{}")},
                                   {ISSUE_ARTICLE, 3, STR_NONE, STR("three")},
                                   {ISSUE_TEMPLATE, 0, STR("digest.html"), STR("<p>")},
                                   {ISSUE_ARTICLE, 4, STR_NONE, STR("three")}};
    struct issue_row row = {.newsletter = f->newsletter.id,
                            .cadence = STR("weekly"),
                            .due_at = 500,
                            .number = 1,
                            .state = ISSUE_DRAFT,
                            .built_at = 510,
                            .arrival_to = 12,
                            .subject = STR("Example Weekly 1"),
                            .language = STR("de"),
                            .articles = 3,
                            .hold_until = 600,
                            .relays = STR("main,other")};
    enum issue_added added;
    ok(issue_add(f->q, &row, 77, 500, inputs, 5, &added, &err), &err);
    assert_int_equal(added, ISSUE_ADDED);
    int64_t id = row.id, other;
    /* the same due time, and a later one while this is unreleased: both are this issue, nothing is written */
    ok(issue_add(f->q, &row, 88, 500, inputs, 5, &added, &err), &err);
    assert_int_equal(added, ISSUE_EXISTED);
    assert_int_equal(row.id, id);
    row.due_at = 900;
    ok(issue_add(f->q, &row, 88, 900, inputs, 5, &added, &err), &err);
    assert_int_equal(added, ISSUE_EXISTED);
    /* one of another cadence, by a builder that has not seen the first */
    row.cadence = STR("daily");
    ok(issue_add(f->q, &row, 88, 900, inputs, 5, &added, &err), &err);
    assert_int_equal(added, ISSUE_OUTDATED);
    assert_int_equal(help_int(f, "SELECT count(*) FROM issue"), 1);
    assert_int_equal(help_int(f, "SELECT numbers FROM newsletter"), 1);
    assert_int_equal(help_int(f, "SELECT since FROM newsletter"), 77);
    int64_t done;
    ok(queue_cadence_done(f->q, f->newsletter.id, "weekly", &done, &err), &err);
    assert_int_equal(done, 500);
    ok(issue_unreleased(f->q, f->newsletter.id, "weekly", &other, &err), &err);
    assert_int_equal(other, id);
    ok(issue_unreleased(f->q, f->newsletter.id, "daily", &other, &err), &err);
    assert_int_equal(other, 0);

    struct issue_row got;
    ok(issue_get(f->q, id, f->a, &got, &err), &err);
    assert_int_equal(got.due_at, 500);
    assert_int_equal(got.hold_until, 600);
    assert_int_equal(got.arrival_to, 12);
    assert_true(str_eq(got.newsletter_name, STR("weekly")));
    assert_true(str_eq(got.subject, STR("Example Weekly 1")));
    assert_true(str_eq(got.relays, STR("main,other")));
    assert_int_equal(issue_get(f->q, id + 1, f->a, &got, &err), ERR_NOINPUT);
    assert_non_null(strstr(err.text, "courant issue list"));

    struct issue_input *in;
    size_t n;
    ok(issue_inputs(f->q, id, f->a, &in, &n, &err), &err);
    assert_int_equal(n, 5);
    assert_int_equal(in[0].kind, ISSUE_SETTINGS);
    assert_true(str_eq(in[1].name, STR("digest.html")));
    assert_int_equal(in[2].position, 3);
    assert_int_equal(in[4].position, 12);
    assert_true(str_eq(in[4].content, STR("twelve")));
    assert_int_equal(help_int(f, "SELECT count(*) FROM frozen"), 4); /* the same text stands once */
}

static enum status approve(struct queue *q, int64_t id, struct error *err) {
    return draft_approve(q, id, STR("hash"), err);
}

/* What each act does in each state; -1: it is refused and the state stays. */
static void acts_by_state(void **state) {
    struct fixture *f = *state;
    enum { D, A, R, S, P, E, C, NO = -1 }; /* draft approved releasing sending paused done cancelled */
    static const struct {
        const char *name;
        enum status (*act)(struct queue *q, int64_t id, struct error *err);
        int to[7];
    } acts[] = {
        {"approve", approve, {A, A, NO, NO, NO, NO, NO}},
        {"pause", issue_pause, {NO, NO, P, P, P, NO, NO}},
        {"resume", issue_resume, {NO, NO, R, R, R, NO, NO}},
    };
    int64_t id = help_issue(f, 500, 5);
    for (size_t a = 0; a < sizeof acts / sizeof *acts; a++) {
        for (int from = D; from <= C; from++) {
            struct error err = {0};
            char sql[64];
            (void)snprintf(sql, sizeof sql, "UPDATE issue SET state = %d", from);
            ok(sql_exec(queue_sql(f->q), sql, &err), &err);
            enum status st = acts[a].act(f->q, id, &err);
            int want = acts[a].to[from] == NO ? from : acts[a].to[from];
            if ((st == OK) == (acts[a].to[from] == NO) || (int)state_of(f, id) != want) {
                fail_msg("%s from %s: %d, then %s", acts[a].name, issue_state_name((enum issue_state)from), st,
                         issue_state_name(state_of(f, id)));
            }
            if (st != OK) {
                assert_int_equal(st, ERR_DATA);
                assert_non_null(strstr(err.text, issue_state_name((enum issue_state)from)));
            }
        }
        struct error err = {0};
        assert_int_equal(acts[a].act(f->q, id + 1, &err), ERR_NOINPUT);
    }
}

static void drops_what_is_unreleased_alone(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t id = help_issue(f, 500, 5);
    ok(issue_drop(f->q, id, &err), &err);
    assert_int_equal(help_int(f, "SELECT count(*) FROM issue"), 0);
    assert_int_equal(help_int(f, "SELECT count(*) FROM issue_input"), 0);
    int64_t next = help_issue(f, 500, 5); /* it can be built again, under another id */
    assert_true(next > id);
    help_release(f, next, 5, 2);
    assert_int_equal(issue_drop(f->q, next, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "issue cancel"));
    assert_int_equal(state_of(f, next), ISSUE_SENDING);
}

static void releases_in_chunks_and_stops_when_told(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct issue_row row;
    struct delivery_new rows[2] = {{.subscriber = 1, .rendition = 1}, {.subscriber = 2, .rendition = 1}};
    struct delivery_new more[1] = {{.subscriber = 9, .rendition = 1}};
    struct rendition_new rendition = {1, STR("en html 1")};
    int64_t id = help_issue(f, 500, 5), nl = f->newsletter.id;
    /* not releasing yet */
    assert_int_equal(delivery_release_chunk(f->q, id, nl, 5, rows, 2, NULL, 0, 2, false, 600, &err), ERR_DATA);
    assert_int_equal(help_int(f, "SELECT count(*) FROM delivery"), 0);
    ok(delivery_release_begin(f->q, id, 0, 600, &err), &err);
    ok(delivery_release_chunk(f->q, id, nl, 5, rows, 2, &rendition, 1, 2, false, 600, &err), &err);
    ok(delivery_release_begin(f->q, id, 0, 700, &err), &err); /* resumed: its Date stays */
    ok(issue_get(f->q, id, f->a, &row, &err), &err);
    assert_int_equal(row.released_at, 600);
    assert_int_equal(row.released_to, 2);
    assert_false(row.released);
    ok(issue_pause(f->q, id, &err), &err);
    assert_int_equal(delivery_release_chunk(f->q, id, nl, 5, more, 1, NULL, 0, 9, true, 700, &err), ERR_DATA);
    assert_int_equal(help_int(f, "SELECT count(*) FROM mark"), 2);
    ok(issue_resume(f->q, id, &err), &err);
    assert_int_equal(state_of(f, id), ISSUE_RELEASING);
    /* a reader released twice is refused, and the whole chunk with it */
    assert_int_not_equal(delivery_release_chunk(f->q, id, nl, 5, rows, 1, NULL, 0, 9, false, 700, &err), OK);
    help_counts_true(f);
    ok(delivery_release_chunk(f->q, id, nl, 5, more, 1, NULL, 0, 9, true, 700, &err), &err);
    assert_int_equal(state_of(f, id), ISSUE_SENDING);
    assert_int_equal(help_int(f, "SELECT min(upto) FROM mark"), 5);
    int64_t counts[DELIVERY_STATES];
    ok(issue_counts(f->q, id, counts, &err), &err);
    assert_int_equal(counts[DELIVERY_QUEUED], 3);

    struct str key, hash;
    int64_t revision;
    ok(rendition_get(f->q, id, 1, f->a, &key, &hash, &revision, &err), &err);
    assert_true(str_eq(key, STR("en html 1")));
    assert_int_equal(hash.len, 0);
    ok(rendition_set_hash(f->q, id, 1, STR("first"), &err), &err);
    ok(rendition_set_hash(f->q, id, 1, STR("second"), &err), &err); /* the first use counts */
    ok(rendition_get(f->q, id, 1, f->a, &key, &hash, &revision, &err), &err);
    assert_true(str_eq(hash, STR("first")));
    assert_int_equal(rendition_get(f->q, id, 2, f->a, &key, &hash, &revision, &err), ERR_DATA);
}

static void an_issue_for_nobody_is_done(void **state) {
    struct fixture *f = *state;
    int64_t id = help_issue(f, 500, 5);
    help_release(f, id, 5, 0);
    assert_int_equal(state_of(f, id), ISSUE_DONE);
}

static void cancels_and_purges(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct delivery_claim claims[4];
    int64_t id = help_issue(f, 500, 5);
    help_release(f, id, 5, 4);
    assert_int_equal(help_turn(f, NULL, 0, id, 1, HELP_NOW, false, claims, NULL), 1);
    (void)help_outcome(f, id, 1, OUTCOME_ACCEPTED, HELP_NOW);
    /* a crash between the two steps: the issue is cancelled, its deliveries are not yet */
    char sql[96];
    (void)snprintf(sql, sizeof sql, "UPDATE issue SET state = 6, done_at = %d WHERE id = %lld", HELP_NOW,
                   (long long)id);
    ok(sql_exec(queue_sql(f->q), sql, &err), &err);
    ok(issue_cancel_rest(f->q, HELP_NOW, &err), &err);
    assert_int_equal(help_int(f, "SELECT count(*) FROM delivery WHERE state = 7"), 3);
    assert_int_equal(help_int(f, "SELECT count(*) FROM owed"), 3);
    assert_int_equal(help_state(f, id, 1), DELIVERY_SENT);
    help_counts_true(f);

    int64_t two = help_issue(f, 600, 9);
    help_release(f, two, 9, 4);
    ok(issue_purge(f->q, HELP_NOW, &err), &err); /* not yet old enough */
    assert_int_equal(help_int(f, "SELECT count(*) FROM delivery"), 8);
    ok(issue_purge(f->q, HELP_NOW + 1, &err), &err);
    assert_int_equal(help_int(f, "SELECT count(*) FROM delivery"), 4);
    int64_t counts[DELIVERY_STATES];
    ok(issue_counts(f->q, id, counts, &err), &err);
    assert_int_equal(counts[DELIVERY_SENT], 1);
    assert_int_equal(counts[DELIVERY_CANCELLED], 3);
    assert_int_equal(help_int(f, "SELECT count(*) FROM frozen"), 1); /* the other issue's stands */
    ok(issue_cancel(f->q, two, false, HELP_NOW, &err), &err);
    assert_int_equal(state_of(f, two), ISSUE_CANCELLED);

    int64_t three = help_issue(f, 700, 9);
    help_release(f, three, 9, 0);
    assert_int_equal(issue_cancel(f->q, three, false, HELP_NOW, &err), ERR_DATA);
}

static void pages_by_key(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct issue_row *rows;
    size_t n;
    for (int i = 0; i < 130; i++) {
        help_release(f, help_issue(f, 1000 + i, 5), 5, i % 2);
    }
    ok(issue_page(f->q, 0, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 100);
    ok(issue_page(f->q, rows[99].id, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 30);
    ok(issue_page(f->q, rows[29].id, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 0);
    ok(issue_open(f->q, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 65);
    int64_t last;
    ok(issue_last_built(f->q, &last, &err), &err);
    assert_int_equal(last, 1129);

    int64_t id = help_issue(f, 9000, 6);
    struct delivery_row *d;
    help_release(f, id, 6, 5);
    (void)help_turn(f, NULL, 0, id, 8, HELP_NOW, false, (struct delivery_claim[8]){0}, NULL);
    (void)help_outcome(f, id, 2, OUTCOME_LATER, HELP_NOW);
    (void)help_outcome(f, id, 4, OUTCOME_ACCEPTED, HELP_NOW + 3);
    ok(delivery_page(f->q, id, 0, ~0u, 2, f->a, &d, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_int_equal(d[1].state, DELIVERY_DEFERRED);
    assert_int_equal(d[1].attempts, 1);
    assert_int_equal(d[1].code, 450);
    assert_true(d[1].due_at > HELP_NOW);
    ok(delivery_page(f->q, id, 2, 1u << DELIVERY_SENT, 9, f->a, &d, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_int_equal(d[0].subscriber, 4);
    assert_int_equal(d[0].code, 250);
    assert_int_equal(d[0].attempts, 1);
    assert_int_equal(d[0].at, HELP_NOW + 3);
    struct delivery_attempt *tries;
    ok(delivery_attempts(f->q, id, 2, f->a, &tries, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_int_equal(tries[0].outcome, OUTCOME_LATER);
}

static void keeps_what_lasts_across_runs(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct queue_newsletter n;
    struct queue_relay r, again;
    struct queue_bucket b;
    struct str text;
    int64_t v = 5;
    assert_int_equal(queue_newsletter(f->q, "other", 0, &n, &err), ERR_NOINPUT);
    ok(queue_newsletter(f->q, "other", 900, &n, &err), &err);
    ok(queue_newsletter(f->q, "other", 950, &n, &err), &err);
    assert_int_equal(n.configured_at, 900);
    ok(queue_cadence_set_done(f->q, n.id, "daily", 300, &err), &err);
    ok(queue_cadence_set_done(f->q, n.id, "daily", 200, &err), &err);
    ok(queue_cadence_done(f->q, n.id, "daily", &v, &err), &err);
    assert_int_equal(v, 300); /* it never moves back */
    ok(queue_relay(f->q, "main", &r, &err), &err);
    assert_int_equal(r.rest_until, 0);
    assert_true(r.bucket.easing >= 1 && r.bucket.easing <= 1);
    r.rest_until = 99;
    r.losses = 2;
    (void)snprintf(r.stopped, sizeof r.stopped, "the password was refused");
    r.bucket.day_count = 7;
    ok(queue_relay_set(f->q, &r, &err), &err);
    ok(queue_relay(f->q, "main", &again, &err), &err);
    assert_int_equal(again.id, r.id);
    assert_int_equal(again.rest_until, 99);
    assert_int_equal(again.losses, 2);
    assert_string_equal(again.stopped, "the password was refused");
    assert_int_equal(again.bucket.day_count, 7);
    ok(queue_pace(f->q, STR("example.org"), &b, &err), &err);
    assert_string_equal(b.boot, "");
    b.hour_count = 3;
    ok(queue_pace_set(f->q, STR("example.org"), &b, &err), &err);
    ok(queue_pace(f->q, STR("example.org"), &b, &err), &err);
    assert_int_equal(b.hour_count, 3);
    v = 5;
    ok(queue_meta_int(f->q, "absent", &v, &err), &err);
    assert_int_equal(v, 5);
    ok(queue_meta_set_str(f->q, "boot", STR("abc"), &err), &err);
    ok(queue_meta_str(f->q, "boot", f->a, &text, &err), &err);
    assert_true(str_eq(text, STR("abc")));
    /* after a restore ids are above all that were given */
    int64_t before = help_issue(f, 500, 5);
    ok(queue_restored(f->q, &err), &err);
    struct issue_row row = {.newsletter = n.id,
                            .cadence = STR("x"),
                            .due_at = 1,
                            .number = help_int(f, "SELECT numbers FROM newsletter WHERE id = 2") + 1,
                            .state = ISSUE_DRAFT,
                            .subject = STR("s"),
                            .language = STR("en"),
                            .relays = STR_NONE};
    enum issue_added added;
    ok(issue_add(f->q, &row, 0, 0, NULL, 0, &added, &err), &err);
    assert_true(row.id > before + 999999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_edition_a_due_time, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(acts_by_state, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(drops_what_is_unreleased_alone, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(releases_in_chunks_and_stops_when_told, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(an_issue_for_nobody_is_done, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(cancels_and_purges, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(pages_by_key, help_setup, help_teardown),
        cmocka_unit_test_setup_teardown(keeps_what_lasts_across_runs, help_setup, help_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
