/* courant.db: subscribers, subscriptions, suppressions, events, and what an import makes of a source's rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/event.h"
#include "store/import_state.h"
#include "store/missing.h"
#include "store/preference.h"
#include "store/subscriber.h"
#include "store/suppression.h"

struct fixture {
    char dir[64];
    struct store *s;
    struct arena *a;
    int64_t weekly;
    struct error err;
};

static void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    char path[96];
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(path, sizeof path, "%s/courant.db", f->dir);
    ok(store_open(path, SQL_CREATE, &f->s, &f->err), &f->err);
    ok(store_newsletter(f->s, STR("weekly"), 1, &f->weekly, NULL, &f->err), &f->err);
    f->a = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    char cmd[128];
    store_close(f->s);
    arena_free(f->a);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    free(f);
    return 0;
}

static void exec(struct fixture *f, const char *sql) {
    ok(sql_exec(store_sql(f->s), sql, &f->err), &f->err);
}

static int64_t number(struct fixture *f, const char *sql) {
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(sql_handle(store_sql(f->s)), sql, -1, &q, NULL), SQLITE_OK);
    int64_t v = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
    sqlite3_finalize(q);
    return v;
}

/* A sync of rows "id address", the hash being the address's. Returns results as letters: n c u d e, k known. */
static void sync_rows(struct fixture *f, const char *source, int64_t now, const char *rows, const char *expect,
                      int64_t removed) {
    struct import *im;
    struct str rest = str_from(rows);
    struct str row;
    char got[64] = "";
    size_t n = 0;
    struct import_options o = {.source = str_from(source), .newsletter = STR("weekly"), .now = now};
    ok(import_begin(f->s, &o, &im, &f->err), &f->err);
    while (*rows && str_split(&rest, ',', &row)) {
        size_t space = str_find(row, ' ', 0);
        struct str id = str_sub(row, 0, space);
        struct str email = str_sub(row, space + 1, row.len);
        char key[64];
        int64_t hash = 0;
        bool known;
        enum import_result r;
        for (size_t i = 0; i < email.len; i++) {
            char c = email.ptr[i];
            key[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
            hash = (int64_t)((uint64_t)hash * 31 + (unsigned char)c);
        }
        struct import_person p = {.id = id,
                                  .hash = hash,
                                  .email = email,
                                  .key = {key, email.len},
                                  .cadence = CADENCE_DEFAULT,
                                  .joined_at = INT64_MIN};
        ok(import_known(im, IMPORT_SUBSCRIBER, id, hash, &known, &f->err), &f->err);
        if (known) {
            got[n++] = 'k';
            continue;
        }
        ok(import_person(im, &p, &r, &f->err), &f->err);
        got[n++] = "ncude"[r];
    }
    int64_t gone;
    ok(import_remove_missing(im, IMPORT_SUBSCRIBER, &gone, &f->err), &f->err);
    ok(import_commit(im, STR("stamp"), &f->err), &f->err);
    assert_string_equal(got, expect);
    assert_int_equal(gone, removed);
}

static void expect_person(struct fixture *f, const char *key, int64_t id, enum subscription_status status) {
    struct subscriber p;
    struct subscription x;
    bool found;
    ok(subscriber_by_key(f->s, str_from(key), f->a, &found, &p, &f->err), &f->err);
    assert_true(found);
    assert_int_equal(p.id, id);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_int_equal(found ? x.status : SUBSCRIPTION_NONE, status);
}

static void imports_people(void **state) {
    struct fixture *f = *state;
    sync_rows(f, "site", 100, "1 a@x.org,2 B@x.org,3 b@x.org,x c@x.org", "nndn", 0);
    sync_rows(f, "site", 200, "1 a@x.org,2 B@x.org,3 b@x.org,x c@x.org", "kkdk", 0);
    expect_person(f, "b@x.org", 2, SUBSCRIPTION_ACTIVE);
    /* gone, and back with the mark kept */
    sync_rows(f, "site", 300, "2 B@x.org,3 b@x.org", "kd", 2);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_REMOVED);
    sync_rows(f, "site", 350, "2 B@x.org,3 b@x.org", "kd", 0);
    sync_rows(f, "site", 400, "1 a@x.org,2 B@x.org,x c@x.org", "ckc", 0);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_ACTIVE);
    assert_int_equal(number(f, "SELECT joined_at FROM subscription WHERE subscriber = 1"), 100);
    assert_int_equal(number(f, "SELECT count(*) FROM source_person WHERE gone_at IS NULL"), 3);
}

