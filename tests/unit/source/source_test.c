/* A sync of a publisher's database: what is taken, refused, held, noticed and left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/source.h"
#include "store/subscriber.h"
#include "store/suppression.h"

static const char articles_sql[] =
    "SELECT post_id AS id, headline AS title, slug AS url, published_on AS published_at,\n"
    " lang AS language, body, format AS body_format, section AS topic FROM post\n"
    " WHERE status = 'published'";
static const char people_sql[] = "SELECT member_id AS id, mail AS email, given || ' ' || family AS name,\n"
                                 " given AS given_name, lang AS language, joined AS joined_at, town FROM member\n"
                                 " WHERE wants_mail = 1";
static const char site_sql[] =
    "CREATE TABLE post (post_id INTEGER PRIMARY KEY, headline, slug, published_on, lang, body, format, section,"
    " status DEFAULT 'published');"
    "INSERT INTO post (post_id, headline, slug, published_on, lang, body, format, section) VALUES"
    " (1, 'One', '/one', '2026-11-02T07:15:00Z', 'en', '<p>1</p>', 'html', 'news'),"
    " (2, 'Two\nlines', 'https://other.example.org/two', 1793862000, 'bo', '2', 'markdown', 'documents'),"
    " (3, '', '/three', '2026-11-03', 'en', '3', 'text', 'news'),"
    " (4, 'Four', 'javascript:alert(1)', '2026-11-03', 'en', '4', 'text', 'news'),"
    " (5, 'Five', NULL, 'yesterday', 'en', '5', 'text', 'news'),"
    " (6, 'To come', '/six', '2026-12-24', 'en', '6', NULL, 'news'),"
    " (7, 'Undated', '', NULL, 'nonsense!', '7', 'text', 'news'),"
    " (8, 'Odd format', '/8', '2026-11-03', 'en', '8', 'pdf', 'news');"
    "INSERT INTO post (post_id, headline, slug, published_on, status) VALUES (9, 'Draft', '/9', '2026-11-03', 'draft');"
    "CREATE TABLE member (member_id INTEGER PRIMARY KEY, mail, given, family, lang, joined, town, wants_mail DEFAULT "
    "1);"
    "INSERT INTO member (member_id, mail, given, family, lang, joined, town) VALUES"
    " (1, 'amala@example.org', 'Amala', 'Dolma', 'bo', '2026-09-01', 'Bern'),"
    " (4, 'j\xc3\xbcrgen@ex\xc3\xa4mple.org', 'J', 'G', 'de', '2026-09-01', NULL),"
    " (5, '\"odd quoted\"@example.org', 'Odd', 'Quoted', 'en', '2026-09-01', '\"q\"'),"
    " (6, 'not-an-address', 'No', 'Address', 'en', '2026-09-01', NULL),"
    " (7, 'UPPER@EXAMPLE.ORG', 'Up', 'Per', 'en', '2026-09-01', 7),"
    " (8, 'upper@example.org', 'Dup', 'Licate', 'en', '2026-09-01', NULL),"
    " (10, 'inject@example.org' || char(10) || 'Bcc: everyone@example.com', 'In', 'Ject', 'en', '2026-09-01', NULL),"
    " (13, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org', 'T', 'L', 'en', 'x', NULL),"
    " (14, 'emoji@example.org', 'Smile' || char(13) || 'x', '<b>Bold</b>', 'en', 'never', NULL);"
    "INSERT INTO member (member_id, mail, wants_mail) VALUES (9, 'stopped@example.org', 0);";

struct fixture {
    char dir[64];
    char site[96];
    struct store *s;
    struct config *c;
    struct arena *a;
    sqlite3 *db; /* the site's own connection */
    struct clock clock;
    struct source_options o;
    struct source_report r;
    struct error err;
};

static void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static void configure(struct fixture *f, const char *articles, const char *people) {
    char text[4096];
    char path[96];
    struct config_errors errors = CONFIG_ERRORS_INIT;
    (void)snprintf(path, sizeof path, "%s/courant.ini", f->dir);
    (void)snprintf(text, sizeof text,
                   "[site]\nname = Desk\nurl = https://news.example.org\npostal_address = 1 Street\ntimezone = "
                   "Europe/Zurich\n[relay.main]\nhost = 127.0.0.1\n[newsletter.weekly]\ntitle = Weekly\nfrom = "
                   "news@example.org\nschedule = manual\n[web]\nbase_url = https://news.example.org/mail\n"
                   "[source.site]\ntype = sqlite\npath = site.db\nnewsletter = weekly\n%s%s\n%s%s\n",
                   articles ? "articles = " : "", articles ? articles : "", people ? "subscribers = " : "",
                   people ? people : "");
    config_free(f->c);
    if (config_parse(str_from(text), path, &f->c, &errors) != OK) {
        fail_msg("%s", errors.list[0].text);
    }
    config_errors_release(&errors);
}

