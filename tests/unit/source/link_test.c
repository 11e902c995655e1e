/* Links: resolved by RFC 3986, refused where they aren't http; the clock in a query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "source/link.h"
#include "source/query.h"

static void resolves(void **state) {
    (void)state;
    struct arena *a = arena_new();
    /* the first ones are RFC 3986 5.4's */
    static const char *const cases[][2] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"HTTPS://Example.org", "https://Example.org"},
        {"https://example.org/a b\xc3\xa9?q=\"x\"", "https://example.org/a%20b%C3%A9?q=%22x%22"},
        {"https://example.org/%41?a=%20", "https://example.org/%41?a=%20"},
        {"https://example.org:8080/x", "https://example.org:8080/x"},
        {"http://ex\xc3\xa4mple.org/", "http://ex\xc3\xa4mple.org/"}};
    static const char *const bad[] = {"javascript:alert(1)",
                                      "mailto:a@example.org",
                                      "ftp://example.org/",
                                      "data:text/html,x",
                                      "http:",
                                      "http:///x",
                                      "https:example.org",
                                      "http://u@example.org",
                                      "http://exa mple.org/",
                                      "http://example.org/\n",
                                      "/x\ty",
                                      "http://:80/",
                                      "JAVASCRIPT:x",
                                      "http://a\"b/",
                                      "//"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = STR_NONE;
        struct error err = {0};
        if (link_resolve(str_from(cases[i][0]), STR("http://a/b/c/d;p?q"), a, &out, &err) != OK) {
            fail_msg("%s: %s", cases[i][0], err.text);
        }
        assert_string_equal(out.ptr, cases[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str out = STR_NONE;
        struct error err = {0};
        if (link_resolve(str_from(bad[i]), STR("https://example.org"), a, &out, &err) != ERR_DATA || !err.text[0]) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    struct str out;
    assert_int_equal(link_resolve(STR("one"), STR("https://example.org"), a, &out, NULL), OK);
    assert_string_equal(out.ptr, "https://example.org/one");
    arena_free(a);
}

static void notices_the_clock(void **state) {
    (void)state;
    assert_true(query_reads_clock("SELECT 1 WHERE d < date('now')"));
    assert_true(query_reads_clock("SELECT 1 WHERE d < datetime( 'NOW', '-1 day')"));
    assert_true(query_reads_clock("SELECT Current_Timestamp"));
    assert_true(query_reads_clock("SELECT unixepoch ( )"));
    assert_false(query_reads_clock("SELECT known, snow, now_x, date(d), date FROM t"));
    assert_false(query_reads_clock(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(resolves), cmocka_unit_test(notices_the_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
