/* Whole files: where paths lead, the shipped example, the design's sections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SITE "[site]\nname = Desk\nurl = https://news.example.org\npostal_address = 1 Street\n"

static void fine(enum status status, const struct config_errors *errors) {
    for (size_t i = 0; i < errors->n; i++)
        print_error("%s\n", errors->list[i].text);
    assert_int_equal(status, OK);
}

static void test_relative_paths(void **state) {
    (void)state;
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    char *here = getcwd(NULL, 0), *want = NULL;
    assert_int_equal(config_parse(STR(SITE), "./conf/x.ini", &c, &errors), OK);
    assert_true(asprintf(&want, "%s/conf/courant.db", here) > 0);
    assert_string_equal(c->database.path, want);
    config_free(c);
    free(want);
    assert_int_equal(config_parse(STR(SITE), "x.ini", &c, &errors), OK);
    assert_string_equal(c->folder, here);
    config_free(c);
    free(here);
    assert_int_equal(config_parse(STR(SITE), "/x.ini", &c, &errors), OK);
    assert_string_equal(c->database.path, "/courant.db");
    config_free(c);
}

static void test_load_reads_the_example(void **state) {
    (void)state;
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    enum status status = config_load("conf/courant.ini", &c, &errors);
    fine(status, &errors);
    assert_int_equal(c->newsletters_n, 1);
    assert_string_equal(c->newsletters[0].title, "Example Weekly");
    assert_int_equal(c->newsletters[0].schedule.minute, 420);
    assert_int_equal(c->relays_n, 1);
    config_free(c);
}

/* The example with every commented key switched on is valid too, so its comments tell the truth. */
static void test_example_with_all_keys(void **state) {
    (void)state;
    FILE *file = fopen("conf/courant.ini", "r");
    struct buf text = BUF_INIT;
    char *line = NULL;
    size_t cap = 0, keys = 0;
    assert_non_null(file);
    bool sql = false;
    while (getline(&line, &cap, file) > 0) {
        struct str l = str_from(line);
        size_t equals = str_search(l, STR(" ="), 0), blank = str_find(l, ' ', 2);
        bool key = str_starts(l, STR("; ")) && (equals == blank || l.ptr[2] == '[' || l.ptr[2] == '*');
        sql = str_starts(l, STR(";     ")) && sql;
        bool password = str_starts(l, STR("; password_command")); /* one of two */
        if (key || sql) {
            l = password ? STR("\n") : str_sub(l, 2, l.len);
            keys += key;
        }
        sql = sql || str_starts(l, STR("articles ="));
        buf_add(&text, l);
    }
    fclose(file);
    free(line);
    assert_true(keys > 60);
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    enum status status = config_parse(buf_str(&text), "/srv/desk/courant.ini", &c, &errors);
    fine(status, &errors);
    assert_int_equal(c->sources_n, 4);
    assert_int_equal(c->dkims_n, 1);
    assert_int_equal(c->relays[0].rate.n, 3);
    assert_non_null(strstr(c->sources[0].articles, "FROM post WHERE status = 'published'"));
    /* The comments show the defaults. */
    const struct config_newsletter *n = &c->newsletters[0];
    assert_int_equal(n->max_articles, 30);
    assert_int_equal(n->images_size_bytes, 96 << 10);
    assert_int_equal(n->approval_deadline, CONFIG_DEADLINE_SKIP);
    assert_int_equal(n->cadences & CONFIG_CADENCE(CONFIG_SCHEDULE_MONTHLY), CONFIG_CADENCE(CONFIG_SCHEDULE_MONTHLY));
    config_free(c);
    buf_release(&text);
}

/* The sections as the design document shows them, comments and all. */
static void test_load_of_the_design(void **state) {
    (void)state;
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    enum status status = config_load("tests/unit/config/design.ini", &c, &errors);
    fine(status, &errors);
    assert_string_equal(c->site.hostname, "news.example.org");
    assert_string_equal(c->site.timezone, "Europe/Zurich");
    assert_int_equal(c->relays[0].tls, CONFIG_TLS_NONE);
    assert_string_equal(c->newsletters[0].list_id, "weekly.news.example.org");
    assert_int_equal(c->newsletters[0].window_from, -1);
    assert_string_equal(c->sources[0].articles,
                        "SELECT post_id AS id, headline AS title, ... FROM post WHERE status = 'published'");
    assert_string_equal(c->bounce.address, "bounces@example.org");
    assert_null(c->bounce.imap_url);
    assert_string_equal(c->web.base_path, "/mail");
    config_free(c);
}

static void test_load_of_a_missing_file(void **state) {
    (void)state;
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    assert_int_equal(config_load("/nonexistent/c.ini", &c, &errors), ERR_NOINPUT);
    assert_null(c);
    assert_string_equal(errors.list[0].text,
                        "/nonexistent/c.ini: the configuration can't be read: No such file or directory");
    config_errors_release(&errors);
    assert_int_equal(config_load("/", &c, &errors), ERR_NOINPUT);
    config_errors_release(&errors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relative_paths),         cmocka_unit_test(test_load_reads_the_example),
        cmocka_unit_test(test_example_with_all_keys),  cmocka_unit_test(test_load_of_the_design),
        cmocka_unit_test(test_load_of_a_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