static void site(struct fixture *f, const char *sql) {
    char *msg = NULL;
    if (sqlite3_exec(f->db, sql, NULL, NULL, &msg) != SQLITE_OK) {
        fail_msg("%s", msg);
    }
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    char path[96];
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-source-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(path, sizeof path, "%s/courant.db", f->dir);
    (void)snprintf(f->site, sizeof f->site, "%s/site.db", f->dir);
    ok(store_open(path, SQL_CREATE, &f->s, &f->err), &f->err);
    assert_int_equal(sqlite3_open(f->site, &f->db), SQLITE_OK);
    site(f, site_sql);
    f->a = arena_new();
    f->clock = (struct clock){true, 1795430760}; /* 2026-11-23T08:06:00Z */
    f->o.always = true;
    configure(f, articles_sql, people_sql);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    char cmd[128];
    source_report_release(&f->r);
    sqlite3_close(f->db);
    store_close(f->s);
    config_free(f->c);
    arena_free(f->a);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    free(f);
    return 0;
}

static enum status sync_site(struct fixture *f) {
    source_report_release(&f->r);
    f->err.text[0] = 0;
    return source_sync(f->s, f->c, &f->c->sources[0], &f->clock, &f->o, &f->r, &f->err);
}

static void counts(const struct source_counts *n, int64_t added, int64_t changed, int64_t unchanged, int64_t refused,
                   int64_t duplicate, int64_t removed) {
    char got[128];
    char want[128];
    (void)snprintf(got, sizeof got, "%d new %d changed %d unchanged %d refused %d duplicate %d removed", (int)n->added,
                   (int)n->changed, (int)n->unchanged, (int)n->refused, (int)n->duplicate, (int)n->removed);
    (void)snprintf(want, sizeof want, "%d new %d changed %d unchanged %d refused %d duplicate %d removed", (int)added,
                   (int)changed, (int)unchanged, (int)refused, (int)duplicate, (int)removed);
    assert_string_equal(got, want);
}

static int64_t number(struct fixture *f, const char *sql) {
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(sql_handle(store_sql(f->s)), sql, -1, &q, NULL), SQLITE_OK);
    int64_t v = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
    sqlite3_finalize(q);
    return v;
}

static void exec(struct fixture *f, const char *sql) {
    ok(sql_exec(store_sql(f->s), sql, &f->err), &f->err);
}

static void expect_refused(struct fixture *f, enum import_kind kind, const char *id, const char *reason) {
    for (size_t i = 0; i < f->r.refused_n; i++) {
        if (f->r.refused[i].kind == kind && str_eq(f->r.refused[i].id, str_from(id))) {
            if (!strstr(f->r.refused[i].reason.ptr, reason)) {
                fail_msg("%s: %s", id, f->r.refused[i].reason.ptr);
            }
            return;
        }
    }
    fail_msg("%s was not refused", id);
}

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
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        configure(f, NULL, bad[i].sql);
        if (sync_site(f) != ERR_DATA || !strstr(f->err.text, bad[i].say)) {
            fail_msg("%s: %s", bad[i].sql, f->err.text);
        }
        if (source_check(f->c, &f->c->sources[0], &f->err) != ERR_DATA || !strstr(f->err.text, bad[i].say)) {
            fail_msg("check: %s: %s", bad[i].sql, f->err.text);
        }
    }
    configure(f, articles_sql, people_sql);
    ok(source_check(f->c, &f->c->sources[0], &f->err), &f->err);
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
        cmocka_unit_test_setup_teardown(a_failing_query_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_of_any_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_mass_departures, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_when_nobody_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_old_articles, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_or_a_kill_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_only_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(erased_people_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_the_corpus, setup, teardown),
        cmocka_unit_test_setup_teardown(suppressed_and_left_stay, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
