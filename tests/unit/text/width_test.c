#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/width.h"

static void test_of(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"Müller", 6},
        {"e\u0301", 1},
        {"人人生而自由", 12},
        {"ｆｕｌｌ", 8},
        {"한국", 4},
        {"\u1112\u1161\u11ab", 2},
        {"かな", 4},
        {"ｶﾅ", 2},
        {"བོད་ཡིག།", 6},
        {"สวัสดี", 4},
        {"שלום", 4},
        {"ئۇيغۇر", 6},
        {"हिन्दी", 5},
        {"😀", 2},
        {"👨‍👩‍👧‍👦", 2},
        {"👩🏽‍🚀", 2},
        {"🇨🇭", 2},
        {"🇨🇭🇳🇵", 4},
        {"❤", 1},
        {"❤\ufe0f", 2},
        {"1\ufe0f\u20e3", 2},
        {"a\u200bb", 2},
        {"a\tb\n", 2},
        {"\xff\xfe", 2},
        {"…—“”", 4},
        {"a\ufe0f", 1},
        {"🏳\ufe0f\u200d🌈", 2},
        {"👍🏿x", 3},
        {"，。", 4},
        {"₹€", 2},
        {"\u200d😀", 2},
        {"မြန်မာ", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t got = width_of(str_from(cases[i].text));
        if (got != cases[i].columns) {
            fail_msg("\"%s\": got %zu, want %zu", cases[i].text, got, cases[i].columns);
        }
    }
    assert_int_equal(width_of(STR_NONE), 0);
}

static void test_fit(void **state) {
    (void)state;
    assert_int_equal(width_fit(STR("abc"), 2), 2);
    assert_int_equal(width_fit(STR("abc"), 3), 3);
    assert_int_equal(width_fit(STR("abc"), 0), 0);
    assert_int_equal(width_fit(STR("人人人"), 5), 6);
    assert_int_equal(width_fit(STR("e\u0301e\u0301"), 1), 3);
    assert_int_equal(width_fit(STR("👨‍👩‍👧‍👦x"), 1), 0);
    assert_int_equal(width_fit(STR("👨‍👩‍👧‍👦x"), 2), 25);
    assert_int_equal(width_fit(STR_NONE, 2), 0);
}

static void pads(const char *text, size_t columns, bool right, const char *want) {
    struct buf b = BUF_INIT;
    buf_adds(&b, "|");
    width_pad(str_from(text), columns, right, &b);
    assert_string_equal(buf_cstr(&b) + 1, want);
    buf_release(&b);
}

static void test_pad(void **state) {
    (void)state;
    pads("abc", 5, false, "abc  ");
    pads("abc", 5, true, "  abc");
    pads("abc", 3, false, "abc");
    pads("abcd", 3, false, "ab…");
    pads("abcd", 3, true, "ab…");
    pads("abcd", 1, false, "…");
    pads("abcd", 0, false, "");
    pads("", 2, false, "  ");
    pads("人人人", 5, false, "人人…");
    pads("人人人", 4, false, "人… ");
    pads("a\x1b[2Jb\n\u202e", 8, false, "a[2Jb   ");
    pads("\xff", 2, false, "\ufffd ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_pad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