static void the_duplicate_takes_over(void **state) {
    struct fixture *f = *state;
    sync_rows(f, "site", 100, "7 UP@x.org,8 up@x.org", "nd", 0);
    sync_rows(f, "site", 200, "8 up@x.org", "u", 0); /* the same person: nobody vanished */
    expect_person(f, "up@x.org", 1, SUBSCRIPTION_ACTIVE);
    assert_int_equal(number(f, "SELECT email = 'UP@x.org' FROM subscriber"), 1); /* spelled as first, for good */
    sync_rows(f, "site", 300, "7 UP@x.org,8 up@x.org", "ud", 0);
    sync_rows(f, "site", 400, "7 UP@x.org,8 up@x.org", "kd", 0);
    assert_int_equal(number(f, "SELECT count(*) FROM source_person"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber"), 1);
}

static void addresses_change(void **state) {
    struct fixture *f = *state;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org", "nn", 0);
    sync_rows(f, "site", 200, "1 new@x.org,2 b@x.org", "ck", 0);
    expect_person(f, "new@x.org", 1, SUBSCRIPTION_ACTIVE);
    assert_int_equal(number(f, "SELECT generation FROM subscriber WHERE id = 1"), 2);
    /* swapped: each address stays the person it was */
    sync_rows(f, "site", 300, "1 b@x.org,2 new@x.org", "uu", 0);
    expect_person(f, "b@x.org", 2, SUBSCRIPTION_ACTIVE);
    expect_person(f, "new@x.org", 1, SUBSCRIPTION_ACTIVE);
    sync_rows(f, "site", 400, "1 b@x.org,2 new@x.org", "kk", 0);
    /* 2 takes the address of 1: one person is gone */
    sync_rows(f, "site", 500, "1 b@x.org,2 B@x.org", "kd", 1);
    expect_person(f, "new@x.org", 1, SUBSCRIPTION_REMOVED);
}

static void a_used_id_is_no_person(void **state) {
    struct fixture *f = *state;
    bool changed;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org", "nn", 0);
    ok(subscription_change(f->s, f->weekly, 2, SUBSCRIPTION_LEAVE, "reader", 150, &changed, &f->err), &f->err);
    sync_rows(f, "site", 200, "1 a@x.org", "k", 1);
    sync_rows(f, "site", 300, "1 a@x.org,2 other@x.org", "kn", 0);
    expect_person(f, "other@x.org", 3, SUBSCRIPTION_ACTIVE);
    expect_person(f, "b@x.org", 2, SUBSCRIPTION_LEFT);
}

static void leaving_lasts(void **state) {
    struct fixture *f = *state;
    bool changed;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org,3 c@x.org", "nnn", 0);
    ok(subscription_change(f->s, f->weekly, 1, SUBSCRIPTION_LEAVE, "reader", 150, &changed, &f->err), &f->err);
    assert_true(changed);
    ok(subscription_change(f->s, f->weekly, 2, SUBSCRIPTION_PAUSE, "reader", 150, &changed, &f->err), &f->err);
    assert_true(changed);
    sync_rows(f, "site", 200, "3 c@x.org", "k", 2);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_LEFT);
    sync_rows(f, "site", 300, "1 A@x.org,2 b@x.org,3 c@x.org", "uck", 0);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_LEFT);
    expect_person(f, "b@x.org", 2, SUBSCRIPTION_PAUSED); /* comes back as it was */
}

