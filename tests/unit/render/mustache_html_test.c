/* Goal: a value in an HTML template is escaped by where it stands, and refused where no escaping is safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache_html.h"

#include "unit/render/mustache_help.h"

static void text_and_attributes(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<p>{{v}}</p>", "{\"v\": \"<b> & \\\"c\\\" 'd'\"}", NULL, "<p>&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;</p>"},
        {"<p title=\"{{v}}\" lang='{{v}}'>", "{\"v\": \"a'b\\\"c>\"}", NULL,
         "<p title=\"a&#39;b&quot;c&gt;\" lang='a&#39;b&quot;c&gt;'>"},
        {"<title>{{v}}</title>{{v}}", "{\"v\": \"</title>\"}", NULL, "<title>&lt;/title&gt;</title>&lt;/title&gt;"},
        {"1 < 2 {{v}} <3 {{v}} << {{v}}", "{\"v\": 1}", NULL, "1 < 2 1 <3 1 << 1"},
        {"<!doctype html><!-- a > b --><p>{{v}}", "{\"v\": 1}", NULL, "<!doctype html><!-- a > b --><p>1"},
        {"<!--[if mso]><b><![endif]-->{{v}}<!-->{{v}}<!--->{{v}}<!--x--!>{{v}}", "{\"v\": 1}", NULL,
         "<!--[if mso]><b><![endif]-->1<!-->1<!--->1<!--x--!>1"},
        {"<style>p > a { }</style>{{v}}<STYLE>x</stylex></Style >{{v}}", "{\"v\": 1}", NULL,
         "<style>p > a { }</style>1<STYLE>x</stylex></Style >1"},
        {"<br/>{{v}}<img alt=\"\"/>{{v}}</p >{{v}}<td width=100>{{v}}<td nowrap>{{v}}<td a = \"b\" >{{v}}",
         "{\"v\": 1}", NULL, "<br/>1<img alt=\"\"/>1</p >1<td width=100>1<td nowrap>1<td a = \"b\" >1"},
        {"{{{v_html}}}{{&a.v_html}}", "{\"v_html\": \"<b>\", \"a\": {\"v_html\": \"<i>\"}}", NULL, "<b><i>"},
        {"<p>\r\n{{v}}", "{\"v\": \"a\\r\\nb\"}", NULL, "<p>\na\nb"},
        {"{{>p}}{{$b}}{{v}}{{/b}}<title>{{>p}}</title>", "{\"v\": \"<\"}", "{\"p\": \"[{{v}}]\"}",
         "[&lt;]&lt;<title>[&lt;]</title>"},
    };
    HELP_RUN(MUSTACHE_HTML, NULL, cases);
}

static void urls(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<a href=\"{{v}}\">", "{\"v\": \"https://example.org/a?b=c&d=e#f\"}", NULL,
         "<a href=\"https://example.org/a?b=c&amp;d=e#f\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \" HTTP://example.org/%20 x\\\"'<>\\n`\"}", NULL,
         "<a href=\"HTTP://example.org/%20%20x%22%27%3C%3E%0A%60\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"https://example.org/\\u0f40\"}", NULL,
         "<a href=\"https://example.org/\xe0\xbd\x80\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"mailto:a@example.org\"}", NULL, "<a href=\"mailto:a@example.org\">"},
        {"<img src='{{v}}'>", "{\"v\": \"cid:1@example.org\"}", NULL, "<img src='cid:1@example.org'>"},
        {"<a href=\"{{v}}\">", "{\"v\": \"javascript:alert(1)\"}", NULL, "<a href=\"#\">"},
        {"<a HREF=\"{{v}}\">", "{\"v\": \"java\\tscript:alert(1)\"}", NULL, "<a HREF=\"#\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"data:text/html,x\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"/relative\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"//example.org\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"https:///\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{v}}\">", "{\"v\": \"mailto:\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{v}}\">", "{}", NULL, "<a href=\"#\">"},
        {"<a href=\" {{v}}/x?y={{q}}&amp;z={{q}}\">", "{\"v\": \"https://example.org\", \"q\": \"a&b/c \\u00e9\"}",
         NULL, "<a href=\" https://example.org/x?y=a%26b%2Fc%20%C3%A9&amp;z=a%26b%2Fc%20%C3%A9\">"},
        {"<a href=\"https://example.org/{{v}}\">", "{\"v\": \"a/b?c&d\\\"\"}", NULL,
         "<a href=\"https://example.org/a/b?c&amp;d%22\">"},
        {"<a href=\"/x#{{v}}\">", "{\"v\": \"a b\"}", NULL, "<a href=\"/x#a%20b\">"},
        {"<a href=\"#n{{v}}\">", "{\"v\": 3}", NULL, "<a href=\"#n3\">"},
        {"<a href=\"{{a}}{{b}}\">", "{\"a\": \"java\", \"b\": \"script:x\"}", NULL, "<a href=\"#script:x\">"},
        {"<a href=\"{{#a}}{{a}}{{/a}}{{^a}}{{b}}{{/a}}\">", "{\"b\": \"javascript:x\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"{{#a}}{{.}}{{/a}}\">", "{\"a\": [\"https://example.org\", \"javascript:x\"]}", NULL,
         "<a href=\"https://example.org#\">"},
        {"<a href=\"{{#a}}https://example.org/{{/a}}{{b}}\">", "{\"b\": \"javascript:x\"}", NULL, "<a href=\"#\">"},
        {"<a href=\"javascript:{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<a href=\"java{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands behind the beginning of a URL"},
        {"<a href=\"{{#a}}javascript{{/a}}:{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can"},
        {"<a href=\"{{#a}}javascript:{{/a}}{{v}}\">", NULL, NULL, "error: t:1: {{a}} ends in another place"},
        {"<form action=\"{{v}}\"><td background='{{v}}'>", "{\"v\": \"x:y\"}", NULL,
         "<form action=\"#\"><td background='#'>"},
    };
    HELP_RUN(MUSTACHE_HTML, NULL, cases);
}

static void styles(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<p style=\"color:{{v}};x\">", "{\"v\": \"#a01020\"}", NULL, "<p style=\"color:#a01020;x\">"},
        {"<p style=\"font:{{v}}\">", "{\"v\": \"1.5em Noto Sans, 50%\"}", NULL,
         "<p style=\"font:1.5em Noto Sans, 50%\">"},
        {"<p style=\"color:{{v}};x\">", "{\"v\": \"red;background:url(https://example.org)\"}", NULL,
         "<p style=\"color:;x\">"},
        {"<p style=\"color:{{v}}\">", "{\"v\": \"red\\\" onclick=x\"}", NULL, "<p style=\"color:\">"},
        {"<p style=\"color:{{v}}\">", "{\"v\": \"expression(1)\"}", NULL, "<p style=\"color:\">"},
    };
    HELP_RUN(MUSTACHE_HTML, NULL, cases);
}

static void refused(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<p>\n{{{v}}}", NULL, NULL, "error: t:2: {{v}} is printed without escaping"},
        {"{{&v}}", NULL, NULL, "error: t:1: {{v}} is printed without escaping"},
        {"{{#x_html}}{{{.}}}{{/x_html}}", NULL, NULL, "error: t:1: {{.}} is printed without escaping"},
        {"<p title=\"{{{v_html}}}\">", NULL, NULL, "error: t:1: {{v_html}} is printed without escaping"},
        {"<title>{{{v_html}}}</title>", NULL, NULL, "error: t:1: {{v_html}} is printed without escaping"},
        {"<style>{{{v_html}}}</style>", NULL, NULL, "error: t:1: {{v_html}} is printed without escaping"},
        {"<script>var a = '{{v}}'</script>", NULL, NULL, "error: t:1: {{v}} stands in <script>"},
        {"<style></styl{{v}}e>", NULL, NULL, "error: t:1: {{v}} stands in a closing tag"},
        {"<style>{{#x}}</style>{{/x}}{{v}}", NULL, NULL, "error: t:1: {{x}} ends in another place"},
        {"<style></sty{{#x}}q{{/x}}le>{{v}}", NULL, NULL, "error: t:1: the template ends inside an HTML tag"},
        {"<!-- {{v}} -->", NULL, NULL, "error: t:1: {{v}} stands in a comment"},
        {"<!doctype {{v}}>", NULL, NULL, "error: t:1: {{v}} stands in a comment or declaration"},
        {"</ {{v}}>", NULL, NULL, "error: t:1: {{v}} stands in a comment or declaration"},
        {"<p title={{v}}>", NULL, NULL, "error: t:1: {{v}} is an attribute's value without quotes"},
        {"<p title=a{{v}}>", NULL, NULL, "error: t:1: {{v}} is an attribute's value without quotes"},
        {"<p {{v}}>", NULL, NULL, "error: t:1: {{v}} stands inside an HTML tag"},
        {"<p {{v}}=\"\">", NULL, NULL, "error: t:1: {{v}} stands inside an HTML tag"},
        {"<{{v}}>", NULL, NULL, "error: t:1: {{v}} stands inside an HTML tag"},
        {"<h{{v}}>", NULL, NULL, "error: t:1: {{v}} stands inside an HTML tag"},
        {"<p onclick=\"{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<p OnClick = '{{v}}'>", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<img srcset=\"{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<script src=\"{{v}}\"></script>", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<link rel=x href=\"{{v}}\">", NULL, NULL, "error: t:1: {{v}} stands in an attribute that can run code"},
        {"<p title=\"{{>p}}\">", NULL, NULL, "error: t:1: {{p}} is a partial, parent or block"},
        {"<p {{$b}}{{/b}}>", NULL, NULL, "error: t:1: {{b}} is a partial, parent or block"},
        {"{{$b}}<p {{/b}}>", NULL, NULL, "error: t:1: {{b}} must end in text"},
        {"{{<p}}{{$b}}<!-- {{/b}}{{/p}}", NULL, NULL, "error: t:1: {{b}} must end in text"},
        {"<p>\n<a href=\"x", NULL, NULL, "error: t:2: the template ends inside an HTML tag"},
        {"<style>", NULL, NULL, "error: t:1: the template ends inside an HTML tag"},
        {"{{>p}}", NULL, "{\"p\": \"<p\"}", "error: p:1: the template ends inside an HTML tag"},
    };
    HELP_RUN(MUSTACHE_HTML, NULL, cases);
}

static void sections_in_tags(void **state) {
    (void)state;
    static const struct help_case cases[] = {
        {"<p{{#v}} title=\"{{v}}\"{{/v}}>{{v}}", "{\"v\": \"<\"}", NULL, "<p title=\"&lt;\">&lt;"},
        {"<p {{#v}}title=\"{{v}}\"{{/v}}{{^v}}title='no'{{/v}}>", "{}", NULL, "<p title='no'>"},
        {"<a {{#v}}href=\"{{v}}\" {{/v}}class=\"x\">", "{\"v\": \"x\"}", NULL, "<a href=\"#\" class=\"x\">"},
        {"<option {{#v}}selected{{/v}}>", "{\"v\": true}", NULL, "<option selected>"},
        {"<option{{#v}} selected{{/v}} value=\"{{v}}\">", "{\"v\": true}", NULL, "<option selected value=\"true\">"},
        {"<b>{{#v}}<i>{{.}}{{/v}}</i></b>", "{\"v\": [1, 2]}", NULL, "<b><i>1<i>2</i></b>"},
        {"<style>{{#v}}p{}{{/v}}</style>{{v}}", "{\"v\": 1}", NULL, "<style>p{}</style>1"},
        {"<a {{#v}}hre{{/v}}f=\"{{w}}\">", NULL, NULL, "error: t:1: a space must follow this section"},
        {"<scr{{#v}} a=\"\"{{/v}}ipt>", NULL, NULL, "error: t:1: a space must follow this section"},
        {"<a {{#v}}href{{/v}}=\"{{w}}\">", NULL, NULL, "error: t:1: a space must follow this section"},
        {"<a {{#v}}href {{/v}}=\"{{w}}\">", NULL, NULL, "error: t:1: = without an attribute's name"},
        {"<a {{#v}}ef=\"{{w}}\" hr{{/v}}>", NULL, NULL, "error: t:1: {{w}} stands in different places"},
        {"<a {{#v}}nclick=\"{{w}}\" o{{/v}}>", NULL, NULL,
         "error: t:1: {{w}} stands in an attribute that can run code"},
        {"<a {{#v}}href=\"{{/v}}x\">", NULL, NULL, "error: t:1: {{v}} ends in another place"},
        {"{{#v}}<p {{/v}}>", NULL, NULL, "error: t:1: {{v}} ends in another place"},
        {"{{^v}}<!--{{/v}}", NULL, NULL, "error: t:1: {{v}} ends in another place"},
    };
    HELP_RUN(MUSTACHE_HTML, NULL, cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_attributes),
        cmocka_unit_test(urls),
        cmocka_unit_test(styles),
        cmocka_unit_test(refused),
        cmocka_unit_test(sections_in_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
