/* A sync of a publisher's database: what is taken, refused, noticed and left alone. */
#include "source_fixture.h"

static void takes_and_refuses(void **state) {
    struct fixture *f = *state;
    struct article x;
    struct subscriber p;
    struct subscription s;
    bool found;
    ok(sync_site(f), &f->err);
    assert_true(f->r.read);
    assert_null(f->r.held.ptr);
    counts(&f->r.articles, 4, 0, 0, 4, 0, 0);
    counts(&f->r.people, 5, 0, 0, 3, 1, 0);
    expect_refused(f, IMPORT_ARTICLE, "3", "no title");
    expect_refused(f, IMPORT_ARTICLE, "4", "url is not http or https");
    expect_refused(f, IMPORT_ARTICLE, "5", "published_at is not a time");
    expect_refused(f, IMPORT_ARTICLE, "8", "body_format");
    expect_refused(f, IMPORT_SUBSCRIBER, "6", "email: ");
    expect_refused(f, IMPORT_SUBSCRIBER, "10", "email: ");
    expect_refused(f, IMPORT_SUBSCRIBER, "13", "longer than 64");
    assert_int_equal(f->r.fresh, 7);
    assert_int_equal(f->r.notes_n, 2); /* a language and a time that are none */
    ok(article_get(f->s, 1, f->a, &found, &x, &f->err), &f->err);
    assert_true(str_eq(x.url, STR("https://news.example.org/one")));
    assert_true(str_eq(x.source, STR("site")) && str_eq(x.source_id, STR("1")) && str_eq(x.topic, STR("news")));
    assert_int_equal(x.published_at, 1793603700);
    assert_int_equal(x.format, ARTICLE_HTML);
    ok(article_get(f->s, 2, f->a, &found, &x, &f->err), &f->err);
    assert_true(str_eq(x.title, STR("Two lines")) && str_eq(x.language, STR("bo")));
    assert_int_equal(x.format, ARTICLE_MARKDOWN);
    ok(article_get(f->s, 3, f->a, &found, &x, &f->err), &f->err);
    assert_int_equal(x.arrival, 0);
    assert_int_equal(x.published_at, 1798066800); /* midnight in Zurich */
    ok(article_get(f->s, 4, f->a, &found, &x, &f->err), &f->err);
    assert_int_equal(x.published_at, f->clock.at);
    assert_null(x.url.ptr);
    assert_null(x.language.ptr);
    ok(subscriber_by_key(f->s, STR("upper@example.org"), f->a, &found, &p, &f->err), &f->err);
    assert_true(found && str_eq(p.email, STR("UPPER@example.org")));
    assert_true(str_eq(p.attributes, STR("{\"town\":7}")));
    ok(subscription_get(f->s, 1, p.id, f->a, &found, &s, &f->err), &f->err);
    assert_int_equal(s.status, SUBSCRIPTION_ACTIVE);
    assert_int_equal(s.joined_at, f->clock.at);
    assert_int_equal(s.joined_arrival, 0); /* people come before articles */
    assert_int_equal(s.source_joined_at, 1788213600);
    assert_int_equal(number(f, "SELECT email LIKE '%@xn--exmple-cua.org' FROM subscriber WHERE id = 2"), 1);
    assert_int_equal(number(f, "SELECT attributes = '{\"town\":\"\\\"q\\\"\"}' FROM subscriber WHERE id = 3"), 1);
    assert_int_equal(number(f, "SELECT name = 'Smile x <b>Bold</b>' FROM subscriber WHERE id = 5"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email LIKE 'stopped%'"), 0);
    /* nothing new: nothing written, all told again */
    ok(sync_site(f), &f->err);
    counts(&f->r.articles, 0, 0, 4, 4, 0, 0);
    counts(&f->r.people, 0, 0, 5, 3, 1, 0);
    assert_int_equal(f->r.fresh, 0);
    assert_int_equal(f->r.refused_n, 7);
    assert_int_equal(number(f, "SELECT count(*) FROM audit"), 1);
}

static void follows_the_source(void **state) {
    struct fixture *f = *state;
    ok(sync_site(f), &f->err);
    site(f,
         "UPDATE post SET headline = 'One more' WHERE post_id = 1; UPDATE post SET status = 'draft' WHERE post_id = 2;"
         "UPDATE post SET headline = 'Three' WHERE post_id = 3; UPDATE member SET mail = 'new@example.org' WHERE"
         " member_id = 1; UPDATE member SET wants_mail = 0 WHERE member_id = 14;"
         "UPDATE member SET mail = 'still-none' WHERE member_id = 6");
    ok(sync_site(f), &f->err);
    counts(&f->r.articles, 1, 1, 2, 3, 0, 1);
    counts(&f->r.people, 0, 1, 3, 3, 1, 1);
    assert_int_equal(f->r.fresh, 1);
    assert_int_equal(number(f, "SELECT arrival FROM article WHERE title = 'One more'"), 1);
    assert_int_equal(number(f, "SELECT withdrawn_at FROM article WHERE id = 2"), f->clock.at);
    assert_int_equal(number(f, "SELECT generation FROM subscriber WHERE email = 'new@example.org'"), 2);
    site(f, "UPDATE post SET status = 'published' WHERE post_id = 2; UPDATE member SET wants_mail = 1 WHERE member_id ="
            " 14");
    ok(sync_site(f), &f->err);
    counts(&f->r.articles, 0, 1, 4, 3, 0, 0);
    counts(&f->r.people, 0, 1, 4, 3, 1, 0);
    assert_int_equal(number(f, "SELECT withdrawn_at IS NULL AND arrival = 2 FROM article WHERE id = 2"), 1);
}

static void refuses_bad_queries(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *sql, *say;
    } bad[] = {{"SELECT member_id AS id, mail FROM member", "no column email; it has id, mail"},
               {"SELECT mail AS email FROM member", "no column id"},
               {"SELECT 1 AS id, 'a@example.org' AS email; DELETE FROM member", "more than one statement"},
               {"DELETE FROM member RETURNING member_id AS id, mail AS email", "not authorized"},
               {"INSERT INTO member (mail) VALUES ('x')", "not authorized"},
               {"ATTACH 'x.db' AS x", "not authorized"},
               {"PRAGMA journal_mode = WAL", "not authorized"},
               {"SELECT load_extension('x') AS id, 1 AS email", "not authorized"},
               {"SELECT 1 AS id, ? AS email", "parameter"},
               {"EXPLAIN SELECT 1 AS id, 2 AS email", "no SELECT"},
               {"SELECT * FROM nowhere", "no such table"},
               {"-- nothing", "empty"},
               {"SELEC", "syntax error"}};
    struct str found;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        configure(f, NULL, bad[i].sql);
        if (sync_site(f) != ERR_DATA || !strstr(f->err.text, bad[i].say)) {
            fail_msg("%s: %s", bad[i].sql, f->err.text);
        }
        if (source_check(f->c, &f->c->sources[0], f->a, &found, &f->err) != ERR_DATA ||
            !strstr(f->err.text, bad[i].say)) {
            fail_msg("check: %s: %s", bad[i].sql, f->err.text);
        }
    }
    configure(f, articles_sql, people_sql);
    ok(source_check(f->c, &f->c->sources[0], f->a, &found, &f->err), &f->err);
    configure(f, NULL, "SELECT 1 AS id, 'a@example.org' AS email ; -- a comment");
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 1, 0, 0, 0, 0, 0);
    /* an endless one */
    f->o.patience_s = 1;
    configure(f, NULL,
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS email FROM n"
              " WHERE i < 0");
    assert_int_equal(sync_site(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "without giving a row"));
}

