/* What the tests of queue/ share: a queue.db in a folder of its own, issues with readers, and looks at its tables. */
#ifndef QUEUE_HELP_H
#define QUEUE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "queue/delivery.h"
#include "queue/issue.h"
#include "queue/listing.h"
#include "queue/release.h"
#include "queue/transactional.h"

enum { HELP_NOW = 1000000 };

struct fixture {
    char dir[64], path[96], journal_path[96];
    struct queue *q;
    struct journal *j;
    struct arena *a;
    struct random random;
    struct delivery_policy policy;
    struct queue_newsletter newsletter;
};

static const int64_t help_retry[] = {300, 900, 3600};

static inline void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static inline int help_setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = {0};
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-queue-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/queue.db", f->dir);
    (void)snprintf(f->journal_path, sizeof f->journal_path, "%s/queue.journal", f->dir);
    ok(queue_open(f->path, SQL_CREATE, &f->q, &err), &err);
    ok(sql_sync(queue_sql(f->q), false, &err), &err); /* no test here pulls the plug */
    ok(journal_open(f->journal_path, 1, &f->j, &err), &err);
    journal_start(f->j, 0);
    f->a = arena_new();
    random_init(&f->random, 42);
    f->policy =
        (struct delivery_policy){.retry_s = help_retry, .retry_n = 3, .lifetime_s = 86400, .random = &f->random};
    ok(queue_newsletter(f->q, "weekly", HELP_NOW, &f->newsletter, &err), &err);
    *state = f;
    return 0;
}

static inline int help_teardown(void **state) {
    struct fixture *f = *state;
    char cmd[128];
    queue_close(f->q);
    journal_close(f->j);
    arena_free(f->a);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    free(f);
    return 0;
}

/* The first number that SQL gives; -1: no row. */
static inline int64_t help_int(struct fixture *f, const char *sql) {
    sqlite3_stmt *s = NULL;
    int64_t v = -1;
    assert_int_equal(sqlite3_prepare_v2(sql_handle(queue_sql(f->q)), sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW) {
        v = sqlite3_column_int64(s, 0);
    }
    (void)sqlite3_finalize(s);
    return v;
}

/* An approved issue, due DUE_AT, of articles up to ARRIVAL_TO. */
static inline int64_t help_issue(struct fixture *f, int64_t due_at, int64_t arrival_to) {
    struct error err = {0};
    struct issue_input inputs[] = {{ISSUE_SETTINGS, 0, STR_NONE, STR("{}")}};
    struct issue_row row = {.newsletter = f->newsletter.id,
                            .cadence = STR("weekly"),
                            .due_at = due_at,
                            .number = help_int(f, "SELECT numbers FROM newsletter") + 1,
                            .state = ISSUE_APPROVED,
                            .built_at = due_at,
                            .arrival_to = arrival_to,
                            .subject = STR("Example Weekly"),
                            .language = STR("en"),
                            .articles = 1,
                            .relays = STR_NONE};
    enum issue_added added;
    ok(issue_add(f->q, &row, 0, due_at, inputs, 1, &added, &err), &err);
    assert_int_equal(added, ISSUE_ADDED);
    return row.id;
}

/* Releases ISSUE to subscribers 1 to READERS, each from its mark, with what it is owed. */
static inline void help_release(struct fixture *f, int64_t issue, int64_t arrival_to, int64_t readers) {
    struct error err = {0};
    struct queue_mark *marks;
    struct queue_owed *owed;
    size_t marks_n, owed_n;
    struct delivery_new rows[256] = {0};
    ok(delivery_release_begin(f->q, issue, 0, HELP_NOW, &err), &err);
    ok(delivery_marks(f->q, f->newsletter.id, 1, readers, f->a, &marks, &marks_n, &owed, &owed_n, &err), &err);
    for (int64_t i = 0; i < readers; i++) {
        rows[i] = (struct delivery_new){.subscriber = i + 1};
    }
    for (size_t i = 0; i < marks_n; i++) {
        rows[marks[i].subscriber - 1].from = marks[i].upto;
        rows[marks[i].subscriber - 1].mark = marks[i].upto;
    }
    for (size_t i = 0; i < owed_n; i++) {
        rows[owed[i].subscriber - 1].has_owed = true;
    }
    ok(delivery_release_chunk(f->q, issue, f->newsletter.id, arrival_to, rows, (size_t)readers, NULL, 0, readers, true,
                              HELP_NOW, &err),
       &err);
}

/* One turn: RECORDS are folded, up to MAX deliveries of ISSUE claimed into CLAIMS. */
static inline size_t help_turn(struct fixture *f, struct journal_record *records, size_t n, int64_t issue, size_t max,
                               int64_t now, bool unknown, struct delivery_claim *claims, int64_t *alarms) {
    struct error err = {0};
    struct delivery_want want = {issue, max};
    struct delivery_turn t = {.records = records,
                              .records_n = n,
                              .wants = &want,
                              .wants_n = max ? 1 : 0,
                              .now = now,
                              .pace_now = now,
                              .unknown = unknown,
                              .claims = claims};
    ok(delivery_turn(f->q, &f->policy, &t, &err), &err);
    if (alarms) {
        *alarms = t.alarms;
    }
    return t.claims_n;
}

static inline void help_claim_all(struct fixture *f, int64_t issue, int64_t now) {
    static struct delivery_claim claims[256];
    (void)help_turn(f, NULL, 0, issue, 256, now, true, claims, NULL);
}

/* Folds one outcome; returns the alarms. */
static inline int64_t help_outcome(struct fixture *f, int64_t issue, int64_t subscriber, enum outcome outcome,
                                   int64_t at) {
    struct journal_record r = {.issue = issue,
                               .subscriber = subscriber,
                               .at = at,
                               .kind = JOURNAL_OUTCOME,
                               .outcome = outcome,
                               .due_at = outcome == OUTCOME_PACED ? at + 2 : 0,
                               .cause = outcome == OUTCOME_CANCELLED ? CANCEL_LEFT : CANCEL_NONE,
                               .code = outcome == OUTCOME_ACCEPTED ? 250
                                       : outcome == OUTCOME_LATER  ? 450
                                       : outcome == OUTCOME_NEVER  ? 550
                                                                   : 0};
    int64_t alarms = 0;
    assert_int_equal(journal_append(f->j, &r), OK);
    (void)help_turn(f, &r, 1, 0, 0, at, false, NULL, &alarms);
    return alarms;
}

static inline enum delivery_state help_state(struct fixture *f, int64_t issue, int64_t subscriber) {
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT state FROM delivery WHERE issue = %lld AND subscriber = %lld",
                   (long long)issue, (long long)subscriber);
    return (enum delivery_state)help_int(f, sql);
}

/* issue_count says what the rows say. */
static inline void help_counts_true(struct fixture *f) {
    assert_int_equal(help_int(f, "SELECT count(*) FROM (SELECT issue, state, count(*) AS n FROM delivery GROUP BY 1, 2"
                                 " EXCEPT SELECT issue, state, n FROM issue_count)"),
                     0);
    assert_int_equal(help_int(f, "SELECT count(*) FROM (SELECT issue, state, n FROM issue_count WHERE n <> 0 EXCEPT"
                                 " SELECT issue, state, count(*) FROM delivery GROUP BY 1, 2)"),
                     0);
}

#endif
