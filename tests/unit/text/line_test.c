#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "text/breaks.h"
#include "text/line.h"
#include "text/width.h"

static void add_line(void *context, struct str line, bool space, bool hard) {
    struct buf *b = context;
    buf_add(b, line);
    buf_adds(b, hard ? "¶" : space ? " |" : "|");
}

static void wraps(const char *lang, size_t width, const char *text, const char *want) {
    struct buf b = BUF_INIT;
    struct error err;
    assert_int_equal(line_wrap(str_from(text), lang, width, add_line, &b, &err), OK);
    if (strcmp(buf_cstr(&b), want) != 0) {
        fail_msg("got \"%s\", want \"%s\"", buf_cstr(&b), want);
    }
    buf_release(&b);
}

static void test_words(void **state) {
    (void)state;
    wraps("en", 10, "", "¶");
    wraps("en", 10, "short", "short¶");
    wraps("en", 10, "exactly te", "exactly te¶");
    wraps("en", 10, "exactly ten columns", "exactly |ten |columns¶");
    wraps("en", 11, "exactly ten columns", "exactly ten |columns¶");
    wraps("en", 10, "one   two   three", "one   two |three¶");
    wraps("en", 5, "unbreakable word", "unbreakable |word¶");
    wraps("en", 10, "ends with space   ", "ends with |space¶");
    wraps("en", 10, "well-known half-time", "well-known |half-time¶");
    wraps("en", 6, "well-known", "well-|known¶");
    wraps("en", 10, "no\u00a0break here", "no\u00a0break |here¶");
    wraps("en", 1, "a b", "a |b¶");
    wraps("en", 0, "a b", "a |b¶");
    wraps("fr", 12, "Est-ce vrai\u00a0? Oui.", "Est-ce |vrai\u00a0? Oui.¶");
}

static void test_line_ends(void **state) {
    (void)state;
    wraps("en", 10, "a\nb", "a¶b¶");
    wraps("en", 10, "a\r\nb\r\n", "a¶b¶");
    wraps("en", 10, "a\n\nb", "a¶¶b¶");
    wraps("en", 10, "\n", "¶");
    wraps("en", 10, "one two three\nfour", "one two |three¶four¶");
    wraps("en", 10, "a\u2028b", "a¶b¶");
}

static void test_urls(void **state) {
    (void)state;
    wraps("en", 20, "see https://example.org/a-long/path?with=query&more=1-2 there",
          "see |https://example.org/a-long/path?with=query&more=1-2 |there¶");
    wraps("en", 20, "<https://example.org/a-b-c-d-e-f-g-h>", "<https://example.org/a-b-c-d-e-f-g-h>¶");
    wraps("en", 12, "a http://example.org/x-y and mailto:a-b@example.org b-c",
          "a |http://example.org/x-y |and |mailto:a-b@example.org |b-c¶");
    wraps("zh-Hans", 12, "见https://example.org/甲-乙，自由平等自由平等",
          "见|https://example.org/甲-乙，|自由平等自由|平等¶");
    wraps("en", 6, "a:b https: //c http", "a:b |https: //|c http¶");
}

static void test_scripts(void **state) {
    (void)state;
    wraps("zh-Hans", 10, "人人生而自由，在尊严。", "人人生而自|由，在尊|严。¶");
    wraps("ja", 12, "すべての人間は自由である。", "すべての人間|は自由であ|る。¶");
    wraps("ko", 10, "모든 인간은 자유롭다.", "모든 |인간은 |자유롭다.¶");
    wraps("th", 12, "มนุษย์ทั้งหลายเกิดมามีอิสระ", "มนุษย์ทั้งหลาย|เกิดมามีอิสระ¶");
    wraps("bo", 8, "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ།", "འགྲོ་བ་མིའི་|རིགས་རྒྱུད་|ཡོངས་ལ།¶");
    wraps("ar", 12, "يولد جميع الناس أحرارا", "يولد جميع |الناس أحرارا¶");
    wraps("he", 10, "כל בני האדם נולדו", "כל בני |האדם נולדו¶");
    wraps("hi", 12, "सभी मनुष्य स्वतन्त्र हैं।", "सभी मनुष्य |स्वतन्त्र हैं।¶");
    wraps("en", 4, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦",
          "👨‍👩‍👧‍👦👨‍👩‍👧‍👦|👨‍👩‍👧‍👦¶");
    wraps("en", 2, "a\xff\xff b", "a\xff\xff |b¶");
}

struct check {
    struct str text;
    size_t at;
    size_t width;
};

static void check_line(void *context, struct str line, bool space, bool hard) {
    struct check *c = context;
    (void)hard;
    assert_true(line.ptr >= c->text.ptr + c->at);
    for (const char *p = c->text.ptr + c->at; p < line.ptr; p++) {
        assert_true(*p == ' ');
    }
    c->at = (size_t)(line.ptr - c->text.ptr) + line.len;
    assert_int_equal(space, !hard && c->text.ptr[c->at] == ' ');
    /* too wide only when nothing in it may break */
    if (width_of(line) > c->width) {
        struct breaks *b = breaks_open(BREAKS_LINE, NULL, line);
        size_t at = 0;
        assert_true(breaks_next(b, &at));
        assert_int_equal(at, line.len);
        breaks_close(b);
    }
}

/* Nothing is lost, nothing is wider than it must be. */
static void test_every_width(void **state) {
    (void)state;
    const char *texts[] = {
        "Mr. X met Dr. Y at 10 p.m. — was it so? “Yes,” they said… 👩🏽‍🚀 included.",
        "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
        "ھەممە ئادەم تۇغۇلۇشىدىنلا ئەركىن، ئىززەت-ھۆرمەت ۋە ھوقۇقتا باپباراۋەر بولۇپ تۇغۇلغان.",
        "༄༅། །འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌། ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།",
    };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        for (size_t width = 0; width < 80; width++) {
            struct check c = {str_from(texts[t]), 0, width};
            assert_int_equal(line_wrap(c.text, NULL, width, check_line, &c, NULL), OK);
            assert_int_equal(c.at, c.text.len);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),   cmocka_unit_test(test_line_ends),   cmocka_unit_test(test_urls),
        cmocka_unit_test(test_scripts), cmocka_unit_test(test_every_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