static void two_sources(void **state) {
    struct fixture *f = *state;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org", "nn", 0);
    sync_rows(f, "club", 100, "9 a@x.org", "u", 0);
    sync_rows(f, "site", 200, "2 b@x.org", "k", 1);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_ACTIVE); /* the club has it still */
    sync_rows(f, "club", 300, "", "", 1);
    expect_person(f, "a@x.org", 1, SUBSCRIPTION_REMOVED);
}

static void verbs(void **state) {
    struct fixture *f = *state;
    bool changed;
    struct subscription x;
    exec(f, "INSERT INTO subscriber (email, email_key, created_at, updated_at) VALUES ('a@b.c', 'a@b.c', 1, 1)");
    static const struct {
        enum subscription_verb verb;
        bool changed;
        enum subscription_status status;
        int64_t joined_at;
    } steps[] = {
        {SUBSCRIPTION_LEAVE, false, SUBSCRIPTION_NONE, 0},      {SUBSCRIPTION_RESUME, false, SUBSCRIPTION_NONE, 0},
        {SUBSCRIPTION_INVITE, true, SUBSCRIPTION_PENDING, 102}, {SUBSCRIPTION_PAUSE, false, SUBSCRIPTION_PENDING, 102},
        {SUBSCRIPTION_JOIN, true, SUBSCRIPTION_ACTIVE, 104},    {SUBSCRIPTION_JOIN, false, SUBSCRIPTION_ACTIVE, 104},
        {SUBSCRIPTION_INVITE, false, SUBSCRIPTION_ACTIVE, 104}, {SUBSCRIPTION_PAUSE, true, SUBSCRIPTION_PAUSED, 104},
        {SUBSCRIPTION_RESUME, true, SUBSCRIPTION_ACTIVE, 104},  {SUBSCRIPTION_PAUSE, true, SUBSCRIPTION_PAUSED, 104},
        {SUBSCRIPTION_JOIN, true, SUBSCRIPTION_ACTIVE, 104},    {SUBSCRIPTION_LEAVE, true, SUBSCRIPTION_LEFT, 104},
        {SUBSCRIPTION_RESUME, false, SUBSCRIPTION_LEFT, 104},   {SUBSCRIPTION_PAUSE, false, SUBSCRIPTION_LEFT, 104},
        {SUBSCRIPTION_JOIN, true, SUBSCRIPTION_ACTIVE, 114},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        bool found;
        ok(subscription_change(f->s, f->weekly, 1, steps[i].verb, "admin", 100 + (int64_t)i, &changed, &f->err),
           &f->err);
        ok(subscription_get(f->s, f->weekly, 1, f->a, &found, &x, &f->err), &f->err);
        assert_int_equal(changed, steps[i].changed);
        assert_int_equal(found ? x.status : SUBSCRIPTION_NONE, steps[i].status);
        assert_int_equal(found ? x.joined_at : 0, steps[i].joined_at);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM audit WHERE subscriber = 1 AND actor = 'admin'"), 8);
    struct subscription *rows;
    size_t n;
    ok(subscription_list(f->s, 1, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 1);
    assert_true(str_eq(rows[0].newsletter_name, STR("weekly")));
}

static void suppresses(void **state) {
    struct fixture *f = *state;
    struct suppression what = {.key = STR("a@x.org"), .reason = SUPPRESSION_HARD, .at = 5, .until = 500};
    struct suppression got;
    struct suppression *rows;
    size_t n;
    bool did;
    int64_t count;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org", "nn", 0);
    ok(suppression_add(f->s, &what, "admin", &did, &f->err), &f->err);
    assert_true(did);
    ok(suppression_add(f->s, &what, "admin", &did, &f->err), &f->err);
    assert_false(did);
    what.reason = SUPPRESSION_COMPLAINT;
    what.until = 0;
    ok(suppression_add(f->s, &what, "admin", &did, &f->err), &f->err);
    what.reason = SUPPRESSION_BY_HAND;
    what.until = 900;
    ok(suppression_add(f->s, &what, "admin", &did, &f->err), &f->err);
    ok(suppression_get(f->s, STR("a@x.org"), f->a, &did, &got, &f->err), &f->err);
    assert_int_equal(got.reason, SUPPRESSION_COMPLAINT); /* the graver one stays */
    assert_int_equal(got.until, 0);
    ok(subscription_count(f->s, f->weekly, &count, &f->err), &f->err);
    assert_int_equal(count, 1);
    /* an address suppressed before it is imported */
    what.key = STR("c@x.org");
    ok(suppression_add(f->s, &what, "admin", &did, &f->err), &f->err);
    sync_rows(f, "site", 200, "1 a@x.org,2 b@x.org,3 c@x.org", "kkn", 0);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE email_key = 'c@x.org'"), SUBSCRIBER_SUPPRESSED);
    /* a new address isn't suppressed */
    sync_rows(f, "site", 300, "1 a2@x.org,2 b@x.org,3 c@x.org", "ckk", 0);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE id = 1"), SUBSCRIBER_ACTIVE);
    ok(suppression_list(f->s, STR(""), 10, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 2);
    ok(suppression_list(f->s, rows[0].key, 10, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].until, 900);
    ok(suppression_lapse(f->s, 899, NULL, NULL, &f->err), &f->err);
    assert_int_equal(number(f, "SELECT count(*) FROM suppression"), 2);
    ok(suppression_lapse(f->s, 900, NULL, NULL, &f->err), &f->err);
    assert_int_equal(number(f, "SELECT count(*) FROM suppression"), 1);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE id = 3"), SUBSCRIBER_ACTIVE);
    ok(suppression_remove(f->s, STR("a@x.org"), "admin", 950, &did, &f->err), &f->err);
    assert_true(did);
    ok(suppression_remove(f->s, STR("a@x.org"), "admin", 950, &did, &f->err), &f->err);
    assert_false(did);
}

static void events_act_once(void **state) {
    struct fixture *f = *state;
    bool did;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org", "nn", 0);
    ok(event_suppress(f->s, STR("q1"), 1, 1, SUPPRESSION_HARD, STR("5.1.1"), 10, &did, &f->err), &f->err);
    assert_true(did);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE id = 1"), SUBSCRIBER_SUPPRESSED);
    ok(suppression_remove(f->s, STR("a@x.org"), "admin", 20, &did, &f->err), &f->err);
    ok(event_suppress(f->s, STR("q1"), 1, 1, SUPPRESSION_HARD, STR("5.1.1"), 30, &did, &f->err), &f->err);
    assert_false(did);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE id = 1"), SUBSCRIBER_ACTIVE);
    /* a late report about an old address suppresses nobody */
    ok(event_suppress(f->s, STR("q2"), 2, 9, SUPPRESSION_HARD, STR("5.1.1"), 30, &did, &f->err), &f->err);
    assert_false(did);
    assert_int_equal(number(f, "SELECT count(*) FROM suppression"), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM event_done"), 2);
    ok(event_forget(f->s, 30, &f->err), &f->err);
    assert_int_equal(number(f, "SELECT count(*) FROM event_done"), 1);
}

static void erased_stay_away(void **state) {
    struct fixture *f = *state;
    struct hash_key *key;
    const uint8_t secret[HASH_SIZE] = {1, 2, 3};
    char text[SUPPRESSION_ERASED_SIZE];
    struct import *im;
    enum import_result r;
    ok(hash_key_new(secret, "erased", &key, &f->err), &f->err);
    suppression_erased_key(key, STR("a@x.org"), text);
    struct suppression what = {.key = str_from(text), .reason = SUPPRESSION_ERASED, .at = 5};
    ok(suppression_add(f->s, &what, "reader", NULL, &f->err), &f->err);
    struct import_options o = {.source = STR("site"), .newsletter = STR("weekly"), .now = 10, .erased_key = key};
    struct import_person p = {.id = STR("1"),
                              .hash = 1,
                              .email = STR("A@x.org"),
                              .key = STR("a@x.org"),
                              .cadence = CADENCE_DEFAULT,
                              .joined_at = INT64_MIN};
    ok(import_begin(f->s, &o, &im, &f->err), &f->err);
    ok(import_person(im, &p, &r, &f->err), &f->err);
    assert_int_equal(r, IMPORT_ERASED);
    ok(import_commit(im, STR(""), &f->err), &f->err);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber"), 0);
    hash_key_free(key);
}

static void scans_readers(void **state) {
    struct fixture *f = *state;
    struct subscription_row row;
    bool more;
    bool changed;
    exec(f, "INSERT INTO article (title, published_at, created_at) VALUES ('t', 1, 1)");
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org,3 c@x.org,4 d@x.org,5 e@x.org", "nnnnn", 0);
    exec(f, "UPDATE subscriber SET language = 'de', format = 2, timezone = 'Asia/Kathmandu' WHERE id IN (1, 4);"
            "UPDATE subscription SET language = 'bo', cadence = 2, topics = 'news,arts' WHERE subscriber = 4;"
            "UPDATE subscriber SET status = 1 WHERE id = 3");
    ok(subscription_change(f->s, f->weekly, 2, SUBSCRIPTION_PAUSE, "reader", 150, &changed, &f->err), &f->err);
    ok(subscription_scan(f->s, f->weekly, 0, 2, &f->err), &f->err);
    ok(subscription_scan_next(f->s, &row, &more, &f->err), &f->err);
    assert_true(more);
    assert_int_equal(row.subscriber, 1);
    assert_int_equal(row.cadence, CADENCE_DEFAULT);
    assert_null(row.topics.ptr);
    assert_true(str_eq(row.language, STR("de")));
    assert_int_equal(row.format, READER_TEXT);
    assert_int_equal(row.joined_at, 100);
    ok(subscription_scan_next(f->s, &row, &more, &f->err), &f->err);
    assert_int_equal(row.subscriber, 4);
    assert_int_equal(row.cadence, 2);
    assert_true(str_eq(row.topics, STR("news,arts")));
    assert_true(str_eq(row.language, STR("bo")));
    assert_true(str_eq(row.timezone, STR("Asia/Kathmandu")));
    ok(subscription_scan_next(f->s, &row, &more, &f->err), &f->err);
    assert_false(more);
    ok(subscription_scan_next(f->s, &row, &more, &f->err), &f->err);
    assert_false(more);
    ok(subscription_scan(f->s, f->weekly, 4, 2, &f->err), &f->err);
    ok(subscription_scan_next(f->s, &row, &more, &f->err), &f->err);
    assert_int_equal(row.subscriber, 5);
    subscription_scan_end(f->s);
    subscription_scan_end(f->s);
}

static void joins_for_delivery(void **state) {
    struct fixture *f = *state;
    struct subscriber_delivery d;
    sync_rows(f, "site", 100, "1 a@x.org,2 b@x.org,3 c@x.org", "nnn", 0);
    exec(f, "UPDATE subscriber SET name = 'A B', language = 'de', attributes = '{}' WHERE id = 1;"
            "UPDATE subscriber SET merged_into = 1, status = 3, email_key = NULL WHERE id = 2");
    ok(subscriber_for_delivery(f->s, 1, f->weekly, &d, &f->err), &f->err);
    assert_true(d.found && !d.merged);
    assert_true(str_eq(d.email, STR("a@x.org")) && str_eq(d.name, STR("A B")) && str_eq(d.language, STR("de")));
    assert_null(d.given_name.ptr);
    assert_int_equal(d.subscription, SUBSCRIPTION_ACTIVE);
    assert_int_equal(d.generation, 1);
    ok(subscriber_for_delivery(f->s, 2, f->weekly, &d, &f->err), &f->err);
    assert_true(d.found && d.merged);
    assert_int_equal(d.subscriber, 1);
    ok(subscriber_for_delivery(f->s, 3, 77, &d, &f->err), &f->err);
    assert_int_equal(d.subscription, SUBSCRIPTION_NONE);
    ok(subscriber_for_delivery(f->s, 99, f->weekly, &d, &f->err), &f->err);
    assert_false(d.found);
    exec(f, "UPDATE subscriber SET merged_into = 2 WHERE id = 1");
    assert_int_equal(subscriber_for_delivery(f->s, 2, f->weekly, &d, &f->err), ERR_SOFTWARE);
    /* no read transaction stays open: the WAL can be emptied */
    ok(subscriber_for_delivery(f->s, 3, f->weekly, &d, &f->err), &f->err);
    ok(sql_checkpoint(store_sql(f->s), &f->err), &f->err);
    struct subscriber *rows;
    size_t n;
    ok(subscriber_list(f->s, 0, 10, false, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 2);
    ok(subscriber_list(f->s, 1, 10, true, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].merged_into, 1);
}

static void keeps_what_readers_chose(void **state) {
    struct fixture *f = *state;
    struct import *im;
    enum import_result r;
    sync_rows(f, "site", 100, "1 a@x.org", "n", 0);
    exec(f, "UPDATE subscriber SET language = 'bo', own = 4; UPDATE subscription SET cadence = 2, own = 64");
    struct import_options o = {.source = STR("site"), .newsletter = STR("weekly"), .now = 10};
    struct import_person p = {.id = STR("1"),
                              .hash = 99,
                              .email = STR("A@x.org"),
                              .key = STR("a@x.org"),
                              .told = IMPORT_NAME | IMPORT_LANGUAGE | IMPORT_CADENCE | IMPORT_TOPICS | IMPORT_JOINED,
                              .name = STR("New Name"),
                              .language = STR("en"),
                              .topics = STR("news"),
                              .cadence = 0,
                              .joined_at = 77};
    ok(import_begin(f->s, &o, &im, &f->err), &f->err);
    ok(import_person(im, &p, &r, &f->err), &f->err);
    assert_int_equal(r, IMPORT_CHANGED);
    ok(import_commit(im, STR(""), &f->err), &f->err);
    assert_int_equal(number(f, "SELECT language = 'bo' AND name = 'New Name' FROM subscriber"), 1);
    assert_int_equal(number(f, "SELECT cadence = 2 AND topics = 'news' AND source_joined_at = 77 AND joined_at = 100"
                               " FROM subscription"),
                     1);
}

static void refused_rows(void **state) {
    struct fixture *f = *state;
    struct import_options o = {.source = STR("site"), .newsletter = STR("weekly"), .now = 10};
    struct import *im;
    struct import_refused *rows;
    bool fresh;
    size_t n;
    int64_t gone;
    sync_rows(f, "site", 5, "1 a@x.org", "n", 0);
    for (int i = 0; i < 3; i++) {
        ok(import_begin(f->s, &o, &im, &f->err), &f->err);
        ok(import_refuse(im, IMPORT_SUBSCRIBER, STR("1"), i == 2 ? 8 : 7, STR("bad"), &fresh, &f->err), &f->err);
        assert_int_equal(fresh, i != 1);
        if (i == 0) {
            ok(import_refuse(im, IMPORT_SUBSCRIBER, STR("zz"), 7, STR("bad"), &fresh, &f->err), &f->err);
        }
        ok(import_remove_missing(im, IMPORT_SUBSCRIBER, &gone, &f->err), &f->err);
        assert_int_equal(gone, 0); /* who was there stays, though its row can't be read now */
        ok(import_commit(im, STR(""), &f->err), &f->err);
        ok(import_refused_list(f->s, STR("site"), 0, 10, f->a, &rows, &n, &f->err), &f->err);
        assert_int_equal(n, i == 0 ? 2 : 1);
    }
    sync_rows(f, "site", 20, "1 b@x.org", "c", 0);
    ok(import_refused_list(f->s, STR("site"), 0, 10, f->a, &rows, &n, &f->err), &f->err);
    assert_int_equal(n, 0);
}

static void prefers(void **state) {
    struct fixture *f = *state;
    struct subscription x;
    struct preferences p = {0};
    bool found, changed;
    sync_rows(f, "site", 100, "1 ada@example.org", "n", 0);
    int64_t id = number(f, "SELECT id FROM subscriber");
    ok(preference_read(STR("topics"), STR(" news , arts,news,"), &p, &f->err), &f->err);
    ok(preference_read(STR("Language"), STR("zh_hans; bo,ZH-Hans"), &p, &f->err), &f->err);
    ok(preference_read(STR("cadence"), STR("Monthly"), &p, &f->err), &f->err);
    ok(preference_read(STR("format"), STR("text"), &p, &f->err), &f->err);
    ok(preference_read(STR("body"), STR("titles"), &p, &f->err), &f->err);
    assert_int_equal(p.told, PREFER_ALL);
    assert_int_equal(preference_read(STR("body"), STR("some"), &p, &f->err), ERR_DATA);
    assert_string_equal(f->err.text, "body is one of full, summary, titles and default, not 'some'");
    assert_int_equal(preference_read(STR("colour"), STR("red"), &p, &f->err), ERR_NOINPUT);
    ok(preference_set(f->s, f->weekly, id, &p, "reader", 200, &changed, &f->err), &f->err);
    assert_true(changed);
    ok(preference_set(f->s, f->weekly, id, &p, "reader", 201, &changed, &f->err), &f->err);
    assert_false(changed);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_true(str_eq(x.topics, STR("news,arts")) && str_eq(x.language, STR("zh-Hans,bo")));
    assert_true(x.cadence == 2 && x.format == READER_TEXT && x.body == 2);
    assert_int_equal(number(f,
                            "SELECT count(*) FROM audit WHERE action = 'prefer' AND actor = 'reader' AND subscriber ="
                            " (SELECT id FROM subscriber) AND detail = 'weekly: topics language cadence format body'"),
                     1);
    /* one of them back; the others stay */
    p = (struct preferences){0};
    ok(preference_read(STR("topics"), STR("default"), &p, &f->err), &f->err);
    ok(preference_set(f->s, f->weekly, id, &p, "reader", 202, &changed, &f->err), &f->err);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_true(!x.topics.ptr && x.cadence == 2 && x.body == 2);
    p = (struct preferences){.told = PREFER_LANGUAGE, .language = STR("en, 7")};
    assert_int_equal(preference_set(f->s, f->weekly, id, &p, "reader", 203, NULL, &f->err), ERR_DATA);
    assert_int_equal(preference_set(f->s, f->weekly, id + 1, &p, "reader", 203, NULL, &f->err), ERR_NOINPUT);
    /* a source changes none of them from now on */
    struct import *im;
    struct import_options o = {.source = STR("site"), .newsletter = STR("weekly"), .now = 300};
    struct import_person q = {.id = STR("1"),
                              .hash = 7,
                              .told = IMPORT_TOPICS | IMPORT_BODY | IMPORT_CADENCE,
                              .email = STR("ada@example.org"),
                              .key = STR("ada@example.org"),
                              .topics = STR("sport"),
                              .cadence = 0,
                              .body = 1,
                              .joined_at = INT64_MIN};
    enum import_result r;
    ok(import_begin(f->s, &o, &im, &f->err), &f->err);
    ok(import_person(im, &q, &r, &f->err), &f->err);
    q.id = STR("2");
    q.email = q.key = STR("bo@example.org");
    ok(import_person(im, &q, &r, &f->err), &f->err);
    ok(import_commit(im, STR(""), &f->err), &f->err);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_true(!x.topics.ptr && x.cadence == 2 && x.body == 2);
    ok(subscription_get(f->s, f->weekly, id + 1, f->a, &found, &x, &f->err), &f->err);
    assert_true(str_eq(x.topics, STR("sport")) && x.cadence == 0 && x.body == 1);
}

static void pauses(void **state) {
    struct fixture *f = *state;
    struct subscription x;
    bool found, changed;
    sync_rows(f, "site", 100, "1 ada@example.org", "n", 0);
    int64_t id = number(f, "SELECT id FROM subscriber");
    assert_int_equal(subscription_pause(f->s, f->weekly, id, 200, "reader", 200, &changed, &f->err), ERR_DATA);
    ok(subscription_pause(f->s, f->weekly, id, 1000, "reader", 200, &changed, &f->err), &f->err);
    assert_true(changed);
    ok(subscription_pause(f->s, f->weekly, id, 1000, "reader", 201, &changed, &f->err), &f->err);
    assert_false(changed);
    ok(subscription_lapse(f->s, 999, &f->err), &f->err);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_true(x.status == SUBSCRIPTION_PAUSED && x.paused_until == 1000 && x.status_at == 200);
    ok(subscription_lapse(f->s, 1000, &f->err), &f->err);
    ok(subscription_get(f->s, f->weekly, id, f->a, &found, &x, &f->err), &f->err);
    assert_true(x.status == SUBSCRIPTION_ACTIVE && x.paused_until == 0 && x.joined_at == 100);
    assert_true(str_eq(x.source, STR("site")));
    /* without a date it waits to be resumed */
    ok(subscription_pause(f->s, f->weekly, id, 2000, "reader", 1100, &changed, &f->err), &f->err);
    ok(subscription_change(f->s, f->weekly, id, SUBSCRIPTION_PAUSE, "reader", 1200, &changed, &f->err), &f->err);
    assert_true(changed);
    ok(subscription_lapse(f->s, 9000, &f->err), &f->err);
    expect_person(f, "ada@example.org", id, SUBSCRIPTION_PAUSED);
    /* one who vanished from the source in a pause comes back to it, and it ends */
    ok(subscription_pause(f->s, f->weekly, id, 10000, "reader", 9100, &changed, &f->err), &f->err);
    sync_rows(f, "site", 9200, "2 bo@example.org", "n", 1);
    ok(subscription_lapse(f->s, 10001, &f->err), &f->err);
    expect_person(f, "ada@example.org", id, SUBSCRIPTION_REMOVED);
    sync_rows(f, "site", 10002, "1 ada@example.org,2 bo@example.org", "ck", 0);
    expect_person(f, "ada@example.org", id, SUBSCRIPTION_PAUSED);
    ok(subscription_lapse(f->s, 10003, &f->err), &f->err);
    expect_person(f, "ada@example.org", id, SUBSCRIPTION_ACTIVE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(imports_people, setup, teardown),
        cmocka_unit_test_setup_teardown(the_duplicate_takes_over, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_change, setup, teardown),
        cmocka_unit_test_setup_teardown(a_used_id_is_no_person, setup, teardown),
        cmocka_unit_test_setup_teardown(leaving_lasts, setup, teardown),
        cmocka_unit_test_setup_teardown(two_sources, setup, teardown),
        cmocka_unit_test_setup_teardown(verbs, setup, teardown),
        cmocka_unit_test_setup_teardown(suppresses, setup, teardown),
        cmocka_unit_test_setup_teardown(events_act_once, setup, teardown),
        cmocka_unit_test_setup_teardown(erased_stay_away, setup, teardown),
        cmocka_unit_test_setup_teardown(scans_readers, setup, teardown),
        cmocka_unit_test_setup_teardown(joins_for_delivery, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_what_readers_chose, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(prefers, setup, teardown),
        cmocka_unit_test_setup_teardown(pauses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
