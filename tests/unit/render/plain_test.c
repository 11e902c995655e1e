/* Plain text from HTML: what people read, and that a reader's program can wrap it anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/utf8.h"
#include "render/clean.h"
#include "render/flow.h"
#include "render/plain.h"
#include "text/width.h"

/* HTML → clean → plain, with links under it. */
static void check(const char *lang, const char *html, const char *text) {
    struct buf clean = BUF_INIT, out = BUF_INIT;
    struct arena *a = arena_new();
    struct plain_links links;
    struct plain_options o = {.lang = lang};
    struct clean_options co = {.base_url = STR("https://example.org/"), .images = IMAGES_LINK};
    plain_links_init(&links, a);
    assert_int_equal(clean_html(str_from(html), &co, &clean, NULL), OK);
    assert_int_equal(plain_from_html(buf_str(&clean), &o, &links, &out, NULL), OK);
    plain_links_write(&links, 1, &out);
    assert_string_equal(buf_cstr(&out), text);
    buf_release(&clean);
    buf_release(&out);
    arena_free(a);
}

static void test_blocks(void **state) {
    (void)state;
    check(NULL, "", "");
    check(NULL, "<h1>Head</h1><p>a</p><p>b<br>c", "Head\n\na\n\nb\nc\n");
    check(NULL, "a<hr>b", "a\n\nb\n");
    check(NULL, "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n   - c\n- d\n\ne\n");
    check(NULL, "<ol start=9><li>a<li><p>b<p>c<li>d</ol>", "9. a\n10. b\n\n     c\n\n11. d\n");
    check(NULL, "<ul><li><p>a<li><p>b</ul>", "- a\n\n- b\n");
    check(NULL, "<dl><dt>T<dd>D<dt>U<dd>E</dl>", "T\n   D\nU\n   E\n");
    check(NULL, "a<blockquote><p>b<p>c<blockquote>d</blockquote></blockquote>e", "a\n\n> b\n>\n> c\n>\n>> d\n\ne\n");
    check(NULL, "<pre>x  \n  y\n\n&gt;z\nFrom me\n-- \n</pre>", "x\n   y\n\n >z\n From me\n--\n");
    check(NULL, "<ul><li><pre>x\n y</pre></ul>", "-\n   x\n    y\n");
    check(NULL, "<p><img src=a alt='A &amp; B'> <img src=b>c</p>", "[A & B] c\n");
    check(NULL, "<figure><img src=a alt=A><figcaption>C</figcaption></figure>", "[A]\n\nC\n");
    check("ja", "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <q>x</q>", "漢(kan) “x”\n");
    check(NULL, "From a<br>&gt; b<br>Fromage", " From a\n > b\nFromage\n");
    check(NULL, "&lt;p&gt; &amp;amp; \"", "<p> &amp; \"\n");
    check(NULL, "10<sup>12</sup> H<sub>2</sub>O m<sup>-1</sup> 1<sup>st</sup> x<sup>2n</sup><sup>-</sup>",
          "10¹² H₂O m⁻¹ 1st x2n-\n");
    check(NULL, "said<sup><a href=/n>3</a></sup> so", "said³ [1] so\n[1] https://example.org/n\n");
}

static void test_tables(void **state) {
    (void)state;
    check(NULL, "<table><caption>V</caption><tr><th>Name<th>Yes:<tr><td>A<td>1<tr><td>B<td><tr><td>C<td>3</table>z",
          "V\n\nName: A\nYes: 1\n\nName: B\n\nName: C\nYes: 3\n\nz\n");
    check(NULL, "<table><tr><th colspan=2>H<th>I<tr><td>a<td>b<td>c</table>", "H: a\nH: b\nI: c\n");
    check(NULL, "<table><tr><td>a<td>b<tr><td><td>c</table>", "a; b\nc\n");
    /* a cell of several rows is said in each; headers of several rows become one */
    check(NULL, "<table><tr><th>N<th>Y<tr><td rowspan=2>a<td>1<tr><td>2<tr><td>b<td>3</table>",
          "N: a\nY: 1\n\nN: a\nY: 2\n\nN: b\nY: 3\n");
    check(NULL, "<table><tr><td>a<td rowspan=2>x<tr><td>b<tr><td>c<td>y</table>", "a; x\nb; x\nc; y\n");
    check(NULL,
          "<table><tr><th rowspan=2>N<th colspan=2>G<tr><th>A<th>B<tr><td>n<td>1<td>2<tr><th>all<td colspan=2>3"
          "</table>",
          "N: n\nG A: 1\nG B: 2\n\nN: all\nG A: 3\n");
    check(NULL, "<table><tr><th>a<th>b<tr><th>c<th>d</table>", "a: c\nb: d\n");
    check(NULL, "<table><tr><td rowspan=99 colspan=99>a<tr><td>b<tr></table>", "a\na; b\n");
    check(NULL, "<table><tr><th>R<td>x<td>y</table>", "R: x; y\n");
    check(NULL, "<table><tr><td><p>a<p>b<td><ul><li>c</ul></table>d", "a\n\nb\n\n- c\n\nd\n");
    check(NULL, "<table><tr><td><table><tr><th>h<tr><td>x</table></table>", "h: x\n");
    check(NULL, "<table><tr><td>a <a href=/x>l</a><br>b</table>", "a l [1] b\n[1] https://example.org/x\n");
}