static void ids_of_any_kind(void **state) {
    struct fixture *f = *state;
    configure(
        f, NULL,
        "SELECT column1 AS id, column2 AS email FROM (VALUES (10, 'x@example.org'), ('9', 'X@example.org'),\n"
        " ('abc', 'y@example.org'), (NULL, 'z@example.org'), (1.5, 'u@example.org'), (x'6162', 'v@example.org'),\n"
        " ('abc', 'w@example.org'), ('', 'q@example.org'))");
    ok(sync_site(f), &f->err);
    counts(&f->r.people, 4, 0, 0, 3, 1, 0);
    expect_refused(f, IMPORT_SUBSCRIBER, "", "no id");
    expect_refused(f, IMPORT_SUBSCRIBER, "abc", "more than once");
    /* 9 comes before 10 */
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email = 'X@example.org'"), 1);
}

static void age(struct fixture *f) {
    char cmd[200];
    (void)snprintf(cmd, sizeof cmd, "touch -d '2026-01-01' %s && sleep 2.1", f->site);
    assert_int_equal(system(cmd), 0);
}

static void reads_only_what_changed(void **state) {
    struct fixture *f = *state;
    f->o.always = false;
    age(f);
    ok(sync_site(f), &f->err);
    assert_true(f->r.read);
    ok(sync_site(f), &f->err);
    assert_false(f->r.read);
    counts(&f->r.people, 0, 0, 0, 0, 0, 0);
    f->o.always = true;
    ok(sync_site(f), &f->err);
    assert_true(f->r.read);
    f->o.always = false;
    configure(f, articles_sql, "SELECT member_id AS id, mail AS email FROM member WHERE wants_mail = 1");
    ok(sync_site(f), &f->err);
    assert_true(f->r.read); /* another query */
    ok(sync_site(f), &f->err);
    assert_false(f->r.read);
    site(f, "UPDATE member SET given = 'x'");
    ok(sync_site(f), &f->err);
    assert_true(f->r.read);
    ok(sync_site(f), &f->err);
    assert_true(f->r.read); /* written just now: a later write might look the same */
    age(f);
    configure(f, NULL, "SELECT member_id AS id, mail AS email FROM member WHERE wants_mail AND joined < date('now')");
    ok(sync_site(f), &f->err);
    ok(sync_site(f), &f->err);
    assert_true(f->r.read); /* it reads the clock */
}

