/* Goal: what clean HTML needs to be read without a style sheet stands on its elements, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/clean.h"
#include "render/dress.h"

static void dress(const char *html, const struct dress *d, const char *want) {
    struct buf b = BUF_INIT;
    dress_html(str_from(html), d, &b);
    assert_string_equal(buf_cstr(&b), want);
    buf_release(&b);
}

static void test_dress(void **state) {
    (void)state;
    struct dress d = {.link = "#010203", .line = "#040506"};
    dress("", &d, "");
    dress("<p>a &lt;img&gt; b</p>\n<h4>c</h4>", &d, "<p>a &lt;img&gt; b</p>\n<h4>c</h4>");
    dress("<a href=\"https://e.org/?a&gt;b\">x</a><abbr>y</abbr>", &d,
          "<a style=\"color:#010203;text-decoration:underline\" href=\"https://e.org/?a&gt;b\">x</a><abbr>y</abbr>");
    dress("<p><img src=\"cid:1\" alt=\"\"></p>", &d,
          "<p><img style=\"max-width:100%;height:auto\" src=\"cid:1\" alt=\"\"></p>");
    dress("<blockquote><p>q</p></blockquote>", &d,
          "<blockquote style=\"margin:0 0 14px;padding:0;padding-left:16px;border:0;border-left:3px solid "
          "#040506\"><p>q</p></blockquote>");
    d.rtl = true;
    dress("<td>c</td>", &d,
          "<td style=\"padding:6px 0;padding-left:14px;border-bottom:1px solid #040506;text-align:right;"
          "vertical-align:top\">c</td>");
    d.raise = 2;
    dress("<h4>a</h4><h6>b</h6><hr><th>", &d,
          "<h2>a</h2><h4>b</h4><hr><th style=\"padding:6px 0;padding-left:14px;border-bottom:1px solid "
          "#040506;text-align:right;vertical-align:top\">");
    dress("< <a", &d, "< <a style=\"color:#010203;text-decoration:underline\""); /* not clean: no harm */
}

/* Without its style attributes it is what it was. */
static void test_same(void **state) {
    (void)state;
    const struct dress d = {.link = "#010203", .line = "#040506"};
    struct buf clean = BUF_INIT, dressed = BUF_INIT, again = BUF_INIT;
    const char *html =
        "<h1>T</h1><p>one <a href='https://e.org'>two</a><br><code>x<y</code> <mark>m</mark></p><pre>a\n b</pre><table>"
        "<tr><th>h<td>d</table><figure><img src='https://e.org/p' alt='<x>'><figcaption>c</figure>";
    const struct clean_options o = {.images = IMAGES_LINK};
    assert_int_equal(clean_html(str_from(html), &o, &clean, NULL), OK);
    dress_html(buf_str(&clean), &d, &dressed);
    assert_true(dressed.len > clean.len);
    assert_int_equal(clean_html(buf_str(&dressed), &o, &again, NULL), OK);
    assert_string_equal(buf_cstr(&again), buf_cstr(&clean));
    buf_release(&clean);
    buf_release(&dressed);
    buf_release(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dress), cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
