#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "text/breaks.h"
#include "text/summary.h"

static void cuts(const char *lang, size_t max, const char *text, const char *want) {
    struct buf b = BUF_INIT;
    buf_adds(&b, "<");
    bool cut = summary_cut(str_from(text), lang, max, &b);
    assert_false(b.failed);
    if (strcmp(buf_cstr(&b) + 1, want) != 0) {
        fail_msg("%s %zu: got \"%s\", want \"%s\"", lang, max, buf_cstr(&b) + 1, want);
    }
    (void)cut;
    buf_release(&b);
}

static void test_fits(void **state) {
    (void)state;
    cuts("en", 100, "All of it.", "All of it.");
    cuts("en", 10, "All of it.", "All of it.");
    cuts("en", 10, "  All \t of\r\n\r\n it. \n", "All of it.");
    cuts(NULL, 0, "", "");
    cuts("en", 0, "text", "");
    cuts("en", 1, "text", "…");
    cuts("xx-nonsense-", 4, "text", "text");
    struct buf b = BUF_INIT;
    assert_false(summary_cut(STR("abc"), "en", 3, &b));
    assert_true(summary_cut(STR("abcd"), "en", 3, &b));
    assert_false(summary_cut(STR_NONE, "en", 0, &b));
    assert_string_equal(buf_cstr(&b), "abcab…");
    buf_release(&b);
}

static void test_sentences(void **state) {
    (void)state;
    cuts("en", 30, "One sentence. Another one. And a third that is longer.", "One sentence. Another one.");
    cuts("en", 26, "One sentence. Another one. And a third that is longer.", "One sentence. Another one.");
    cuts("en", 25, "One sentence. Another one. And a third that is longer.", "One sentence.");
    cuts("en", 30, "Is it? “Yes!” she said, and then went on for long.", "Is it?");
    cuts("en", 40, "See example.org for version 2.0 of it all. More follows here.",
         "See example.org for version 2.0 of it…");
    cuts("en", 44, "See example.org for version 2.0 of it all. More follows here.",
         "See example.org for version 2.0 of it all.");
    cuts("en", 30, "Dr. Example met Mr. Sample in the town hall.", "Dr. Example met Mr. Sample in…");
    cuts("de", 34, "Am 3. Oktober, z. B. Samstag, feiern wir das Fest.", "Am 3. Oktober, z. B. Samstag…");
    cuts("en", 30, "1. First point. 2. Second point that is long", "1. First point.");
    cuts("fr", 30, "Est-ce vrai ? Oui, c’est bien vrai.", "Est-ce vrai ?");
    cuts("es", 20, "¿Qué? ¡Así es! Y mucho más.", "¿Qué? ¡Así es!");
    cuts("el", 45, "Όλοι γεννιούνται ελεύθεροι. Είναι προικισμένοι με λογική.", "Όλοι γεννιούνται ελεύθεροι.");
    cuts("zh-Hans", 12, "人人生而自由。他们赋有理性和良心。应以兄弟关系的精神相对待。", "人人生而自由。");
    cuts("ja", 20, "すべての人間は自由である。人間は理性と良心とを授けられている。", "すべての人間は自由である。");
    cuts("ko", 20, "모든 인간은 자유롭다. 인간은 이성과 양심을 부여받았다.", "모든 인간은 자유롭다.");
    cuts("hi", 30, "सभी मनुष्य स्वतन्त्र हैं। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है।", "सभी मनुष्य स्वतन्त्र हैं।");
    cuts("my", 20, "လူတိုင်းသည် လွတ်လပ်သည်။ ထိုသူတို့၌ ပိုင်းခြားဝေဖန်တတ်သော ဉာဏ်နှင့် ရှိကြသည်။", "လူတိုင်းသည် လွတ်လပ်သည်။");
    cuts("ar", 30, "يولد جميع الناس أحرارا. وقد وهبوا عقلا وضميرا وعليهم أن يعاملوا بعضهم.", "يولد جميع الناس أحرارا.");
    cuts("ur", 40, "تمام انسان آزاد پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔",
         "تمام انسان آزاد پیدا ہوئے ہیں۔");
    cuts("ug", 40, "ھەممە ئادەم ئەركىن بولۇپ تۇغۇلىدۇ. ئۇلار ئەقىلگە ۋە ۋىجدانغا ئىگە.",
         "ھەممە ئادەم ئەركىن بولۇپ تۇغۇلىدۇ.");
    cuts("ka", 40, "ყველა ადამიანი იბადება თავისუფალი. მათ მინიჭებული აქვთ გონება.",
         "ყველა ადამიანი იბადება თავისუფალი.");
    cuts("he", 30, "כל בני האדם נולדו בני חורין. כולם חוננו בתבונה ובמצפון.", "כל בני האדם נולדו בני חורין.");
}

static void test_tibetan(void **state) {
    (void)state;
    const char *text = "༄༅། །འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌། ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།";
    cuts("bo", 50, text, "༄༅། །འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།");
    cuts(NULL, 50, text, "༄༅། །འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།");
    cuts("bo", 1000, text, text);
    /* A pair of shads is one end; where its second half is beyond the limit, the end before it is taken. */
    cuts("bo", 16, "བོད་ཡིག།ཀ་ཁ་ག། །ང་ཅ་ཆ་ཇ་ཉ་ཏ་ཐ།", "བོད་ཡིག།ཀ་ཁ་ག། །");
    cuts("bo", 13, "བོད་ཡིག།ཀ་ཁ་ག། །ང་ཅ་ཆ་ཇ་ཉ་ཏ་ཐ།", "བོད་ཡིག།");
    /* None within: at a tsheg, after which a line may break. */
    cuts("km", 12, "នេះជាប្រយោគ។នេះជាប្រយោគវែងមួយទៀត។", "នេះជាប្រយោគ។"); /* Khmer's full stop */
    cuts("bo", 10, "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ།", "འགྲོ་བ་མིའི་…");
}

