/* Markdown to HTML, and that it is safe once cleaned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/clean.h"
#include "render/markdown.h"

#include <stdio.h>

static void check(const char *md, const char *html) {
    struct buf raw = BUF_INIT, out = BUF_INIT;
    assert_int_equal(markdown_to_html(str_from(md), &raw, NULL), OK);
    assert_int_equal(clean_html(buf_str(&raw), NULL, &out, NULL), OK);
    assert_string_equal(buf_cstr(&out), html);
    buf_release(&raw);
    buf_release(&out);
}

static void test_dialect(void **state) {
    (void)state;
    check("", "");
    check("# A\n\ntext *b* **c** `d` ~~e~~\n", "<h4>A</h4>\n<p>text <em>b</em> <strong>c</strong> <code>d</code> "
                                               "<del>e</del></p>\n");
    check("| H | I |\n|---|--:|\n| 1 | 2 |\n", "<table>\n<thead>\n<tr>\n<th>H</th>\n<th>I</th>\n</tr>\n</thead>\n"
                                               "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n");
    static const char table[] = "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
                                "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n";
    char text[400];
    check("|a|b|\n|-|-|\n|1|2|\n", table);
    check("a | b\n:- | -:\n1 | 2", table);
    check("|a|b|\r\n|:-:|--|\r\n|1|2|\r\n", table);
    (void)snprintf(text, sizeof text, "<p>text</p>\n%s<p>more</p>\n", table);
    check("text\n|a|b|\n|---|---|\n|1|2|\n\nmore", text); /* it needs no empty line before it */
    check("```\n|a|b|\n|-|-|\n```", "<pre><code>|a|b|\n|-|-|</code></pre>\n");
    check("    x\n    |a|b|\n    |-|-|", "<pre><code>x\n|a|b|\n|-|-|</code></pre>\n");
    check("a|b|c\n-|-", "<p>a|b|c -|-</p>\n");
    check("|a|\n|-|\n|-|\n",
          "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>-</td>\n</tr>\n</tbody>\n"
          "</table>\n");
    check("a\n-\nb\n\n- | x", "<h4>a</h4>\n<p>b</p>\n<ul>\n<li>| x</li>\n</ul>\n");
    check("see https://example.org/x.", "<p>see <a href=\"https://example.org/x\">https://example.org/x</a>.</p>\n");
    check("- a\n- b\n\n3. c\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>\n");
    check("> q\n\n```rust\nfn a<T>() {}\n```\n",
          "<blockquote>\n<p>q</p>\n</blockquote>\n<pre><code>fn a&lt;T&gt;() {}</code></pre>\n");
    check("\xef\xbb\xbfx &hellip; &#x4e2d;", "<p>x … 中</p>\n");
    check("[r]\n\n[r]: https://example.org/ 'title'\n", "<p><a href=\"https://example.org/\">r</a></p>\n");
}

static void test_attacks(void **state) {
    (void)state;
    check("[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,x)", "<p>x javascript:alert(1) y</p>\n");
    check("<script>alert(1)</script>\n\na <b onclick=x>b</b>", "<p>a <b>b</b></p>\n");
    check("![a](x onerror=alert(1))", "<p>![a](x onerror=alert(1))</p>\n");
    check("![\"onerror=alert(1)](https://example.org/x.png)", "<p>\"onerror=alert(1)</p>\n");
    check("[a]: java\nscript:alert(1)\n\n[a]", "<p>script:alert(1)</p>\n<p>a</p>\n");
}

static void test_limits(void **state) {
    (void)state;
    static const char *const units[] = {"[",  "![", "*a ", "> ",  "- ",   "`",  "<a ",
                                        "_*", "|",  "\\",  "&#x", "[a](", "1. "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buf in = BUF_INIT, raw = BUF_INIT, out = BUF_INIT;
        while (in.len < 50000)
            buf_adds(&in, units[i]);
        int64_t start = clock_mono_ns();
        if (markdown_to_html(buf_str(&in), &raw, NULL) == OK) {
            enum status status = clean_html(buf_str(&raw), NULL, &out, NULL);
            assert_true(status == OK || status == ERR_DATA);
        }
        if (clock_mono_ns() - start > INT64_C(5000000000))
            fail_msg("50 KB of \"%s\" take too long", units[i]);
        buf_release(&in);
        buf_release(&raw);
        buf_release(&out);
    }
    struct buf in = BUF_INIT, out = BUF_INIT;
    struct error err = {0};
    buf_adds(&out, "kept");
    while (in.len < 600000)
        buf_adds(&in, "\"&<\n");
    assert_int_equal(markdown_to_html(buf_str(&in), &out, &err), ERR_DATA);
    assert_string_equal(err.text, "the Markdown makes more than 1024 KiB of HTML");
    while (in.len <= MARKDOWN_INPUT_MAX)
        buf_adds(&in, "xxxxxxxxxxxxxxxx");
    assert_int_equal(markdown_to_html(buf_str(&in), &out, &err), ERR_DATA);
    assert_string_equal(err.text, "the Markdown is larger than 1024 KiB");
    assert_string_equal(buf_cstr(&out), "kept");
    buf_release(&in);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialect),
        cmocka_unit_test(test_attacks),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
