#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "text/language.h"
#include "text/mail_words.h"
#include "text/words.h"

static void expect(const char *lang, enum word word, const char *text, const char *used) {
    const char *got_used = NULL;
    const char *got = word_get(lang, word, &got_used);
    assert_string_equal(got, text);
    assert_string_equal(got_used, used);
}

static void test_fall_back(void **state) {
    (void)state;
    expect("en", WORD_READ, "Read", "en");
    expect("en-GB", WORD_READ, "Read", "en");
    expect("de-CH", WORD_UNSUBSCRIBE, "Abbestellen", "de");
    expect("de_CH.UTF-8", WORD_UNSUBSCRIBE, "Abbestellen", "de");
    expect("pt-BR", WORD_READ, "Ler", "pt");
    expect("iw", WORD_HELLO, "שלום", "he");
    expect("zh", WORD_UNSUBSCRIBE, "退订", "zh-Hans");
    expect("zh-CN", WORD_UNSUBSCRIBE, "退订", "zh-Hans");
    expect("zh-TW", WORD_UNSUBSCRIBE, "取消訂閱", "zh-Hant");
    expect("zh-Hant-HK", WORD_UNSUBSCRIBE, "取消訂閱", "zh-Hant");
    /* what we don't have is English and says so */
    expect("bo", WORD_READ, "Read", "en");
    expect("ug", WORD_READ, "Read", "en");
    expect("my", WORD_READ, "Read", "en");
    expect("den", WORD_READ, "Read", "en");
    expect("uz-Cyrl", WORD_READ, "Read", "en");
    expect("ru-Latn", WORD_READ, "Read", "en");
    expect("", WORD_READ, "Read", "en");
    expect("no tag", WORD_READ, "Read", "en");
    expect(NULL, WORD_READ, "Read", "en");
    assert_string_equal(word_get("fr", WORD_READ, NULL), "Lire");
}

/* Every word of every language is there, is UTF-8, and has the placeholder that its English has. */
static void test_complete(void **state) {
    (void)state;
    const char *langs[] = {"en", "ar", "de", "el", "es", "fa", "fr", "he", "hi", "id", "it",      "ja",
                           "ko", "nl", "pl", "pt", "ru", "sv", "th", "tr", "uk", "vi", "zh-Hans", "zh-Hant"};
    for (size_t i = 0; i < sizeof langs / sizeof *langs; i++) {
        for (enum word w = 0; w < WORD_COUNT; w++) {
            const char *used;
            const char *text = word_get(langs[i], w, &used);
            const char *english = word_get("en", w, NULL);
            assert_string_equal(used, langs[i]);
            assert_true(text[0] && utf8_valid(str_from(text)));
            struct str in_text = str_from(text), in_english = str_from(english);
            size_t open = str_find(in_english, '{', 0);
            struct str slot = str_sub(in_english, open, str_find(in_english, '}', open) + 1);
            if (slot.len > 0) {
                assert_true(str_search(in_text, slot, 0) < in_text.len);
            }
            assert_int_equal(str_find(in_text, '{', 0) < in_text.len, slot.len > 0);
            /* the script's own direction: a row pasted in the wrong place shows */
            assert_int_equal(text_direction(in_text) == TEXT_RTL, language_is_rtl(langs[i]));
        }
    }
}

static void test_names(void **state) {
    (void)state;
    for (enum word w = 0; w < WORD_COUNT; w++) {
        assert_non_null(word_name(w));
    }
    assert_string_equal(word_name(WORD_AND_N_MORE), "and_n_more");
    assert_string_equal(word_name(WORD_READ), "read");
}

static void test_fill(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    word_fill(word_get("en", WORD_AND_N_MORE, NULL), STR("12"), &b);
    assert_string_equal(buf_cstr(&b), "and 12 more");
    buf_clear(&b);
    word_fill(word_get("ko", WORD_YOU_RECEIVE, NULL), STR("{x}"), &b);
    assert_true(str_starts(buf_str(&b), STR("{x}을")));
    buf_clear(&b);
    word_fill("plain", STR("12"), &b);
    word_fill("open {", STR("12"), &b);
    word_fill("", STR("12"), &b);
    assert_string_equal(buf_cstr(&b), "plainopen {");
    buf_release(&b);
}

/* Every language has every sentence, with the placeholders of the English one. */
static void test_mail_words(void **state) {
    static const char *const tags[] = {"ar", "de", "el", "es", "fa", "fr", "he", "hi", "id", "it",      "ja",     "ko",
                                       "nl", "pl", "pt", "ru", "sv", "th", "tr", "uk", "vi", "zh-Hans", "zh-Hant"};
    static const char *const marks[] = {"{newsletter}", "{site}", "{date}"};
    (void)state;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        for (int w = 0; w < MAIL_WORD_COUNT; w++) {
            const char *english = mail_word_form("en", (enum mail_word)w);
            const char *text = mail_word_form(tags[i], (enum mail_word)w);
            assert_non_null(text);
            assert_string_not_equal(text, english);
            for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
                assert_int_equal(strstr(text, marks[k]) != NULL, strstr(english, marks[k]) != NULL);
            }
        }
    }
    assert_null(mail_word_form("bo", MAIL_WELCOME_SUBJECT)); /* words_mail_text has English then: cli/32-words.sh */
}

static void test_mail_fill(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    const struct mail_word_value values[] = {{"a", STR("{b}")}, {"b", STR("2")}, {NULL, STR_NONE}};
    mail_word_fill("x {a} {b}{b} {c} {", values, &out);
    assert_string_equal(buf_cstr(&out), "x {b} 22 {c} {");
    buf_clear(&out);
    mail_word_fill("", values, &out);
    assert_string_equal(buf_cstr(&out), "");
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fall_back), cmocka_unit_test(test_mail_words), cmocka_unit_test(test_mail_fill),
        cmocka_unit_test(test_complete),  cmocka_unit_test(test_names),      cmocka_unit_test(test_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
