/* Small words of commands: schedules, run reports, numbers, where the configuration is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/newsletter.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

/* What is printed of a schedule is what the configuration takes. */
static void schedules(void **state) {
    (void)state;
    static const char *const list[] = {"daily 06:30",
                                       "weekly mon 07:00",
                                       "weekly thu,mon 07:00",
                                       "weekly sun,tue 00:05",
                                       "monthly 31 23:59",
                                       "immediately",
                                       "manual"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct config_schedule s;
        struct buf b = BUF_INIT;
        assert_true(value_schedule(str_from(list[i]), &s));
        newsletter_schedule(&s, &b);
        assert_string_equal(buf_cstr(&b), list[i]);
        buf_release(&b);
    }
}

static void numbers(void **state) {
    (void)state;
    int64_t v = -1;
    struct error err = {0};
    assert_int_equal(context_number(STR("12"), 1, "an id", &v, &err), OK);
    assert_int_equal(v, 12);
    assert_int_equal(context_number(STR("0"), 1, "an id", &v, &err), ERR_USAGE);
    assert_string_equal(err.text, "'0' is not an id");
    assert_int_equal(context_number(STR("0"), 0, "an id", &v, &err), OK);
    static const char *const wrong[] = {"", "-1", "1x", " 1", "+1", "9999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(context_number(str_from(wrong[i]), 0, "an id", &v, &err), ERR_USAGE);
    }
}

static void config_path(void **state) {
    (void)state;
    struct command_line line = {0};
    assert_int_equal(setenv("COURANT_CONFIG", "/nowhere/env.ini", 1), 0);
    assert_string_equal(context_config_path(&line), "/nowhere/env.ini");
    line.config = "option.ini";
    assert_string_equal(context_config_path(&line), "option.ini");
    assert_int_equal(unsetenv("COURANT_CONFIG"), 0);
}

static void words(void **state) {
    (void)state;
    char one[] = "a@example.org";
    char two[] = "b@example.org";
    char *argv[] = {one, two};
    struct context_words w = {.words = argv, .n = 2};
    struct str s;
    assert_true(context_words_next(&w, &s));
    assert_true(str_eq(s, STR("a@example.org")));
    assert_true(context_words_next(&w, &s));
    assert_true(str_eq(s, STR("b@example.org")));
    assert_false(context_words_next(&w, &s));
    context_words_release(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(schedules), cmocka_unit_test(numbers),
                                       cmocka_unit_test(config_path), cmocka_unit_test(words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
