/* courant.db: opening, migrating, meta, identity, articles and what is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/article.h"
#include "store/schema.h"
#include "store/store.h"

struct fixture {
    char dir[64];
    char path[96];
    struct store *s;
    struct arena *a;
};

static void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = {0};
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/courant.db", f->dir);
    ok(store_open(f->path, SQL_CREATE, &f->s, &err), &err);
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
    struct error err = {0};
    ok(sql_exec(store_sql(f->s), sql, &err), &err);
}

static void opens_and_refuses(void **state) {
    struct fixture *f = *state;
    struct store *other = NULL;
    struct error err = {0};
    struct stat b;
    char none[128];
    assert_int_equal(stat(f->path, &b), 0);
    assert_int_equal(b.st_mode & 0777, 0600);
    (void)snprintf(none, sizeof none, "%s/none.db", f->dir);
    assert_int_equal(store_open(none, SQL_WRITE, &other, &err), ERR_NOINPUT);
    assert_null(other);
    ok(store_open(f->path, SQL_READ, &other, &err), &err);
    store_close(other);
    exec(f, "PRAGMA user_version = 999");
    assert_int_equal(store_open(f->path, SQL_WRITE, &other, &err), ERR_CONFIG);
    assert_non_null(strstr(err.text, "newer"));
    /* an older one is brought up to date for writing, and refused for reading */
    char text[64];
    (void)snprintf(text, sizeof text, "PRAGMA user_version = %d", 0);
    exec(f, text);
    assert_int_equal(store_open(f->path, SQL_READ, &other, &err), ERR_CONFIG);
    assert_non_null(strstr(err.text, "older"));
    store_close(NULL);
}

static void remembers(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t v = 7;
    struct buf b = BUF_INIT;
    ok(store_meta_get(f->s, STORE_RUN, &v, &err), &err);
    assert_int_equal(v, 7);
    ok(store_meta_set(f->s, STORE_RUN, 3, &err), &err);
    ok(store_meta_raise(f->s, STORE_RUN, 2, &err), &err);
    ok(store_meta_get(f->s, STORE_RUN, &v, &err), &err);
    assert_int_equal(v, 3);
    ok(store_meta_raise(f->s, STORE_RUN, 5, &err), &err);
    ok(store_meta_get(f->s, STORE_RUN, &v, &err), &err);
    assert_int_equal(v, 5);
    ok(store_init(f->s, "abcd", &err), &err);
    ok(store_init(f->s, "ef01", &err), &err); /* the first one stays */
    ok(store_meta_get_text(f->s, STORE_PAIR, &b, &err), &err);
    assert_string_equal(buf_cstr(&b), "abcd");
    buf_release(&b);
}

static void knows_a_copy(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct store *copy = NULL;
    char cmd[256];
    char path[128];
    bool original = false;
    ok(store_init(f->s, "abcd", &err), &err);
    ok(store_is_original(f->s, &original, &err), &err);
    assert_true(original);
    ok(sql_checkpoint(store_sql(f->s), &err), &err);
    (void)snprintf(path, sizeof path, "%s/copy.db", f->dir);
    (void)snprintf(cmd, sizeof cmd, "cp %s %s", f->path, path);
    assert_int_equal(system(cmd), 0);
    ok(store_open(path, SQL_WRITE, &copy, &err), &err);
    ok(store_is_original(copy, &original, &err), &err);
    assert_false(original);
    ok(store_adopt(copy, &err), &err);
    ok(store_is_original(copy, &original, &err), &err);
    assert_true(original);
    store_close(copy);
}