static void test_links(void **state) {
    (void)state;
    check(
        NULL,
        "<a href=/x>one</a> <a href=/y>two</a> <a href=/x>again</a> <a href=/z><img src=i alt=pic></a>"
        "<p><a href=https://example.org/q>https://example.org/q</a> <a href=https://www.example.org/q>example.org/q</a>"
        " <a href=mailto:a@example.org>a@example.org</a> <a href='/x?a=1&amp;b=2'>q</a>",
        "one [1] two [2] again [1] [pic] [3]\n\nhttps://example.org/q https://www.example.org/q a@example.org q [4]\n"
        "[1] https://example.org/x\n[2] https://example.org/y\n[3] https://example.org/z\n"
        "[4] https://example.org/x?a=1&b=2\n");
    /* numbering goes on, a list may be written in parts; without one there are no numbers */
    struct arena *a = arena_new();
    struct plain_links l;
    struct buf out = BUF_INIT;
    plain_links_init(&l, a);
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 1; i <= 500; i++) {
            char url[64];
            snprintf(url, sizeof url, "https://example.org/%zu", i);
            assert_int_equal(plain_links_number(&l, str_from(url)), i);
        }
    plain_links_write(&l, 500, &out);
    assert_string_equal(buf_cstr(&out), "[500] https://example.org/500\n");
    buf_clear(&out);
    assert_int_equal(plain_from_html(STR("<p><a href=\"https://example.org/\">t</a></p>"), NULL, NULL, &out, NULL), OK);
    assert_string_equal(buf_cstr(&out), "t\n");
    buf_release(&out);
    arena_free(a);
}

/* What a reader's program makes of flowed text (RFC 3676 4.2, delsp=yes): the paragraphs, without quote marks. */
static void unflow(struct str s, struct buf *out) {
    struct str line;
    if (s.len > 0 && s.ptr[s.len - 1] == '\n')
        s.len--;
    while (str_split(&s, '\n', &line)) {
        while (line.len > 0 && line.ptr[0] == '>')
            line = str_sub(line, 1, line.len);
        if (line.len > 0 && line.ptr[0] == ' ')
            line = str_sub(line, 1, line.len);
        bool soft = str_ends(line, STR(" ")) && !str_eq(line, STR("-- "));
        buf_add(out, str_sub(line, 0, line.len - soft));
        if (!soft && s.ptr)
            buf_addc(out, '\n');
    }
}

static void check_flow(const char *lang, unsigned depth, const char *text) {
    struct buf out = BUF_INIT, back = BUF_INIT;
    struct str rest, line;
    plain_flow(str_from(text), lang, depth, &out);
    unflow(buf_str(&out), &back);
    assert_string_equal(buf_cstr(&back), text);
    rest = buf_str(&out);
    while (str_split(&rest, '\n', &line)) {
        assert_true(utf8_valid(line));
        if (str_search(line, STR("://"), 0) == line.len)
            assert_true(width_of(line) <= 72);
        assert_false(str_eq(line, STR("-- ")));
    }
    buf_release(&out);
    buf_release(&back);
}

