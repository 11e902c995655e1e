#include "digest/select.h"

#include "store/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 8 };
static struct select_article articles[N] = {
    {1, {"world", sizeof "world" - 1}, {"en", sizeof "en" - 1}},
    {2, {"sport", sizeof "sport" - 1}, {"de", sizeof "de" - 1}},
    {3, {"world", sizeof "world" - 1}, {"fr", sizeof "fr" - 1}},
    {4, {"world", sizeof "world" - 1}, {"en-GB", sizeof "en-GB" - 1}},
    {7, {"arts", sizeof "arts" - 1}, {"en", sizeof "en" - 1}},
    {8, {"", sizeof "" - 1}, {"en", sizeof "en" - 1}},
    {9, {"sport", sizeof "sport" - 1}, {"en", sizeof "en" - 1}},
    {12, {"world", sizeof "world" - 1}, {"bo", sizeof "bo" - 1}},
};

static void check(const struct select_reader *r, size_t want_n, const char *want) {
    struct buf key = BUF_INIT;
    buf_adds(&key, "before:");
    assert_int_equal(select_key(articles, N, r, &key), want_n);
    assert_string_equal(buf_cstr(&key) + 7, want);
    if (want_n) {
        struct arena *a = arena_new();
        struct select_form form;
        int64_t *arrivals;
        size_t n;
        assert_true(select_key_parse(str_sub(buf_str(&key), 7, key.len), a, &form, &arrivals, &n));
        assert_int_equal(n, want_n);
        assert_int_equal(form.text_only, r->text_only);
        assert_int_equal(form.body, r->body);
        for (size_t i = 1; i < n; i++) {
            assert_true(arrivals[i] > arrivals[i - 1]);
        }
        arena_free(a);
    }
    buf_release(&key);
}

static void marks(void **state) {
    (void)state;
    struct select_span span = {0, 100};
    struct select_reader r = {.spans = &span, .spans_n = 1, .language = STR("en"), .body = BODY_DEFAULT};
    check(&r, 8, "en both 1-4,7-9,12");
    span = (struct select_span){4, 100};
    check(&r, 4, "en both 7-9,12");
    span = (struct select_span){4, 8};
    check(&r, 2, "en both 7-8");
    span = (struct select_span){8, 9};
    check(&r, 1, "en both 9");
    span = (struct select_span){12, 100};
    check(&r, 0, "");
    r.spans_n = 0;
    check(&r, 0, "");
}

static void owed(void **state) {
    (void)state;
    /* owed ones come with the new ones, each once where intervals meet or overlap */
    struct select_span spans[] = {{9, 100}, {0, 2}, {1, 3}};
    struct select_reader r = {.spans = spans, .spans_n = 3, .language = STR("en"), .body = BODY_DEFAULT};
    check(&r, 4, "en both 1-3,12");
}

static void topics(void **state) {
    (void)state;
    struct select_span span = {0, 100};
    struct select_reader r = {
        .spans = &span, .spans_n = 1, .topics = STR("world"), .language = STR("en"), .body = BODY_DEFAULT};
    check(&r, 4, "en both 1,3-4,12");
    r.topics = STR("arts, sport");
    check(&r, 3, "en both 2,7,9");
    r.topics = STR("nothing");
    check(&r, 0, "");
    r.topics = STR("worl,orld");
    check(&r, 0, "");
}

static void languages(void **state) {
    (void)state;
    struct select_span span = {0, 100};
    struct select_reader r = {
        .spans = &span, .spans_n = 1, .language = STR("fr"), .match_language = true, .body = BODY_DEFAULT};
    check(&r, 1, "fr both 3");
    r.language = STR("en");
    check(&r, 5, "en both 1,4,7-9");
    /* several: articles in any, words in the first that has some */
    r.language = STR("de, bo");
    check(&r, 2, "de both 2,12");
    r.language = STR("xx, fr, de");
    check(&r, 2, "fr both 2-3");
    r.language = STR("xx,yy");
    check(&r, 0, "");
    r.match_language = false;
    check(&r, 8, "xx both 1-4,7-9,12");
    r.language = STR("de, fr");
    r.text_only = true;
    check(&r, 8, "de text 1-4,7-9,12");
    r.body = 2;
    check(&r, 8, "de text+titles 1-4,7-9,12");
    r.text_only = false;
    r.body = 0;
    check(&r, 8, "de both+full 1-4,7-9,12");
}

static void malformed(void **state) {
    (void)state;
    static const char *const keys[] = {"",
                                       "en",
                                       "en both",
                                       "en both ",
                                       "en both x",
                                       "en both 3-2",
                                       "en both 0",
                                       "en both 1,",
                                       "en both 1-",
                                       "en both -1",
                                       "en both 1-99999999999",
                                       "en both 1;2",
                                       "en both+some 1"};
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct select_form form;
        int64_t *arrivals;
        size_t n;
        if (select_key_parse(str_from(keys[i]), a, &form, &arrivals, &n)) {
            fail_msg("'%s' was taken", keys[i]);
        }
    }
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),     cmocka_unit_test(owed),      cmocka_unit_test(topics),
        cmocka_unit_test(languages), cmocka_unit_test(malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