static void names_newsletters(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t a = 0, b = 0, c = 0, seen = 0;
    struct buf name = BUF_INIT;
    ok(store_newsletter_find(f->s, STR("weekly"), &a, &err), &err);
    assert_int_equal(a, 0);
    ok(store_newsletter(f->s, STR("weekly"), 100, &a, &seen, &err), &err);
    assert_int_equal(seen, 100);
    ok(store_newsletter(f->s, STR("weekly"), 200, &b, &seen, &err), &err);
    assert_int_equal(seen, 100);
    assert_int_equal(a, b);
    ok(store_newsletter(f->s, STR("daily"), 200, &c, NULL, &err), &err);
    assert_true(c != a);
    ok(store_newsletter_name(f->s, c, &name, &err), &err);
    assert_string_equal(buf_cstr(&name), "daily");
    buf_release(&name);
}

static void raises_ids(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t n = 0;
    ok(store_raise_ids(f->s, 50, 60, 70, &err), &err);
    ok(store_raise_ids(f->s, 10, 10, 10, &err), &err);
    exec(f, "INSERT INTO article (title, published_at, created_at) VALUES ('a', 5, 5)");
    exec(f, "INSERT INTO subscriber (email, email_key, created_at, updated_at) VALUES ('a@b.c', 'a@b.c', 1, 1)");
    ok(articles_arrive(f->s, 10, NULL, &err), &err);
    ok(article_max_arrival(f->s, &n, &err), &err);
    assert_int_equal(n, 71);
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(sql_handle(store_sql(f->s)),
                                        "SELECT (SELECT id FROM article), (SELECT id FROM subscriber)", -1, &q, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(q, 0), 51);
    assert_int_equal(sqlite3_column_int(q, 1), 61);
    sqlite3_finalize(q);
}

static const char articles[] =
    "INSERT INTO source (id, name) VALUES (1, 'site');"
    "INSERT INTO article (id, source, source_id, title, published_at, language, topic, pinned, created_at) VALUES"
    " (1, 1, 'x', 'Third', 300, 'en-GB', 'news', 0, 0), (2, 1, 'y', 'First', 100, 'de', 'documents', 1, 0),"
    " (3, 1, 'z', 'Second', 100, NULL, NULL, 0, 0), (4, NULL, NULL, 'Undated', NULL, 'bo', 'news', 0, 0),"
    " (5, 1, 'w', 'To come', 5000, 'en', 'news', 0, 0);";

static void articles_arrive_in_order(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int64_t n = 9;
    bool found = false;
    struct article x;
    exec(f, articles);
    ok(articles_arrive(f->s, 50, &n, &err), &err);
    assert_int_equal(n, 1); /* the undated one */
    ok(articles_arrive(f->s, 1000, &n, &err), &err);
    assert_int_equal(n, 3);
    ok(articles_arrive(f->s, 1000, &n, &err), &err);
    assert_int_equal(n, 0);
    static const int64_t arrivals[] = {4, 2, 3, 1, 0};
    for (int64_t id = 1; id <= 5; id++) {
        ok(article_get(f->s, id, f->a, &found, &x, &err), &err);
        assert_true(found);
        assert_int_equal(x.arrival, arrivals[id - 1]);
    }
    ok(article_get(f->s, 4, f->a, &found, &x, &err), &err);
    assert_int_equal(x.published_at, 50);
    ok(articles_arrive(f->s, 5000, &n, &err), &err);
    assert_int_equal(n, 1);
    ok(article_max_arrival(f->s, &n, &err), &err);
    assert_int_equal(n, 5);
    ok(article_get(f->s, 77, f->a, &found, &x, &err), &err);
    assert_false(found);
}