static void test_spaces(void **state) {
    (void)state;
    cuts("en", 20, "a text of many words without any full stop", "a text of many…");
    cuts("en", 15, "a text of many words without any full stop", "a text of many…");
    cuts("en", 14, "a text of many words without any full stop", "a text of…");
    cuts("en", 14, "one, two, — and many others", "one, two…");
    cuts("en", 8, "Supercalifragilistic", "Superca…");
    /* no spaces between words: where a line may break */
    cuts("th", 20, "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์", "มนุษย์ทั้งหลายเกิดมามี…");
    cuts("th", 30, "มนุษย์ทั้งหลายเกิดมามีอิสระ และเสมอภาคกันในเกียรติศักดิ์", "มนุษย์ทั้งหลายเกิดมามีอิสระ…");
    cuts("zh-Hans", 6, "人人生而自由在尊严和权利上一律平等", "人人生而自…");
    cuts("zh-Hans", 8, "A 人人生而自由在尊严和权利上一律平等", "A 人人生而自…");
    cuts("zh-Hans", 6, "人人生而，自由在尊严和权利上一律平等", "人人生而…");
}

static void test_graphemes(void **state) {
    (void)state;
    const char *family =
        "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦";
    cuts("en", 4, family, family);
    cuts("en", 3, family, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦…");
    cuts("en", 2, "🇨🇭🇳🇵🇨🇭", "🇨🇭…");
    cuts("en", 2, "e\u0301e\u0301e\u0301", "e\u0301…");
    cuts("hi", 3, "क्षत्रियक्षत्रिय", "क्षत्रि…"); /* at a line break no character is cut either */
}

static void test_flatten(void **state) {
    (void)state;
    const char *cases[][2] = {
        {"a \x01\n b", "a b"},
        {"人人\n生而", "人人生而"},
        {"序言\n\n鉴于", "序言 鉴于"},
        {"自由。\r\n\r\n他们", "自由。他们"},
        {"한국\n사람", "한국 사람"},
        {"人 人", "人 人"},
        {"a\u00a0b", "a\u00a0b"},
        {"a\u00a0 b", "a b"},
        {"！\u3000人", "！\u3000人"},
        {"a\u2028b", "a b"},
        {"a\xff\xe4\xbd"
         "b",
         "a\ufffd\ufffd\ufffdb"},
        {"\ufeff\x1b[1mx\x7f\xc2\x9b", "[1mx"},
        {" \n\t", ""},
        {"a \x01", "a"},
        {"\ufffd", "\ufffd"},
        {"ก\nข", "ก ข"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = BUF_INIT;
        buf_adds(&b, " ");
        summary_flatten(str_from(cases[i][0]), &b);
        if (strcmp(buf_cstr(&b) + 1, cases[i][1]) != 0) {
            fail_msg("%zu: got \"%s\"", i, buf_cstr(&b) + 1);
        }
        buf_release(&b);
    }
}

static size_t graphemes(struct str s) {
    struct breaks *b = breaks_open(BREAKS_CHARACTER, NULL, s);
    size_t n = 0, at;
    while (breaks_next(b, &at)) {
        n++;
    }
    breaks_close(b);
    return n;
}

/* Whatever the limit: not longer than asked, whole characters, a prefix of the text (with an ellipsis or at an end). */
static void test_every_limit(void **state) {
    (void)state;
    const char *texts[] = {
        "Mr. X met Dr. Y at 10 p.m. on 3. May. Was it so? “Yes,” they said… and so on, 👩🏽‍🚀 included.",
        "༄༅། །འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌། ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།",
        "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม",
        "လူတိုင်းသည် တူညီလွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊ တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့်။",
        "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
        "ھەممە ئادەم تۇغۇلۇشىدىنلا ئەركىن، ئىززەت-ھۆرمەت ۋە ھوقۇقتا باپباراۋەر بولۇپ تۇغۇلغان.",
    };
    const char *langs[] = {"en", "bo", "th", "my", "zh-Hans", "ug"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        size_t all = graphemes(str_from(texts[t]));
        for (size_t max = 0; max <= all + 1; max++) {
            struct buf b = BUF_INIT;
            bool cut = summary_cut(str_from(texts[t]), langs[t], max, &b);
            struct str got = buf_str(&b);
            assert_int_equal(cut, max < all);
            assert_true(utf8_valid(got));
            if (graphemes(got) > max) {
                fail_msg("%zu: %s", max, buf_cstr(&b));
            }
            if (cut && str_ends(got, STR("…"))) {
                got.len -= 3;
            }
            assert_true(str_starts(str_from(texts[t]), got));
            assert_int_equal(graphemes(got) + graphemes(str_from(texts[t] + got.len)), all);
            buf_release(&b);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),        cmocka_unit_test(test_sentences), cmocka_unit_test(test_tibetan),
        cmocka_unit_test(test_spaces),      cmocka_unit_test(test_graphemes), cmocka_unit_test(test_flatten),
        cmocka_unit_test(test_every_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