static void test_flow(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    static const char *const texts[][2] = {
        {"en",
         "The quick brown fox jumps over the lazy dog and  then From there it goes on > and on, well-known to all "
         "of us, see https://example.org/a/very/long/path/that/is/longer/than/a/line/of/text/and-more?x=y&z=1#f, "
         "and so on -- and on [12], until the end of the paragraph comes."},
        {"zh-Hans",
         "鉴于对人类家庭所有成员的固有尊严及其平等的和不移的权利的承认,乃是世界自由、正义与和平的基础,鉴于对人权的无"
         "视和侮蔑已发展为野蛮暴行,这些暴行玷污了人类的良心"},
        {"th",
         "โดยที่การไม่นำพาและการเหยียดหยามต่อสิทธิมนุษยชนยังผลให้มีการหระทำอันป่าเถื่อนซี่งเป็นการละเมิดมโนธรรมของมนุษยชาติอย่างร้ายแรง"},
        {"bo", "འགྲོ་བ་མིའི་ཐོབ་ཐང་ལ་སྣང་ཆུང་ཁྱད་གསོད་དང༌། དམའ་འབེབས་བྱས་པ་ལ་བརྟེན་ནས་ཀླ་ཀློའི་བྱེད་སྟངས་ཤིག་བྱུང་ཡོད་པ་སྟེ། དེ་ནི་མིའི་རིགས་ཀྱི་བསམ་ཚུལ་"
               "བཟང་པོ་དང་མི་མཐུན་པའི་གནས་ཚུལ་ཞིག་བྱུང་བ་རེད།"},
        {"ar", "لمّا كان الاعتراف بالكرامة المتأصلة في جميع أعضاء الأسرة البشرية وبحقوقهم المتساوية الثابتة هو أساس "
               "الحرية والعدل "
               "والسلام في العالم."},
        {NULL, "> looks quoted\n From\nFrom here\n\n  indented\n--"},
        {NULL, ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (unsigned depth = 0; depth < 4; depth++)
            check_flow(texts[i][0], depth, texts[i][1]);
    /* A soft break is SP LF; the space between two words stands before it. */
    plain_flow(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccc"), "en", 0, &out);
    assert_string_equal(buf_cstr(&out),
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb  \nccccccccccccc\n");
    buf_clear(&out);
    plain_flow(
        STR("see https://example.org/0123456789012345678901234567890123456789012345678901234567890123456789 [1] x"),
        "en", 1, &out);
    assert_string_equal(
        buf_cstr(&out),
        "> see  \n> https://example.org/0123456789012345678901234567890123456789012345678901234567890123456789 [1]  \n"
        "> x\n");
    buf_clear(&out);
    plain_flow(
        STR("请看https://example.org/0123456789012345678901234567890123456789012345678901234567890123456789。再见"),
        "zh", 0, &out);
    assert_string_equal(
        buf_cstr(&out),
        "请看 \nhttps://example.org/0123456789012345678901234567890123456789012345678901234567890123456789。 \n再见\n");
    buf_release(&out);
}

static void test_wrapped_in_place(void **state) {
    (void)state;
    check("en",
          "<blockquote><ul><li>one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
          "</ul></blockquote>",
          "> - one two three four five six seven eight nine ten eleven twelve  \n> thirteen fourteen\n");
}

static void test_text(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    static const char text[] = "Dear all,\n\nthis text was wrapped by hand at some width, as people used\nto do, see "
                               "https://example.org/x (or <b>).\n\r\n- one\r\n- two & three\n\n\n";
    assert_int_equal(plain_from_text(str_from(text), NULL, &out, NULL), OK);
    assert_string_equal(buf_cstr(&out), "Dear all,\n\nthis text was wrapped by hand at some width, as people used to "
                                        "do, see  \nhttps://example.org/x (or <b>).\n\n- one\n- two & three\n");
    buf_release(&out);
}

static void test_prose(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    struct plain_options o = {.unwrapped = true, .prose = true};
    assert_int_equal(plain_from_html(STR("<h4>H</h4>\n<p>a</p>\n<p>b</p>\n<pre>c</pre>\n<ul>\n<li>d</li>\n</ul>\n<p>e"
                                         "<img src=\"x\" alt=\"f\" /></p>\n"),
                                     &o, NULL, &out, NULL),
                     OK);
    assert_string_equal(buf_cstr(&out), "a\n\nb\n\n\ne\n");
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks), cmocka_unit_test(test_tables),           cmocka_unit_test(test_links),
        cmocka_unit_test(test_flow),   cmocka_unit_test(test_wrapped_in_place), cmocka_unit_test(test_text),
        cmocka_unit_test(test_prose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
