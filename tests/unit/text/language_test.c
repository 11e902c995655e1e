#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "text/language.h"

static void test_normalise(void **state) {
    (void)state;
    const char *good[][2] = {
        {"en", "en"},
        {"EN", "en"},
        {"zh_Hans", "zh-Hans"},
        {"ZH-hans-cn", "zh-Hans-CN"},
        {"pt_br", "pt-BR"},
        {"iw", "he"},
        {"in", "id"},
        {"MO", "ro"},
        {"iW", "he"},
        {"Fr", "fr"},
        {"de_CH.UTF-8", "de-CH"},
        {"sr_RS@latin", "sr-RS"},
        {"es-419", "es-419"},
        {"sl-nedis", "sl-nedis"},
        {"ckb", "ckb"},
        {" fr ", "fr"},
        {"xx", "xx"},
        {"ug", "ug"},
        {"bo", "bo"},
        {"zh-HANT-hk", "zh-Hant-HK"},
        {"en-x-a", "en-x-a"},
    };
    const char *bad[] = {"",
                         " ",
                         "C",
                         "POSIX",
                         "english",
                         "e",
                         "und",
                         "und-Latn",
                         "en-",
                         "-en",
                         "en--US",
                         "x-foo",
                         "en US",
                         "en/US",
                         "e\xcc\x81n",
                         "12",
                         "en-toolongsubtag",
                         "en-x",
                         "zh-Hans-Hant",
                         "en-aaaaa-bbbbb-ccccc-ddddd-eeeee-fffff-ggggg"};
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct str out;
        struct error err = {0};
        if (language_normalise(str_from(good[i][0]), a, &out, &err) != OK) {
            fail_msg("%s: %s", good[i][0], err.text);
        }
        assert_string_equal(out.ptr, good[i][1]);
        assert_int_equal(out.len, strlen(good[i][1]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str out;
        if (language_normalise(str_from(bad[i]), a, &out, NULL) != ERR_DATA) {
            fail_msg("%s was taken as %s", bad[i], out.ptr);
        }
    }
    arena_free(a);
}

static void test_rtl(void **state) {
    (void)state;
    const char *rtl[] = {"ar",  "ar-EG", "he", "iw",  "fa",  "ur",      "ug",      "ps",    "dv",
                         "ckb", "yi",    "sd", "nqo", "prs", "az-Arab", "pa-PK",   "uz-AF", "syr",
                         "arc", "pnb",   "ks", "mzn", "lrc", "arz",     "ku-Arab", "ug_CN", "ar-EG-x-a"};
    const char *ltr[] = {"",   "en", "bo", "zh-Hans", "ug-Latn", "sd-Deva",  "ku", "tr", "az",
                         "pa", "hi", "th", "my",      "xx",      "nonsense", "mn", "ha"};
    for (size_t i = 0; i < sizeof rtl / sizeof *rtl; i++) {
        if (!language_is_rtl(rtl[i])) {
            fail_msg("%s", rtl[i]);
        }
    }
    for (size_t i = 0; i < sizeof ltr / sizeof *ltr; i++) {
        if (language_is_rtl(ltr[i])) {
            fail_msg("%s", ltr[i]);
        }
    }
    assert_false(language_is_rtl(NULL));
}

static void test_matches(void **state) {
    (void)state;
    const char *yes[][2] = {{"en", "en-GB"},      {"en-US", "en"},      {"zh", "zh-Hans"},    {"zh-CN", "zh-Hans"},
                            {"zh-TW", "zh-Hant"}, {"zh-HK", "zh-Hant"}, {"zh_Hant", "zh-MO"}, {"bo", "bo-CN"},
                            {"nb", "no"},         {"he", "iw"},         {"sr", "sr-Cyrl"},    {"fa", "prs"},
                            {"ug", "ug-Arab"},    {"xx", "xx-Latn"},    {"pt-BR", "pt-PT"},   {"tl", "fil"},
                            {"cmn", "zh-Hans"}};
    const char *no[][2] = {
        {"en", "de"},           {"zh", "zh-Hant"}, {"zh-TW", "zh-Hans"}, {"sr", "sr-Latn"}, {"ug", "ug-Latn"},
        {"bo", "dz"},           {"", "en"},        {"en", ""},           {"", ""},          {"und", "und"},
        {"bad tag", "bad tag"}, {"yue", "zh"},     {"nn", "nb"}};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (!language_matches(yes[i][0], yes[i][1]) || !language_matches(yes[i][1], yes[i][0])) {
            fail_msg("%s %s", yes[i][0], yes[i][1]);
        }
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (language_matches(no[i][0], no[i][1]) || language_matches(no[i][1], no[i][0])) {
            fail_msg("%s %s", no[i][0], no[i][1]);
        }
    }
    assert_false(language_matches(NULL, "en"));
    assert_false(language_matches("en", NULL));
}

static void test_direction(void **state) {
    (void)state;
    assert_int_equal(text_direction(STR("Hello")), TEXT_LTR);
    assert_int_equal(text_direction(STR("123 — שלום hello")), TEXT_RTL);
    assert_int_equal(text_direction(STR("«ئۇيغۇر»")), TEXT_RTL);
    assert_int_equal(text_direction(STR("༄༅། །བོད་ཡིག།")), TEXT_LTR);
    assert_int_equal(text_direction(STR("2026: 中文")), TEXT_LTR);
    assert_int_equal(text_direction(STR("123 … !")), TEXT_NEUTRAL);
    assert_int_equal(text_direction(STR("")), TEXT_NEUTRAL);
    assert_int_equal(text_direction(STR_NONE), TEXT_NEUTRAL);
    assert_int_equal(text_direction(STR("\xff\xfe")), TEXT_NEUTRAL);
    /* what stands in an isolate says nothing of the whole */
    assert_int_equal(text_direction(STR("\u2066abc\u2069 שלום")), TEXT_RTL);
    assert_int_equal(text_direction(STR("\u2067שלום \u2069abc")), TEXT_LTR);
    assert_int_equal(text_direction(STR("\u2069abc")), TEXT_LTR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_rtl),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
