/* Heads of articles, each beside the JSON that is meant; and what is wrong with others, by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "source/front_matter.h"
#include "source/permalink.h"

static void reads(void **state) {
    static const struct {
        const char *text, *json, *body;
    } cases[] = {
        {"no head", "null", "no head"},
        {"---\n---\nx", "{}", "x"},
        {"---\r\na: b\r\n---\r\nx", "{\"a\": \"b\"}", "x"},
        {"\xef\xbb\xbf---\na: 1\n...\nx", "{\"a\": \"1\"}", "x"},
        {"---\n# c\na: ~\nb: true\nc: 'it''s'\nd: \"\\u00e9\\n\"\ne: [x, \"y, z\"]\nf:\n  - g\n  - h: i\n---\n",
         "{\"a\": null, \"b\": true, \"c\": \"it's\", \"d\": \"\xc3\xa9\\n\", \"e\": [\"x\", \"y, z\"], \"f\": [\"g\", "
         "{\"h\": "
         "\"i\"}]}",
         ""},
        {"---\na: |\n  b\n  c\nd: >-\n  e\n  f\n---\n---\n", "{\"a\": \"b\\nc\\n\", \"d\": \"e f\"}", "---\n"},
        {"+++\n+++\nx", "{}", "x"},
        {"+++\na = \"b\\u00e9\" # c\nb.c = 'd\\n'\n\"e f\" = 2026-11-23 07:00:00Z\ng = [ 1, # x\n \"h\", [ ], "
         "]\n+++\nx",
         "{\"a\": \"b\xc3\xa9\", \"b\": {\"c\": \"d\\\\n\"}, \"e f\": \"2026-11-23 07:00:00Z\", \"g\": [\"1\", \"h\", "
         "[]]}",
         "x"},
        {"+++\n[a]\nb = true\n[a.c]\nd = { e = 1, f.g = \"h\" }\n[[i]]\nj = 1\n[[i]]\nj = -2.5\n[i.k]\nl = \"\"\n+++\n",
         "{\"a\": {\"b\": true, \"c\": {\"d\": {\"e\": \"1\", \"f\": {\"g\": \"h\"}}}}, \"i\": [{\"j\": \"1\"}, "
         "{\"j\": \"-2.5\", "
         "\"k\": {\"l\": \"\"}}]}",
         ""},
        {"+++\na = \"\"\"\nb \"q\" \\\n   c\"\"\"\"\nd = '''\n'e'\n'''\n+++\n",
         "{\"a\": \"b \\\"q\\\" c\\\"\", \"d\": \"'e'\\n\"}", ""},
        {"{\n\"a\": [1]}\nx", "{\"a\": [1]}", "\nx"},
        {"{braces} are no head", "null", "{braces} are no head"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *head, *want = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        struct str body;
        size_t line;
        struct error err = {0};
        assert_non_null(want);
        if (front_matter_parse(str_from(cases[i].text), &head, &body, &line, &err) != OK) {
            fail_msg("%s: line %zu: %s", cases[i].text, line, err.text);
        }
        if (!json_equal(head ? head : json_null(), want) || !str_eq(body, str_from(cases[i].body))) {
            char *got = head ? json_dumps(head, 0) : NULL;
            fail_msg("%s: got %s and '%.*s'", cases[i].text, got ? got : "none", STR_ARG(body));
        }
        json_decref(head);
        json_decref(want);
    }
}

static void refuses(void **state) {
    static const struct {
        const char *text;
        size_t line;
    } cases[] = {{"---\na: b\n", 1},
                 {"---\na: b\nc: d: e\n---\n", 3},
                 {"---\na: [b\n---\n", 3},
                 {"---\n- a\n---\n", 3},
                 {"---\na: &x b\nc: *x\n---\n", 3},
                 {"---\n[a]: b\n---\n", 2},
                 {"+++\na\n+++\n", 2},
                 {"+++\na = 1\nb = \"c\nd = 2\n+++\n", 3},
                 {"+++\na = [1\n+++\n", 3},
                 {"+++\na = 1 2 ]\n+++\n", 2},
                 {"+++\na = 1\n[a.b]\n+++\n", 3},
                 {"+++\na = \"\\q\"\n+++\n", 2},
                 {"+++\na = nothing\nb = ?\n+++\n", 3},
                 {"{\"a\": \n,}", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *head;
        struct str body;
        size_t line;
        struct error err = {0};
        if (front_matter_parse(str_from(cases[i].text), &head, &body, &line, &err) != ERR_DATA ||
            line != cases[i].line || !err.text[0]) {
            fail_msg("%s: line %zu: %s", cases[i].text, line, err.text);
        }
    }
}

static void fills_patterns(void **state) {
    static const struct {
        const char *pattern, *want;
    } cases[] = {{"/{path}/", "/a/b/s/"},
                 {"https://x.example//{language}//{slug}", "https://x.example/s"},
                 {"/{year}/{month}/{day}/{name}.html", "/2026/01/02/n.html"},
                 {"/:year/:i_month/:title/", "/2026/1/s/"},
                 {"/{section}/{other}/:other", "/a/{other}/:other"},
                 {"{", "{"},
                 {"", ""}};
    struct permalink p = {.path = STR("a/b/s"),
                          .folder = STR("a/b"),
                          .section = STR("a"),
                          .slug = STR("s"),
                          .name = STR("n"),
                          .year = 2026,
                          .month = 1,
                          .day = 2};
    struct arena *a = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = permalink_fill(str_from(cases[i].pattern), &p, a);
        if (!str_eq(got, str_from(cases[i].want))) {
            fail_msg("%s: %.*s", cases[i].pattern, STR_ARG(got));
        }
    }
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses),
                                       cmocka_unit_test(fills_patterns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
