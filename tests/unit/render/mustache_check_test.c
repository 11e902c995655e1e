/* Goal: a misspelt name in a template is reported with its place and the name that was probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache_check.h"

#include "unit/render/mustache_help.h"

static const char sample[] = "{\"issue\": {\"subject\": \"s\", \"note\": \"\"}, \"none\": false, \"kind\": \"p\","
                             " \"topics\": [{\"name\": \"t\", \"articles\": [{\"title\": \"a\", \"image\":"
                             " {\"src\": \"x\"}, \"url\": \"u\"}]}], \"empty\": []}";

/* The sentences of TEXT, one a line. */
static void judge(const char *text, const char *partials, struct buf *out) {
    static const struct mustache_slot slots[] = {{{"reader.name", 11}, 0}};
    struct help_partials p = {.kind = MUSTACHE_TEXT};
    struct arena *a = arena_new();
    struct str *sentences;
    struct mustache *t;
    size_t n;
    json_t *texts = json_loads(partials ? partials : "{}", 0, NULL);
    json_t *data = json_loads(sample, 0, NULL);
    p.texts = texts;
    struct mustache_env env = {.partial = help_find, .context = &p, .slots = slots, .n_slots = 1};
    assert_int_equal(mustache_compile(str_from(text), "t", MUSTACHE_TEXT, &t, NULL), OK);
    mustache_check(t, data, &env, a, &sentences, &n);
    buf_clear(out);
    for (size_t i = 0; i < n; i++) {
        buf_add(out, sentences[i]);
        buf_addc(out, '\n');
    }
    mustache_free(t);
    help_free(&p);
    json_decref(texts);
    json_decref(data);
    arena_free(a);
}

static void check(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *partials;
        const char *want;
    } cases[] = {
        {"{{issue.subject}}{{#topics}}{{name}}{{issue.note}}{{#articles}}{{title}}{{name}}{{#image}}{{src}}{{url}}"
         "{{/image}}{{/articles}}{{/topics}}{{#reader.name}}{{.}}{{/reader.name}}{{^none}}{{/none}}{{#none}}{{kind}}"
         "{{/none}}{{#reader}}{{name}}{{/reader}}",
         NULL, ""},
        {"a\n{{issue.subjcet}}", NULL, "t:2: {{issue.subjcet}} is not a known name; did you mean issue.subject?\n"},
        {"{{subject}}", NULL, "t:1: {{subject}} is not a known name; did you mean issue.subject?\n"},
        {"{{reader.nane}}", NULL, "t:1: {{reader.nane}} is not a known name; did you mean reader.name?\n"},
        {"{{entirely_else}}", NULL, "t:1: {{entirely_else}} is not a known name\n"},
        {"{{title}}\n{{#topic}}{{name}}{{/topic}}", NULL,
         "t:1: {{title}} is not a known name\n"
         "t:2: {{#topic}} is not a known name; did you mean topics?\n"
         "t:2: {{name}} is not a known name; did you mean reader.name?\n"},
        {"{{#topics}}{{#articles}}\n{{titel}}\n{{/articles}}{{/topics}}", NULL,
         "t:2: {{titel}} is not a known name; did you mean title?\n"},
        {"{{^nonne}}{{kid}}{{/nonne}}", NULL,
         "t:1: {{^nonne}} is not a known name; did you mean none?\n"
         "t:1: {{kid}} is not a known name; did you mean kind?\n"},
        {"{{>p}}{{>p}}", "{\"p\": \"\\n{{x}}{{>q}}{{>p}}\"}",
         "p:2: {{x}} is not a known name\n"
         "p:2: {{>q}}: there is no such partial\n"},
        {"{{>*kind}}{{>*kin}}", "{\"p\": \"{{y}}\"}",
         "p:1: {{y}} is not a known name\n"
         "t:1: {{>*kin}} is not a known name; did you mean kind?\n"},
        {"{{>p}}", "{\"p\": \"{{#x}}\"}", "p:1: this is opened and never closed: x\n"},
        {"{{<p}}{{$b}}{{nam}}{{/b}}{{/p}}", "{\"p\": \"{{#topics}}{{$b}}{{x}}{{/b}}{{/topics}}\"}",
         "p:1: {{x}} is not a known name\n"
         "t:1: {{nam}} is not a known name; did you mean name?\n"},
        {"{{<p}}{{$a}}1{{/a}}\n{{$b}}2{{/b}}{{$c}}3{{/c}}{{/p}}",
         "{\"p\": \"{{<q}}{{$b}}{{$d}}{{/d}}{{/b}}{{/q}}\", \"q\": \"{{$a}}{{/a}}{{#none}}{{$b}}{{/b}}{{/none}}\"}",
         "t:2: {{$c}} replaces nothing: p has no block of that name\n"},
        {"{{#empty}}{{none}}{{.}}{{/empty}}", NULL, "t:1: {{.}} is not a known name\n"},
    };
    struct buf got = BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        judge(cases[i].text, cases[i].partials, &got);
        assert_string_equal(buf_cstr(&got), cases[i].want);
    }
    buf_release(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(check)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