static void due(struct fixture *f, const struct article_filter *filter, const char *expect) {
    struct error err = {0};
    struct article_row *rows;
    size_t n;
    char got[64] = "";
    ok(article_due_list(f->s, filter, f->a, &rows, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%lld ", (long long)rows[i].id);
    }
    assert_string_equal(got, expect);
}

static void tells_what_is_due(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    bool found;
    const struct str topics[] = {STR("documents"), STR("news")};
    const struct str languages[] = {STR("en")};
    exec(f, articles);
    ok(articles_arrive(f->s, 50, NULL, &err), &err);
    ok(articles_arrive(f->s, 9000, NULL, &err), &err);
    struct article_filter all = {.to = 99, .since = INT64_MIN, .default_language = STR("en")};
    due(f, &all, "4 2 3 1 5 ");
    struct article_filter x = all;
    x.from = 2;
    x.to = 4;
    due(f, &x, "3 1 ");
    x = all;
    x.since = 101;
    due(f, &x, "1 5 ");
    x = all;
    x.topics = topics;
    x.n_topics = 2;
    due(f, &x, "4 2 1 5 ");
    x = all;
    x.languages = languages;
    x.n_languages = 1;
    due(f, &x, "3 1 5 "); /* without a language: the site's */
    x = all;
    x.where = "topic <> 'documents' -- not these";
    due(f, &x, "4 1 5 ");
    x.where = "source = 'site' AND published_at >= '1970-01-01T00:05:00Z'";
    due(f, &x, "1 5 ");
    x.where = "article.title LIKE '%d%' OR source IS NULL";
    due(f, &x, "4 3 1 ");
    ok(article_set_flag(f->s, 1, ARTICLE_EXCLUDED, true, "admin", 1, &found, &err), &err);
    ok(article_set_flag(f->s, 2, ARTICLE_WITHDRAWN, true, "admin", 1, &found, &err), &err);
    ok(article_set_flag(f->s, 3, ARTICLE_PINNED, true, "admin", 1, &found, &err), &err);
    assert_true(found);
    due(f, &all, "4 3 5 ");
    ok(article_set_flag(f->s, 2, ARTICLE_WITHDRAWN, false, "admin", 1, &found, &err), &err);
    due(f, &all, "4 2 3 5 ");
    ok(article_set_flag(f->s, 99, ARTICLE_PINNED, true, "admin", 1, &found, &err), &err);
    assert_false(found);
}

static void refuses_bad_conditions(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    static const char *const bad[] = {"topic = ",
                                      "1) OR (1",
                                      "1; DROP TABLE article",
                                      "1 GROUP BY topic",
                                      "1 UNION SELECT 1",
                                      "id IN (SELECT id FROM subscriber)",
                                      "EXISTS (SELECT email FROM main.subscriber)",
                                      "load_extension('x')",
                                      "arrival > 3",
                                      "nothing = 1",
                                      "topic = ?",
                                      "topic = :t",
                                      "id IN (SELECT name FROM sqlite_schema)",
                                      "id IN (SELECT stamp FROM main.source)",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.text[0] = 0;
        if (article_where_check(f->s, bad[i], &err) != ERR_CONFIG || !strstr(err.text, "where")) {
            fail_msg("taken: %s (%s)", bad[i], err.text);
        }
    }
    ok(article_where_check(f->s, "topic IN ('a', 'b') AND length(body) > 100", &err), &err);
    /* the connection is as before */
    exec(f, "DELETE FROM article");
    struct article_row *rows;
    size_t n;
    struct article_filter x = {.to = 99, .where = "nonsense"};
    assert_int_equal(article_due_list(f->s, &x, f->a, &rows, &n, &err), ERR_CONFIG);
    assert_int_equal(n, 0);
}

static void lists_by_page(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    struct article *rows;
    size_t n;
    bool found;
    exec(f, articles);
    ok(article_set_flag(f->s, 2, ARTICLE_WITHDRAWN, true, "admin", 1, &found, &err), &err);
    ok(article_list(f->s, 0, 2, false, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].id, 1);
    assert_int_equal(rows[1].id, 3);
    assert_true(str_eq(rows[0].source, STR("site")));
    ok(article_list(f->s, rows[1].id, 9, true, f->a, &rows, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_null(rows[0].source.ptr);
    assert_true(rows[0].published_at == INT64_MIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_and_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(remembers, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_a_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(names_newsletters, setup, teardown),
        cmocka_unit_test_setup_teardown(raises_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(articles_arrive_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_is_due, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_by_page, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
