/* Goal: what is common to all readers becomes fixed pieces, as few as can be; what is personal stays a slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache_render.h"

#include "unit/render/mustache_help.h"

static const struct mustache_slot slots[] = {
    {{"reader.name", 11}, 0},  {{"reader.address", 14}, 1},   {{"view_url", 8}, 2},
    {{"leave_mailto", 12}, 3}, {{"reader.note_html", 16}, 4},
};
static const struct mustache_env env = {.slots = slots, .n_slots = 5};

static void html(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<p>{{reader.name}}</p>", NULL, NULL, "<p>[0 html]</p>"},
        {"<p title=\"{{reader.name}}\">", NULL, NULL, "<p title=\"[0 html]\">"},
        {"{{{reader.note_html}}}", NULL, NULL, "[4 raw]"},
        {"<a href=\"{{view_url}}\"><a href=\"{{leave_mailto}}\">", NULL, NULL,
         "<a href=\"[2 html]\"><a href=\"[3 html]\">"},
        {"<a href=\"https://example.org/?a={{reader.address}}\">", NULL, NULL,
         "<a href=\"https://example.org/?a=[1 url]\">"},
        {"<a href=\"mailto:{{reader.address}}\">", NULL, NULL, "<a href=\"mailto:[1 url]\">"},
        {"<a\nhref=\"{{reader.name}}\">", NULL, NULL, "error: t:2: {{reader.name}} is personal and not a URL"},
        {"<p style=\"color:{{reader.name}}\">", NULL, NULL, "error: t:1: {{reader.name}} is personal and can't"},
        {"{{>*reader.name}}", NULL, NULL, "error: t:1: {{reader.name}} is personal and can't choose a partial"},
        {"{{>p}}", NULL, "{\"p\": \"{{reader.name}}\"}", "[0 html]"},
    };
    HELP_RUN(MUSTACHE_HTML, &env, cases);
}

static void conditions(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"{{#reader.name}}Hello {{reader.name}},{{/reader.name}}{{^reader.name}}Hello,{{/reader.name}}", NULL, NULL,
         "[if 0 Hello [0 raw],][unless 0 Hello,]"},
        {"{{#reader.name}}{{.}}{{#view_url}} {{.}}{{/view_url}}{{/reader.name}}", NULL, NULL,
         "[if 0 [0 raw][if 2  [2 raw]]]"},
        {"a{{#reader.name}}{{/reader.name}}b{{^view_url}}{{no}}{{/view_url}}c", NULL, NULL, "abc"},
        {"{{#reader.name}}{{#view_url}}{{/view_url}}{{/reader.name}}", NULL, NULL, ""},
        {"{{#reader.name}}{{x}}{{/reader.name}}", "{\"x\": 1}", NULL, "[if 0 1]"},
        {"{{#reader.name}}\n{{.}}\n{{/reader.name}}\n", NULL, NULL, "[if 0 [0 raw]\n]"},
        {"  {{>p}}\n", NULL, "{\"p\": \"a\\n{{reader.name}}\\n{{#view_url}}\\nb\\n{{/view_url}}\\n\"}",
         "  a\n  [0 raw]\n[if 2   b\n]"},
    };
    HELP_RUN(MUSTACHE_TEXT, &env, cases);
}

static void names(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"{{#reader}}{{name}} {{address}} {{other}} {{x}}{{/reader}}", "{\"x\": 1, \"name\": \"data\"}", NULL,
         "[0 raw] [1 raw]  1"},
        {"{{#reader}}{{name}} {{extra}}{{/reader}}", "{\"reader\": {\"name\": \"data\", \"extra\": 2}}", NULL,
         "[0 raw] 2"},
        {"{{reader.name}}", "{\"reader\": {\"name\": \"data\"}}", NULL, "[0 raw]"},
        {"{{reader.extra}}", "{\"reader\": {\"extra\": 2}}", NULL, "2"},
        {"{{#articles}}{{view_url}}{{/articles}}", "{\"articles\": [{\"view_url\": \"data\"}]}", NULL, "[2 raw]"},
        {"{{#articles}}{{#reader}}{{name}}{{/reader}}{{/articles}}",
         "{\"articles\": [{\"reader\": {\"name\": \"A\"}}]}", NULL, "A"},
        {"{{^reader}}none{{/reader}}[{{reader}}{{name}}]", NULL, NULL, "[]"},
    };
    HELP_RUN(MUSTACHE_TEXT, &env, cases);
}

/* Fixed text between two slots is one piece, whatever tags made it. */
static void merged(void **state) {
    (void)state;
    struct arena *a = arena_new();
    struct mustache *t;
    struct piece *pieces;
    size_t n;
    json_t *data = json_pack("{s:[i,i,i],s:s}", "list", 1, 2, 3, "v", "x");
    const struct str text =
        STR("a{{v}}{{#list}}b{{.}}{{/list}}{{! }}{{#view_url}}{{/view_url}}c{{reader.name}}d{{v}}\n{{no}}");
    assert_int_equal(mustache_compile(text, "t", MUSTACHE_TEXT, &t, NULL), OK);
    assert_int_equal(mustache_render(t, data, &env, a, &pieces, &n, NULL), OK);
    assert_int_equal(n, 3);
    assert_true(str_eq(pieces[0].text, STR("axb1b2b3c")));
    assert_int_equal(pieces[0].kind, PIECE_FIXED);
    assert_int_equal(pieces[1].kind, PIECE_SLOT);
    assert_true(str_eq(pieces[2].text, STR("dx\n")));
    mustache_free(t);

    assert_int_equal(mustache_compile(STR(""), "t", MUSTACHE_TEXT, &t, NULL), OK);
    assert_int_equal(mustache_render(t, data, NULL, a, &pieces, &n, NULL), OK);
    assert_int_equal(n, 0);
    mustache_free(t);
    json_decref(data);
    arena_free(a);
}

/* An HTML template can't bring in a text template unescaped. */
static enum status find_text(void *context, struct str name, const struct mustache **out, struct error *err) {
    (void)name;
    (void)err;
    *out = context;
    return OK;
}

static void kinds(void **state) {
    (void)state;
    struct arena *a = arena_new();
    struct mustache *html_t;
    struct mustache *text_t;
    struct piece *pieces;
    size_t n;
    struct error err;
    assert_int_equal(mustache_compile(STR("{{>p}}"), "t", MUSTACHE_HTML, &html_t, &err), OK);
    assert_int_equal(mustache_compile(STR("{{v}}"), "p", MUSTACHE_TEXT, &text_t, &err), OK);
    struct mustache_env mixed = {.partial = find_text, .context = text_t};
    assert_int_equal(mustache_render(html_t, NULL, &mixed, a, &pieces, &n, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "t:1: {{p}} is a template of another kind"));
    assert_int_equal(n, 0);
    mustache_free(html_t);
    mustache_free(text_t);
    mustache_free(NULL);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html),   cmocka_unit_test(conditions), cmocka_unit_test(names),
        cmocka_unit_test(merged), cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
