/* Goal: every language gets type that its script can be read in, and numbers in its own digits and plural forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/number.h"
#include "text/script.h"

#include <stdlib.h>
#include <string.h>

static void test_type(void **state) {
    (void)state;
    const char *langs[] = {"en", "bo", "dz", "my", "ug", "ar",      "fa",      "ur",      "he", "hi",     "ta", "th",
                           "km", "ja", "ko", "zh", "mn", "zh-Hans", "zh-Hant", "ug-Latn", "xx", "no tag", ""};
    const struct script_type *latin = script_type(NULL);
    for (size_t i = 0; i < sizeof langs / sizeof *langs; i++) {
        const struct script_type *t = script_type(langs[i]);
        assert_true(t->small >= 14 && t->size > t->small && t->heading > t->size && t->title > t->heading);
        assert_true(strtod(t->leading, NULL) >= 1.5 && strtod(t->tight, NULL) >= 1.5);
        /* nothing that the template's filter for CSS would drop, and a generic family at the end */
        assert_int_equal(strspn(t->font, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,-"), strlen(t->font));
        assert_non_null(strstr(t->font, "serif"));
    }
    assert_ptr_equal(script_type("dz"), script_type("bo"));
    assert_ptr_equal(script_type("ug"), script_type("ar"));
    assert_ptr_equal(script_type("zh-TW"), script_type("zh-Hant"));
    assert_ptr_equal(script_type("ug-Latn"), latin);
    assert_ptr_equal(script_type("mn"), latin);
    assert_ptr_equal(script_type("no tag"), latin);
    assert_ptr_not_equal(script_type("ur"), script_type("ar"));
    assert_true(script_type("bo")->size > latin->size && script_type("my")->size > latin->size);
    assert_true(strtod(script_type("bo")->leading, NULL) > strtod(latin->leading, NULL));
    assert_true(strtod(script_type("my")->leading, NULL) > strtod(latin->leading, NULL));
}

static void number(int64_t n, const char *lang, const char *want) {
    struct buf b = BUF_INIT;
    struct numbers *f = numbers_open(lang);
    numbers_add(f, n, &b);
    assert_string_equal(buf_cstr(&b), want);
    numbers_close(f);
    buf_release(&b);
}

static void plural(int64_t n, const char *lang, enum plural want) {
    struct numbers *f = numbers_open(lang);
    assert_int_equal(numbers_plural(f, n), want);
    numbers_close(f);
}

static void test_numbers(void **state) {
    (void)state;
    assert_int_equal(setenv("LC_ALL", "ar_EG.UTF-8", 1), 0); /* what the process speaks does not matter */
    number(1234, "en", "1,234");
    number(1234, "de", "1.234");
    number(12, "fa", "۱۲");
    number(12, "my", "၁၂");
    number(12, "bo", "12");
    number(1234, "xxx", "1234");
    number(1234, NULL, "1234");
    number(-5, "", "-5");
    plural(1, "en", PLURAL_ONE);
    plural(2, "en", PLURAL_OTHER);
    plural(2, "ar", PLURAL_TWO);
    plural(3, "ar", PLURAL_FEW);
    plural(11, "ar", PLURAL_MANY);
    plural(100, "ar", PLURAL_OTHER);
    plural(3, "pl", PLURAL_FEW);
    plural(1, "ja", PLURAL_OTHER);
    plural(1, "xxx", PLURAL_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_type), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
