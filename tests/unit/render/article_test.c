/* One article in a digest: whole, as a summary, as a title. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "render/article.h"

static void check(struct article_input in, struct article_options o, const char *html, const char *text,
                  bool shortened) {
    struct arena *a = arena_new();
    struct article_output out;
    struct error err = {0};
    if (article_render(&in, &o, a, &out, &err) != OK)
        fail_msg("%s", err.text);
    assert_string_equal(out.body_html.ptr, html);
    assert_string_equal(out.body_text.ptr, text);
    assert_int_equal(out.shortened, shortened);
    arena_free(a);
}

static const struct article_options full = {.mode = ARTICLE_FULL};
static const struct article_options summary = {.mode = ARTICLE_SUMMARY};
static const struct article_options titles = {.mode = ARTICLE_TITLES};

static void test_full(void **state) {
    (void)state;
    struct article_input in = {.body = STR("<h2>A</h2><p onclick=x>b <a href=c>d</a>"),
                               .summary = STR("s"),
                               .url = STR("https://example.org/n/1")};
    struct arena *a = arena_new();
    struct plain_links links;
    plain_links_init(&links, a);
    struct article_options o = {.mode = ARTICLE_FULL, .links = &links};
    check(in, o, "<h4>A</h4>\n<p>b <a href=\"https://example.org/n/c\">d</a></p>\n", "A\n\nb d [1]\n", false);
    in.body = STR("*b* <https://example.org/e>\n\n[f](/g)");
    in.body_format = ARTICLE_MARKDOWN;
    check(in, o,
          "<p><em>b</em> <a href=\"https://example.org/e\">https://example.org/e</a></p>\n"
          "<p><a href=\"https://example.org/g\">f</a></p>\n",
          "b https://example.org/e\n\nf [2]\n", false);
    assert_int_equal(links.count, 2);
    in.body = STR("<b> & (https://example.org/x?a=1&b=2).\n\nTwo\nlines");
    in.body_format = ARTICLE_TEXT;
    check(in, o,
          "<p>&lt;b&gt; &amp; (<a "
          "href=\"https://example.org/x?a=1&amp;b=2\">https://example.org/x?a=1&amp;b=2</a>).</p>\n"
          "<p>Two<br />lines</p>\n",
          "<b> & (https://example.org/x?a=1&b=2).\n\nTwo\nlines\n", false);
    /* nothing to be seen in the body: the summary */
    in.body = STR("<p> </p><script>x</script>");
    in.body_format = ARTICLE_HTML;
    check(in, o, "<p>s</p>\n", "s\n", false);
    check((struct article_input){0}, full, "", "", false);
    arena_free(a);
}

static void test_given_summary(void **state) {
    (void)state;
    struct article_input in = {.body = STR("<p>body"), .summary = STR("5 < 6 & so on\nis short")};
    check(in, summary, "<p>5 &lt; 6 &amp; so on</p>\n<p>is short</p>\n", "5 < 6 & so on\n\nis short\n", true);
    in.summary = STR("<p>One <b>two</b> <a href=/x>three</a>&hellip;</p><p>Four<script>x</script>:</p>");
    check(in, summary, "<p>One two three…</p>\n<p>Four:</p>\n", "One two three…\n\nFour:\n", true);
    in.summary = STR("Fish &amp; chips");
    check(in, summary, "<p>Fish &amp; chips</p>\n", "Fish & chips\n", true);
    in.summary = STR(" <p>&nbsp;</p> ");
    check(in, summary, "<p>body</p>\n", "body\n", false);
    in = (struct article_input){.summary = STR("s")};
    check(in, summary, "<p>s</p>\n", "s\n", false);
}

