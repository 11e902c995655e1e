/* Goal: the rules of the Mustache specification, each in cases of our own; and errors and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache.h"

#include "unit/render/mustache_help.h"

static void comments(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"one{{! not seen }}two", NULL, NULL, "onetwo"},
        {"one{{! over\nlines {{ too }}two", NULL, NULL, "onetwo"},
        {"one\n  {{! alone }}  \ntwo\n", NULL, NULL, "one\ntwo\n"},
        {"one\n  {{! alone\n over lines }}\ntwo\n", NULL, NULL, "one\ntwo\n"},
        {"{{! alone }}\r\ntwo", NULL, NULL, "two"},
        {"one\n  {{! alone at the end }}", NULL, NULL, "one\n"},
        {"  12 {{! beside }}\n", NULL, NULL, "  12 \n"},
        {"1{{!name}}2", "{\"name\": \"x\", \"!name\": \"y\"}", NULL, "12"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void interpolation(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"no {tags} } here", NULL, NULL, "no {tags} } here"},
        {"{{a}}, {{ a }}, {{\ta\n}}", "{\"a\": \"x\"}", NULL, "x, x, x"},
        {"{{a}}", "{\"a\": \"{{b}}\", \"b\": 1}", NULL, "{{b}}"},
        {"{{a}} {{{a}}} {{&a}} {{{ a }}} {{& a }}", "{\"a\": \"<&>\\\"'\"}", NULL,
         "&lt;&amp;&gt;&quot;&#39; <&>\"' <&>\"' <&>\"' <&>\"'"},
        {"{{i}} {{n}} {{f}} {{big}}", "{\"i\": 85, \"n\": -3, \"f\": 1.210, \"big\": 123456789012}", NULL,
         "85 -3 1.21 123456789012"},
        {"[{{null}}{{no}}{{list}}{{object}}{{false}}]",
         "{\"null\": null, \"list\": [1], \"object\": {\"a\": 1}, \"false\": false}", NULL, "[]"},
        {"{{true}}", "{\"true\": true}", NULL, "true"},
        {"{{a.b.c}}", "{\"a\": {\"b\": {\"c\": \"deep\"}}}", NULL, "deep"},
        {"[{{a.b.c}}{{a.x}}{{a.b.c.d}}]", "{\"a\": {\"b\": {}}, \"b\": {\"c\": 1}, \"c\": 2}", NULL, "[]"},
        {"[{{#a}}{{b.c}}{{/a}}]", "{\"a\": {\"b\": {}}, \"b\": {\"c\": \"outer\"}}", NULL, "[]"},
        {"[{{a.b}}]", "{\"a.b\": \"a key with a dot\"}", NULL, "[]"},
        {"{{.}}", "\"whole <data>\"", NULL, "whole &lt;data&gt;"},
        {"{{.}}", "85", NULL, "85"},
        {"  {{a}}  \n", "{\"a\": \"x\"}", NULL, "  x  \n"},
        {"{{a}}", "{\"a\": \"nul\\u0000nul\"}", NULL, "nul"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void delimiters(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"{{=<% %>=}}<%a%>{{a}}", "{\"a\": 1}", NULL, "1{{a}}"},
        {"{{= | | =}}|a||={{ }}=|{{a}}", "{\"a\": 1}", NULL, "11"},
        {"{{=<% %>=}}<%{a}%><%&a%><%a%>", "{\"a\": \"&\"}", NULL, "&&&amp;"},
        {"{{#s}}{{=[ ]=}}[a][/s]", "{\"s\": true, \"a\": 1}", NULL, "1"},
        {"{{=[ ]=}}[>p]", "{\"a\": 1}", "{\"p\": \"{{a}}[a]\"}", "1[a]"},
        {"{{>p}}{{a}}", "{\"a\": 1}", "{\"p\": \"{{=[ ]=}}[a]\"}", "11"},
        {"a\n  {{=@ @=}}  \nb", NULL, NULL, "a\nb"},
        {"a {{=@ @=}}\nb", NULL, NULL, "a \nb"},
        {"{{=@  @\n=}}@a@", "{\"a\": 1}", NULL, "1"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void sections(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": true}", NULL, "yes"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": false}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": null}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": \"\"}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": 0}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": 0.0}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": []}", NULL, "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": {}}", NULL, "yes"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", NULL, "no"},
        {"{{#a.b}}yes{{/a.b}}{{^a.c}}no{{/a.c}}", "{\"a\": {\"b\": 1}}", NULL, "yesno"},
        {"{{#a}}{{b}}{{c}}{{/a}}", "{\"a\": {\"b\": 1}, \"b\": 2, \"c\": 3}", NULL, "13"},
        {"{{#a}}{{.}} is {{a}}{{/a}}", "{\"a\": \"x\"}", NULL, "x is x"},
        {"{{#a}}({{.}}){{/a}}", "{\"a\": [\"x\", 2, 3.50, true, null]}", NULL, "(x)(2)(3.5)(true)()"},
        {"{{#a}}({{#.}}{{.}}{{/.}}){{/a}}", "{\"a\": [[1, 2], [3]]}", NULL, "(12)(3)"},
        {"{{#.}}({{v}}){{/.}}", "[{\"v\": 1}, {\"v\": 2}]", NULL, "(1)(2)"},
        {"{{#a}}{{#b}}{{x}}{{y}}{{z}}{{/b}}{{/a}}",
         "{\"z\": \"z\", \"a\": [{\"x\": 1, \"b\": [{\"y\": 2}, {\"y\": 3}]}]}", NULL, "12z13z"},
        {"{{#a}}1{{#b}}2{{/b}}3{{/a}}", "{\"a\": true, \"b\": false}", NULL, "13"},
        {"{{#a}}1{{#a}}2{{/a}}3{{/a}}", "{\"a\": true}", NULL, "123"},
        {"| {{#a}}\n\t{{/a}} |", "{\"a\": true}", NULL, "| \n\t |"},
        {"one\n{{#a}}\ntwo\n{{/a}}\nthree\n", "{\"a\": true}", NULL, "one\ntwo\nthree\n"},
        {"one\n  {{#a}}  \ntwo\n\t{{/a}}\nthree\n", "{\"a\": true}", NULL, "one\ntwo\nthree\n"},
        {"one\r\n{{^a}}\r\ntwo\r\n{{/a}}\r\nthree", "{}", NULL, "one\r\ntwo\r\nthree"},
        {"  {{#a}}\n12\n{{/a}}", "{\"a\": true}", NULL, "12\n"},
        {"{{#a}}1{{/a}}\n {{#a}}2{{/a}}\n", "{\"a\": true}", NULL, "1\n 2\n"},
        {"{{#a.0}}list: {{/a.0}}{{a.1}}{{#b.0}}none{{/b.0}}[{{a.2}}{{a.x}}{{a.}}{{a.99999999999999999999}}]",
         "{\"a\": [1, 2], \"b\": []}", NULL, "list: 2[]"},
        {"{{# a }}1{{/ a }}", "{\"a\": true}", NULL, "1"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void partials(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"[{{>p}}]", "{\"a\": 1}", "{\"p\": \"{{a}}\"}", "[1]"},
        {"[{{>missing}}]", NULL, NULL, "[]"},
        {"{{>node}}", "{\"v\": 1, \"sub\": [{\"v\": 2, \"sub\": []}]}",
         "{\"node\": \"{{v}}<{{#sub}}{{>node}}{{/sub}}>\"}", "1<2<>>"},
        {"  {{a}}  {{>p}}\n", "{\"a\": \"|\"}", "{\"p\": \"1\\n2\"}", "  |  1\n2\n"},
        {"|\r\n{{>p}}\r\n|", NULL, "{\"p\": \"1\"}", "|\r\n1|"},
        {"  {{>p}}\n|", NULL, "{\"p\": \"1\\n2\"}", "  1\n  2|"},
        {"|\n  {{>p}}", NULL, "{\"p\": \"1\\n2\"}", "|\n  1\n  2"},
        {"a\n {{>p}}\nb\n", "{\"v\": \"<\\n>\"}", "{\"p\": \"|\\n{{{v}}}\\n|\\n\"}", "a\n |\n <\n>\n |\nb\n"},
        {" {{>p}}\n", "{\"v\": [1, 2]}", "{\"p\": \"{{#v}}\\n{{.}}\\n{{/v}}\\n  {{>q}}\\n\", \"q\": \"x\\ny\\n\"}",
         " 1\n 2\n   x\n   y\n"},
        {" {{>p}}\n", "{\"v\": [1, 2]}", "{\"p\": \"a{{#v}}{{.}}\\nb{{/v}}c\\n\"}", " a1\n b2\n bc\n"},
        {"{{>*which}}", "{\"which\": \"p\"}", "{\"p\": \"1\", \"*which\": \"2\"}", "1"},
        {"{{> * a.b }}", "{\"a\": {\"b\": \"p\"}}", "{\"p\": \"1\"}", "1"},
        {"[{{>*no}}{{>**twice}}{{>*a.*b}}]", "{\"twice\": \"p\", \"p\": \"q\"}", "{\"p\": \"1\", \"q\": \"2\"}", "[]"},
        {"  {{>*which}}\n|", "{\"which\": \"p\"}", "{\"p\": \"1\\n2\\n\"}", "  1\n  2\n|"},
        {"{{#s}}{{>*t.p}}{{/s}}", "{\"v\": 0, \"s\": {\"v\": 1}, \"t\": {\"p\": \"p\", \"v\": 2}}",
         "{\"p\": \"{{v}}\"}", "1"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void inheritance(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"{{$a}}as {{v}}{{/a}}\n", "{\"v\": 1}", NULL, "as 1\n"},
        {"{{<p}}{{/p}}|{{>p}}", NULL, "{\"p\": \"{{$a}}own{{/a}}\"}", "own|own"},
        {"{{<p}}{{$a}}mine{{/a}}{{/p}}", NULL, "{\"p\": \"[{{$a}}own{{/a}}{{$b}} else{{/b}}]\"}", "[mine else]"},
        {"{{<p}} lost {{#x}}{{/x}}{{$a}}mine{{/a}} lost {{/p}}", NULL, "{\"p\": \"{{$a}}own{{/a}}\"}", "mine"},
        {"{{<p}}{{$a}}1{{/a}}{{/p}}{{<p}}{{$a}}2{{/a}}{{/p}}{{>p}}", NULL, "{\"p\": \"{{$a}}own{{/a}}\"}", "12own"},
        {"{{<p}}{{$a}}top{{/a}}{{/p}}", NULL,
         "{\"p\": \"{{<q}}{{$a}}middle{{/a}}{{$b}}middle{{/b}}{{/q}}\", \"q\": \"{{$a}}low{{/a}} {{$b}}low{{/b}}\"}",
         "top middle"},
        {"{{<p}}{{$a}}{{v}}{{/a}}{{/p}}", "{\"v\": \"out\", \"s\": {\"v\": \"in\"}}",
         "{\"p\": \"{{#s}}{{$a}}own{{/a}}{{/s}}\"}", "in"},
        {"{{<*which}}{{$a}}mine{{/a}}{{/*which}}", "{\"which\": \"p\"}", "{\"p\": \"{{$a}}own{{/a}}\"}", "mine"},
        {"[{{<no}}{{$a}}mine{{/a}}{{/no}}]", NULL, NULL, "[]"},
        {"{{<p}}{{$a}}\none\ntwo\n{{/a}}{{/p}}", NULL, "{\"p\": \"{{$a}}own{{/a}}\"}", "one\ntwo\n"},
        {"|\n  {{<p}}{{/p}}\n|", NULL, "{\"p\": \"one\\ntwo\\n\"}", "|\n  one\n  two\n|"},
        {"|\n  {{<p}}\n  {{$a}}x{{/a}}\n  {{/p}}\n|", NULL, "{\"p\": \"one {{$a}}own{{/a}}\\ntwo\\n\"}",
         "|\n  one x\n  two\n|"},
        {"{{<p}}{{$a}}\n    one\n      two\n    {{/a}}{{/p}}", NULL, "{\"p\": \"|\\n {{$a}}\\n {{/a}}\\n|\"}",
         "|\n one\n   two\n|"},
        {"{{<p}}{{$a}}\none\ntwo\n{{/a}}{{/p}}", NULL, "{\"p\": \"{{$a}}\\n  own\\n{{/a}}\\n\"}", "  one\n  two\n"},
        {"{{<p}}{{$a}}\n\n  one\n{{/a}}{{/p}}", NULL, "{\"p\": \"{{$a}}{{/a}}\"}", "\none\n"},
        {"{{<p}}{{$a}}\none\ntwo{{/a}}\n{{/p}}\n", NULL, "{\"p\": \"|\\n  {{$a}}{{/a}}\\n\"}", "|\n  one\n  two\n"},
        {"{{<p}}{{$b}}\nthree\n{{/b}}{{/p}}", NULL,
         "{\"p\": \"{{<q}}{{$a}}\\n  one\\n  {{$b}}\\n    two\\n  {{/b}}\\n{{/a}}{{/q}}\\n\", \"q\": \"{{$a}}{{/a}}\"}",
         "one\n  three\n"},
        {"{{<p}}{{$a}}x {{>q}}\n  {{>q}}\n{{/a}}{{/p}}", NULL, "{\"p\": \"{{$a}}{{/a}}\", \"q\": \"1\\n2\\n\"}",
         "x 1\n2\n\n  1\n  2\n"},
    };
    HELP_RUN(MUSTACHE_SPEC, NULL, cases);
}

static void errors(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"a\n{{#b}}\nc", NULL, NULL, "error: t:2: this is opened and never closed: b"},
        {"a\n{{/b}}", NULL, NULL, "error: t:2: nothing is open that could be closed by /b"},
        {"{{#a}}\n{{#b}}\n{{/a}}", NULL, NULL, "error: t:3: /a closes b, which was opened in line 2"},
        {"a\n\n{{b", NULL, NULL, "error: t:3: a tag is opened and never closed with }}"},
        {"a {{{b}} c", NULL, NULL, "error: t:1: a tag is opened and never closed with }}}"},
        {"{{=a b}}", NULL, NULL, "error: t:1: a tag is opened and never closed with =}}"},
        {"{{=a=}}", NULL, NULL, "error: t:1: delimiters are two words without =, not a"},
        {"{{=a b c=}}", NULL, NULL, "error: t:1: delimiters are two words"},
        {"{{=a= b=}}", NULL, NULL, "error: t:1: delimiters are two words"},
        {"{{}}", NULL, NULL, "error: t:1: a tag has no name"},
        {"{{#}}{{/}}", NULL, NULL, "error: t:1: a tag has no name"},
        {"{{a b}}", NULL, NULL, "error: t:1: a name can't contain spaces: a b"},
        {"{{>p}}", NULL, "{\"p\": \"\\n{{#x}}\"}", "error: p:2: this is opened"},
        {"\n{{>p}}", NULL, "{\"p\": \"{{>p}}\"}",
         "error: p:1: {{p}} is nested too deep: does a partial contain itself"},
        {"{{<p}}{{$a}}{{$a}}{{/a}}{{/a}}{{/p}}", NULL, "{\"p\": \"{{$a}}{{/a}}\"}",
         "error: t:1: {{a}} is nested too deep: does a block contain itself"},
    };
    HELP_RUN(MUSTACHE_TEXT, NULL, cases);

    struct buf text = BUF_INIT;
    for (int i = 0; i < 200; i++) {
        buf_adds(&text, "{{#a}}");
    }
    const struct help_case deep[] = {{buf_cstr(&text), NULL, NULL, "error: t:1: sections are nested too deep at a"}};
    HELP_RUN(MUSTACHE_TEXT, NULL, deep);
    buf_release(&text);
}

static void limits(void **state) {
    (void)state;
    struct mustache_env small = {.max_output = 1000, .max_depth = 3};
    static const struct help_case cases[] = {
        {"{{#a}}\n{{#a}}{{#a}}{{#a}}{{#a}}xxxxxxxxxx{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}", "{\"a\": [1,2,3,4,5,6,7,8,9,10]}",
         NULL, "error: t:2: the output grows beyond 1000 bytes"},
        {"{{>a}}", NULL, "{\"a\": \"{{>b}}\", \"b\": \"{{>c}}\", \"c\": \"fine\"}", "fine"},
        {"{{>a}}", NULL, "{\"a\": \"{{>b}}\", \"b\": \"{{>c}}\", \"c\": \"{{>d}}\", \"d\": \"\"}",
         "error: c:1: {{d}} is nested too deep"},
    };
    HELP_RUN(MUSTACHE_TEXT, &small, cases);

    /* loops that print nothing end too */
    static const struct help_case idle[] = {
        {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{no}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"
         "{{/a}}{{/a}}{{/a}}",
         "{\"a\": [1,2,3,4,5,6,7,8,9,10]}", NULL, "error: t:1: {{no}} is where the template was given up"},
    };
    HELP_RUN(MUSTACHE_TEXT, NULL, idle);
}

static void text_kind(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"a\r\nb\rc {{v}}", "{\"v\": \"<&>\\r\\nx\\ry\\n\"}", NULL, "a\nb\nc <&>\nx\ny\n"},
        {"{{#s}}\r\nx\r\n{{/s}}\r\n", "{\"s\": true}", NULL, "x\n"},
        {"\xef\xbb\xbf{{! a byte order mark }}\nx", NULL, NULL, "x"},
        {"", NULL, NULL, ""},
    };
    HELP_RUN(MUSTACHE_TEXT, NULL, cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments), cmocka_unit_test(interpolation), cmocka_unit_test(delimiters),
        cmocka_unit_test(sections), cmocka_unit_test(partials),      cmocka_unit_test(inheritance),
        cmocka_unit_test(errors),   cmocka_unit_test(limits),        cmocka_unit_test(text_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
