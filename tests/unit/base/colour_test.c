/* Goal: whatever colour is configured, text in it can be read on light and on dark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/colour.h"

static struct colour parse(const char *s) {
    struct colour c = {0};
    assert_true(colour_parse(str_from(s), &c));
    return c;
}

static void test_parse(void **state) {
    (void)state;
    char text[COLOUR_SIZE];
    const char *cases[][2] = {{"#abc", "#aabbcc"},
                              {"#0055AA", "#0055aa"},
                              {"navy", "#000080"},
                              {"White", "#ffffff"},
                              {"YellowGreen", "#9acd32"},
                              {"aliceblue", "#f0f8ff"},
                              {"grey", "#808080"},
                              {"rebeccapurple", "#663399"},
                              {"tan", "#d2b48c"},
                              {"tomato", "#ff6347"},
                              {"lightgoldenrodyellow", "#fafad2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        colour_write(parse(cases[i][0]), text);
        assert_string_equal(text, cases[i][1]);
    }
    const char *wrong[] = {"", "#", "#12", "#12345", "#12345g", "#1234567", "nav", "navyy", "red;", " red", "0055aa"};
    struct colour c;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(colour_parse(str_from(wrong[i]), &c));
    }
}

static void test_contrast(void **state) {
    (void)state;
    assert_true(colour_contrast(parse("#000"), parse("#fff")) > 20.99);
    assert_true(colour_contrast(parse("#fff"), parse("#fff")) < 1.01);
    double grey = colour_contrast(parse("#777"), parse("#fff")); /* known: 4.48 */
    assert_true(grey > 4.47 && grey < 4.49);
}

static void test_readable(void **state) {
    (void)state;
    const struct colour light[] = {parse("#fffefb"), parse("#f1eee8")}, dark[] = {parse("#1f2124"), parse("#141517")};
    for (int i = 0; i < 4096; i++) {
        struct colour c = {(uint8_t)((i >> 8) * 17), (uint8_t)((i >> 4 & 15) * 17), (uint8_t)((i & 15) * 17)};
        struct colour a = colour_readable(c, light, 2, 4.5, false), b = colour_readable(c, dark, 2, 4.5, true);
        for (int k = 0; k < 2; k++) {
            assert_true(colour_contrast(a, light[k]) >= 4.5);
            assert_true(colour_contrast(b, dark[k]) >= 4.5);
        }
        if (colour_contrast(c, light[1]) >= 4.5) { /* what is good stays */
            assert_memory_equal(&a, &c, sizeof c);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_contrast),
                                       cmocka_unit_test(test_readable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
