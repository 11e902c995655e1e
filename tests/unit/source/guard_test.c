/* What a sync must not do: apply half, apply a mass departure or an old archive unasked, break at a full disk or a
 * kill. */
#include "source_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void a_failing_query_changes_nothing(void **state) {
    struct fixture *f = *state;
    ok(sync_site(f), &f->err);
    /* the people are read, then the articles fail in the middle */
    site(f, "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 2100) INSERT INTO member"
            " (member_id, mail) SELECT i, 'm' || i || '@example.org' FROM n;"
            "INSERT INTO post (post_id, headline, slug, published_on) SELECT member_id, 'h', '/x', '2026-11-01'"
            " FROM member WHERE member_id >= 100; DELETE FROM post WHERE post_id = 1");
    configure(f,
              "SELECT post_id AS id, CASE WHEN post_id = 1100 THEN json('{') ELSE headline END AS title, slug AS url,\n"
              " published_on AS published_at FROM post",
              people_sql);
    assert_int_equal(sync_site(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "source site: articles: the query failed: malformed JSON"));
    counts(&f->r.people, 0, 0, 0, 0, 0, 0);
    configure(f, articles_sql,
              "SELECT member_id AS id, CASE member_id WHEN 1100 THEN json('{') ELSE mail END AS email FROM member");
    assert_int_equal(sync_site(f), ERR_DATA);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber"), 5);
    assert_int_equal(number(f, "SELECT count(*) FROM article WHERE withdrawn_at IS NULL"), 4);
    assert_int_equal(number(f, "SELECT people FROM source"), 5);
    assert_int_equal(sqlite3_get_autocommit(sql_handle(store_sql(f->s))), 1);
    configure(f, articles_sql, people_sql);
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 2001, 0, 5, 3, 1, 0);
}

static void many(struct fixture *f, int n) {
    char sql[400];
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO member"
                   " (member_id, mail) SELECT i, 'm' || i || '@example.org' FROM n",
                   999 + n);
    site(f, "DELETE FROM member");
    site(f, sql);
}

static void holds_mass_departures(void **state) {
    struct fixture *f = *state;
    many(f, 220);
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 220, 0, 0, 0, 0, 0);
    site(f, "DELETE FROM member WHERE member_id < 1011"); /* 11 of 220: 5 % */
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 0, 0, 209, 0, 0, 11);
    site(f, "DELETE FROM member WHERE member_id < 1022; UPDATE post SET headline = 'Changed' WHERE post_id = 1;");
    ok(sync_site(f), &f->err);
    assert_non_null(f->r.held.ptr);
    assert_non_null(strstr(f->r.held.ptr, "11 of 209"));
    assert_non_null(strstr(f->r.held.ptr, "courant source sync site --accept"));
    assert_true(f->r.held_anew);
    assert_int_equal(f->r.people.removed, 0);
    assert_int_equal(f->r.articles.changed, 0);
    assert_int_equal(number(f, "SELECT count(*) FROM subscription WHERE status = 1"), 209);
    assert_int_equal(number(f, "SELECT count(*) FROM article WHERE title = 'Changed'"), 0);
    ok(sync_site(f), &f->err);
    assert_non_null(f->r.held.ptr);
    assert_false(f->r.held_anew);
    f->o.accept = true;
    ok(sync_site(f), &f->err);
    assert_null(f->r.held.ptr);
    counts(&f->r.people, 0, 0, 198, 0, 0, 11);
    assert_int_equal(number(f, "SELECT count(*) FROM article WHERE title = 'Changed'"), 1);
    assert_int_equal(number(f, "SELECT held IS NULL FROM source"), 1);
}

static void holds_when_nobody_is_left(void **state) {
    struct fixture *f = *state;
    many(f, 3);
    ok(sync_site(f), &f->err);
    site(f, "DELETE FROM member WHERE member_id > 1000"); /* two of three may go */
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 0, 0, 1, 0, 0, 2);
    site(f, "DELETE FROM member");
    ok(sync_site(f), &f->err);
    assert_non_null(f->r.held.ptr);
    assert_int_equal(number(f, "SELECT count(*) FROM subscription WHERE status = 1"), 1);
    /* back again: nothing is held any more */
    site(f, "INSERT INTO member (member_id, mail) VALUES (1000, 'm1000@example.org')");
    ok(sync_site(f), &f->err);
    assert_null(f->r.held.ptr);
    counts(&f->r.people, 0, 0, 1, 0, 0, 0);
}

static void holds_old_articles(void **state) {
    struct fixture *f = *state;
    ok(sync_site(f), &f->err);
    f->o.last_issue_at = f->clock.at - 3600;
    site(f, "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1099) INSERT INTO post"
            " (post_id, headline, slug, published_on) SELECT i, 'h', '/h', '2020-01-01' FROM n");
    ok(sync_site(f), &f->err);
    assert_null(f->r.held.ptr);
    counts(&f->r.articles, 100, 0, 4, 4, 0, 0);
    site(f, "WITH RECURSIVE n(i) AS (SELECT 2000 UNION ALL SELECT i + 1 FROM n WHERE i < 2100) INSERT INTO post"
            " (post_id, headline, slug, published_on) SELECT i, 'h', '/h', '2020-01-01' FROM n");
    ok(sync_site(f), &f->err);
    assert_non_null(strstr(f->r.held.ptr, "101 articles older"));
    assert_int_equal(number(f, "SELECT count(*) FROM article"), 104);
    f->o.last_issue_at = 0; /* before the first issue an archive may come in whole */
    ok(sync_site(f), &f->err);
    counts(&f->r.articles, 101, 0, 104, 4, 0, 0);
}

/* Syncs in a child that has DISK bytes a file at most, or is killed after MS milliseconds. Returns wait's status. */
static int sync_in_child(struct fixture *f, rlim_t disk, int ms) {
    char path[96];
    store_close(f->s);
    f->s = NULL;
    (void)snprintf(path, sizeof path, "%s/courant.db", f->dir);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = {disk, disk};
        (void)signal(SIGXFSZ, SIG_IGN);
        if ((disk && setrlimit(RLIMIT_FSIZE, &limit) != 0) || store_open(path, SQL_WRITE, &f->s, &f->err) != OK) {
            _exit(1);
        }
        enum status st = sync_site(f);
        store_close(f->s);
        _exit(st);
    }
    if (ms >= 0) {
        (void)usleep((useconds_t)ms * 1000);
        (void)kill(pid, SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    ok(store_open(path, SQL_WRITE, &f->s, &f->err), &f->err);
    return status;
}

static void a_full_disk_or_a_kill_changes_nothing(void **state) {
    struct fixture *f = *state;
    ok(sync_site(f), &f->err);
    many(f, 20000);
    f->o.accept = true;
    int status = sync_in_child(f, 1 << 20, -1);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_IO);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber"), 5);
    assert_int_equal(number(f, "SELECT count(*) FROM subscription WHERE status = 1"), 5);
    for (int ms = 10; ms < 200; ms += 30) {
        status = sync_in_child(f, 0, ms);
        int64_t n = number(f, "SELECT count(*) FROM subscriber");
        assert_true(n == 5 || n == 20005);
        assert_int_equal(number(f, "SELECT count(*) FROM subscription WHERE status = 1"), n == 5 ? 5 : 20000);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    ok(sync_site(f), &f->err);
    assert_int_equal(number(f, "SELECT count(*) FROM subscription WHERE status = 1"), 20000);
}

/* Makes the file look as if it had been written long ago, so that its state can be relied on. */
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_failing_query_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_mass_departures, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_when_nobody_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_old_articles, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_or_a_kill_changes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
