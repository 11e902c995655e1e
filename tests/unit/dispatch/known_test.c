/* Goal: a table knows the number of each text it was given, however many they are, and forgets only beyond its bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dispatch/known.h"

#include <stdio.h>

static int64_t *ask(struct known *k, int i, bool *is_new) {
    char text[64];
    int n = snprintf(text, sizeof text, "0-%d,|topic%d|en|0", i % 7, i);
    int64_t *number = known_number(k, (struct str){text, (size_t)n}, is_new);
    assert_non_null(number);
    return number;
}

static void many(void **state) {
    (void)state;
    struct known *k = known_new(0);
    bool is_new;
    assert_non_null(k);
    for (int i = 0; i < 50000; i++) {
        int64_t *number = ask(k, i, &is_new);
        assert_true(is_new);
        *number = i + 1;
    }
    for (int i = 0; i < 50000; i++) {
        assert_int_equal(*ask(k, i, &is_new), i + 1);
        assert_false(is_new);
    }
    known_free(k);
    known_free(NULL);
}

static void bounded(void **state) {
    (void)state;
    struct known *k = known_new(10);
    bool is_new;
    for (int i = 0; i < 30; i++) {
        *ask(k, i, &is_new) = i;
        assert_true(is_new);
    }
    for (int i = 0; i < 30; i++) {
        int64_t *number = ask(k, i, &is_new);
        assert_int_equal(is_new, i >= 10);
        if (i < 10) {
            assert_int_equal(*number, i);
        }
    }
    known_free(k);
}

/* The empty text is one like any other. */
static void empty(void **state) {
    (void)state;
    struct known *k = known_new(0);
    bool is_new;
    *known_number(k, STR(""), &is_new) = 5;
    assert_true(is_new);
    assert_int_equal(*known_number(k, STR_NONE, &is_new), 5);
    assert_false(is_new);
    known_free(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many), cmocka_unit_test(bounded), cmocka_unit_test(empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