static void test_made_summary(void **state) {
    (void)state;
    struct article_options o = {.mode = ARTICLE_SUMMARY, .summary_chars = 60};
    struct article_input in = {
        .lang = "en",
        .body = STR(
            "<h2>Head</h2><figure><img src=x alt=y></figure><p>One sentence stands here. <a href=/x>Another</a> one "
            "goes on for much too long to be taken.<p>More.")};
    check(in, o, "<p>One sentence stands here.</p>\n", "One sentence stands here.\n", true);
    /* short: all of it */
    in.body = STR("<p>Short &amp; good.<p>Two.");
    check(in, o, "<p>Short &amp; good.</p>\n<p>Two.</p>\n", "Short & good.\n\nTwo.\n", false);
    /* something that is no prose was left out */
    in.body = STR("<p>Short.<pre>code</pre>");
    check(in, o, "<p>Short.</p>\n", "Short.\n", true);
    /* nothing but such: then that */
    in.body = STR("<ul><li>a<li>b</ul>");
    check(in, o, "<p>- a</p>\n<p>- b</p>\n", "- a\n\n- b\n", false);
    /* what is announced by a colon and left out is not announced */
    in.body = STR("<p>It is here. Get it with:<pre>code</pre><p>More text follows that one.");
    check(in, (struct article_options){.mode = ARTICLE_SUMMARY, .summary_chars = 30}, "<p>It is here.</p>\n",
          "It is here.\n", true);
    in.body = STR("<p>First paragraph of it.<p>Highlights:<ul><li>a</ul><p>z");
    check(in, o, "<p>First paragraph of it.</p>\n", "First paragraph of it.\n", true);
    in = (struct article_input){
        .lang = "bo", .body = STR("<h2>སྔོན་བརྗོད།</h2><p>དེ་ནི་མིའི་རིགས་ཀྱི་བསམ་ཚུལ་བཟང་པོ། དང་མི་མཐུན་པའི་གནས་ཚུལ་ཞིག་བྱུང་བ་རེད།</p>")};
    check(in, (struct article_options){.mode = ARTICLE_SUMMARY, .summary_chars = 30},
          "<p>དེ་ནི་མིའི་རིགས་ཀྱི་བསམ་ཚུལ་བཟང་པོ།</p>\n", "དེ་ནི་མིའི་རིགས་ཀྱི་བསམ་ཚུལ་བཟང་པོ།\n", true);
    in = (struct article_input){.lang = "zh", .body = STR("第一句在这里。第二句在这里也很长。")};
    check(in, (struct article_options){.mode = ARTICLE_SUMMARY, .summary_chars = 10}, "<p>第一句在这里。</p>\n",
          "第一句在这里。\n", true);
}

static void test_titles(void **state) {
    (void)state;
    struct arena *a = arena_new();
    struct article_output out;
    struct article_input in = {.title = STR(" A <b>bold</b> &amp; brave\n title<script>x</script> "), .body = STR("b")};
    check(in, titles, "", "", true);
    assert_int_equal(article_render(&in, &titles, a, &out, NULL), OK);
    assert_string_equal(out.title.ptr, "A bold & brave title");
    in.title = STR("a < b\n c & d");
    assert_int_equal(article_render(&in, &titles, a, &out, NULL), OK);
    assert_string_equal(out.title.ptr, "a < b c & d");
    /* what only looks like a tag is text */
    static const char *const plain[] = {
        "vector<int> and <T>", "mail <a@b.example> now",  "x <y and z> w", "<<News>>", "a <https://x.example/y>",
        "I <3 you >",          "the <title> of <script>", "<\u0431>"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        in.title = str_from(plain[i]);
        assert_int_equal(article_render(&in, &titles, a, &out, NULL), OK);
        assert_string_equal(out.title.ptr, plain[i]);
    }
    static const char *const html[] = {
        "<B>t</b>", "t<br/>", "<font size=1>t</font>", "<my-tag>t</my-tag>", "t</p>", "<o:p>t</o:p>", "<!-- c -->t"};
    for (size_t i = 0; i < sizeof html / sizeof *html; i++) {
        in.title = str_from(html[i]);
        assert_int_equal(article_render(&in, &titles, a, &out, NULL), OK);
        assert_string_equal(out.title.ptr, "t");
    }
    arena_free(a);
}

static void test_errors(void **state) {
    (void)state;
    struct buf big = BUF_INIT;
    struct arena *a = arena_new();
    struct article_output out;
    struct error err = {0};
    while (big.len <= CLEAN_INPUT_MAX)
        buf_adds(&big, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ");
    struct article_input in = {.body = buf_str(&big), .body_format = ARTICLE_TEXT};
    assert_int_equal(article_render(&in, &full, a, &out, &err), ERR_DATA);
    assert_string_equal(err.text, "the text is larger than 1024 KiB");
    in.body_format = ARTICLE_HTML;
    assert_int_equal(article_render(&in, &full, a, &out, &err), ERR_DATA);
    assert_string_equal(err.text, "the HTML is larger than 1024 KiB");
    /* a body that isn't shown isn't read */
    in.summary = STR("s");
    assert_int_equal(article_render(&in, &summary, a, &out, &err), OK);
    assert_string_equal(out.body_text.ptr, "s\n");
    buf_release(&big);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),   cmocka_unit_test(test_given_summary), cmocka_unit_test(test_made_summary),
        cmocka_unit_test(test_titles), cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