static void erased_people_are_refused(void **state) {
    struct fixture *f = *state;
    struct hash_key *key;
    const uint8_t secret[HASH_SIZE] = {9};
    char text[SUPPRESSION_ERASED_SIZE];
    ok(hash_key_new(secret, "erased", &key, &f->err), &f->err);
    suppression_erased_key(key, STR("amala@example.org"), text);
    struct suppression what = {.key = str_from(text), .reason = SUPPRESSION_ERASED, .at = 5};
    ok(suppression_add(f->s, &what, "reader", NULL, &f->err), &f->err);
    f->o.erased_key = key;
    ok(sync_site(f), &f->err);
    expect_refused(f, IMPORT_SUBSCRIBER, "1", "erased");
    counts(&f->r.people, 4, 0, 0, 4, 1, 0);
    hash_key_free(key);
}

static void says_what_cannot_be_read(void **state) {
    struct fixture *f = *state;
    char cmd[256];
    sqlite3_close(f->db);
    f->db = NULL;
    (void)snprintf(cmd, sizeof cmd, "mv %s %s.gone", f->site, f->site);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sync_site(f), ERR_NOINPUT);
    assert_non_null(strstr(f->err.text, "No such file"));
    (void)snprintf(cmd, sizeof cmd, "seq 1 20000 > %s", f->site);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sync_site(f), ERR_NOINPUT);
    assert_non_null(strstr(f->err.text, "not a database"));
    (void)snprintf(cmd, sizeof cmd, "rm %s && mkdir %s", f->site, f->site);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sync_site(f), ERR_NOINPUT);
    (void)snprintf(cmd, sizeof cmd, "rmdir %s && ln -s courant.db %s", f->site, f->site);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sync_site(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "own database"));
}

/* Nobody on this project wrote that one. */
static void takes_the_corpus(void **state) {
    struct fixture *f = *state;
    char cmd[256];
    struct subscriber p;
    bool found;
    static const char corpus[] = "../shared/corpora/site/site.sql";
    if (access(corpus, R_OK) != 0) {
        skip();
    }
    sqlite3_close(f->db);
    f->db = NULL;
    (void)snprintf(cmd, sizeof cmd, "rm %s && sqlite3 %s < %s", f->site, f->site, corpus);
    assert_int_equal(system(cmd), 0);
    configure(f,
              "SELECT p.post_id AS id, p.headline AS title,\n 'https://news.example.org/' || p.slug AS url,"
              " p.published_on AS published_at, p.updated_on AS updated_at,\n p.lang AS language, a.display_name AS"
              " author, c.slug AS topic, p.excerpt AS summary,\n p.body, p.body_format, p.image_url FROM post p LEFT"
              " JOIN author a USING (author_id)\n LEFT JOIN category c USING (category_id) WHERE p.status ="
              " 'published'",
              "SELECT member_id AS id, mail AS email, given_name || ' ' || family_name AS name,\n given_name, lang AS"
              " language, joined_on AS joined_at FROM member WHERE wants_mail = 1");
    ok(sync_site(f), &f->err);
    expect_refused(f, IMPORT_SUBSCRIBER, "6", "email");
    expect_refused(f, IMPORT_SUBSCRIBER, "10", "email");
    expect_refused(f, IMPORT_SUBSCRIBER, "13", "email");
    assert_int_equal(f->r.people.refused, 3);
    assert_int_equal(f->r.people.duplicate, 1);
    assert_int_equal(f->r.people.added, 214 - 3 - 1 - 1);
    assert_int_equal(f->r.articles.refused, 0);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email = 'UPPER@example.org'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email = '\"odd quoted\"@example.org'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email LIKE '%@xn--exmple-cua.org'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM subscriber WHERE email LIKE '%@xn--%.xn--h2brj9c'"), 1);
    ok(subscriber_by_key(f->s, STR("stopped@example.org"), f->a, &found, &p, &f->err), &f->err);
    assert_false(found);
    ok(sync_site(f), &f->err);
    assert_int_equal(f->r.people.unchanged, 214 - 3 - 1 - 1);
    assert_int_equal(f->r.people.added + f->r.people.changed + f->r.articles.added + f->r.articles.changed, 0);
}

static void suppressed_and_left_stay(void **state) {
    struct fixture *f = *state;
    bool changed;
    ok(sync_site(f), &f->err);
    ok(subscription_change(f->s, 1, 1, SUBSCRIPTION_LEAVE, "reader", 5, &changed, &f->err), &f->err);
    exec(f, "UPDATE subscriber SET status = 1 WHERE id = 2");
    site(f, "UPDATE member SET given = 'Other'");
    ok(sync_site(f), &f->err);
    assert_int_equal(number(f, "SELECT status FROM subscription WHERE subscriber = 1"), SUBSCRIPTION_LEFT);
    assert_int_equal(number(f, "SELECT status FROM subscriber WHERE id = 2"), SUBSCRIBER_SUPPRESSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_and_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_the_source, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_of_any_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_only_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(erased_people_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_the_corpus, setup, teardown),
        cmocka_unit_test_setup_teardown(suppressed_and_left_stay, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
