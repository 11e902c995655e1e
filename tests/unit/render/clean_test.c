/* Cleaning HTML: what gets through, in which shape, and what never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/clean.h"

struct pair {
    const char *in, *out;
};

static void check_with(const struct clean_options *o, struct str in, const char *out) {
    struct buf once = BUF_INIT, twice = BUF_INIT;
    struct error err = {0};
    assert_int_equal(clean_html(in, o, &once, &err), OK);
    if (strcmp(buf_cstr(&once), out) != 0)
        print_message("in: %.*s\n", STR_ARG(in));
    assert_string_equal(buf_cstr(&once), out);
    if (!o || o->images != IMAGES_EMBED) {
        assert_int_equal(clean_html(buf_str(&once), o, &twice, &err), OK);
        assert_string_equal(buf_cstr(&twice), out);
    }
    buf_release(&once);
    buf_release(&twice);
}

static const struct clean_options based = {.base_url = {"https://example.org/a/b", 23}, .images = IMAGES_LINK};

static void check_all(const struct clean_options *o, const struct pair *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        check_with(o, str_from(p[i].in), p[i].out);
}

#define CHECK(o, pairs) check_all(o, pairs, sizeof pairs / sizeof *pairs)

/* Known ways to smuggle a script, a form or a foreign resource. */
static void test_attacks(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"<script>alert(1)</script>x", "<p>x</p>\n"},
        {"<SCRIPT SRC=//evil.example/x.js></SCRIPT>x", "<p>x</p>\n"},
        {"<img src=x onerror=alert(1)>", "<p><img src=\"https://example.org/a/x\" alt=\"\" /></p>\n"},
        {"<img src=\"javascript:alert(1)\" alt=a>", "<p>a</p>\n"},
        {"<IMG SRC=`javascript:alert(\"x\")`>", ""},
        {"<IMG \"\"\"><SCRIPT>alert(\"XSS\")</SCRIPT>\"\\>", "<p>\"\\&gt;</p>\n"},
        {"<img src=data:image/svg+xml;base64,AAAA alt=d>", "<p>d</p>\n"},
        {"<a href=\"javascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"JaVaScRiPt:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\" &#14;  javascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"jav&#x09;ascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"jav&#x0A;ascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a "
         "href=\"&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#"
         "0000058alert(1)\">x</a>",
         "<p>x</p>\n"},
        {"<a href=\"javascript&colon;alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"java&#0;script:alert(1)\">x</a>", "<p><a href=\"https://example.org/a/java\">x</a></p>\n"},
        {"<a href=\"vbscript:msgbox(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"data:text/html,<script>alert(1)</script>\">x</a>", "<p>x</p>\n"},
        {"<a href=\"feed:javascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"view-source:https://example.org/\">x</a>", "<p>x</p>\n"},
        {"<a href=\"https:javascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<a href=\"http://user:pass@example.org/\">x</a>", "<p>x</p>\n"},
        {"<a href=\"https://example.org\\@evil.example/\">x</a>", "<p>x</p>\n"},
        {"<a href=\"//evil.example/x\">x</a>", "<p><a href=\"https://evil.example/x\">x</a></p>\n"},
        {"<a href=\"https://exam%70le.org/\">x</a>", "<p>x</p>\n"},
        {"<a href=\"https://example.org/&quot;onmouseover=alert(1) x=&quot;\">x</a>",
         "<p><a href=\"https://example.org/%22onmouseover=alert(1)%20x=%22\">x</a></p>\n"},
        {"<a href='https://example.org/\"><script>alert(1)</script>'>x</a>",
         "<p><a href=\"https://example.org/%22%3E%3Cscript%3Ealert(1)%3C/script%3E\">x</a></p>\n"},
        {"<a href=https://example.org/ onclick=alert(1) style=\"x:expression(alert(1))\" class=c id=i target=_blank "
         "rel=opener>x</a>",
         "<p><a href=\"https://example.org/\">x</a></p>\n"},
        {"<a href=\"mailto:a@example.org?subject=x%0d%0aBcc:b@example.org\">x</a>", "<p>x</p>\n"},
        {"<a href=\"mailto:a@example.org\">x</a>", "<p><a href=\"mailto:a@example.org\">x</a></p>\n"},
        {"<a href=\"tel:+41 44 000 00 00\">x</a>", "<p><a href=\"tel:+41440000000\">x</a></p>\n"},
        {"<a href=\"tel:javascript\">x</a>", "<p>x</p>\n"},
        {"<svg onload=alert(1)><p>y</p></svg>x", "<p>x</p>\n"},
        {"<svg><script>alert(1)</script></svg>x", "<p>x</p>\n"},
        {"<svg><style><img src=x onerror=alert(1)></style></svg>x", "<p>x</p>\n"},
        {"<math href=\"javascript:alert(1)\">y</math>x", "<p>x</p>\n"},
        {"<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">y</noscript>x", "<p>x</p>\n"},
        {"<template><img src=x onerror=alert(1)></template>x", "<p>x</p>\n"},
        {"<iframe src=\"javascript:alert(1)\"></iframe>x", "<p>x</p>\n"},
        {"<iframe srcdoc=\"<script>alert(1)</script>\">y</iframe>x", "<p>x</p>\n"},
        {"<object data=\"x.swf\"><param name=a><b>y</b></object>x", "<p>x</p>\n"},
        {"<embed src=\"x.swf\">x", "<p>x</p>\n"},
        {"<form action=x><input name=a "
         "value=b><button>y</button><select><option>z</select><textarea>t</textarea><p>x</p></form>",
         "<p>x</p>\n"},
        {"<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">x", "<p>x</p>\n"},
        {"<base href=\"https://evil.example/\"><a href=\"a\">x</a>",
         "<p><a href=\"https://example.org/a/a\">x</a></p>\n"},
        {"<link rel=stylesheet href=x>x", "<p>x</p>\n"},
        {"<style>p{background:url(javascript:alert(1))}</style>x", "<p>x</p>\n"},
        {"<style><!--</style><script>alert(1)</script>-->x", "<p>--&gt;x</p>\n"},
        {"<div style=\"background-image:url(javascript:alert(1))\">x</div>", "<p>x</p>\n"},
        {"<title><script>alert(1)</script></title>x", "<p>x</p>\n"},
        {"<textarea><script>alert(1)</script></textarea>x", "<p>x</p>\n"},
        {"<!--[if gte IE 4]><script>alert(1)</script><![endif]-->x", "<p>x</p>\n"},
        {"<!-- --!><script>alert(1)</script> -->x", "<p>--&gt;x</p>\n"},
        {"<?xml version=\"1.0\"?><?php echo 1 ?>x", "<p>x</p>\n"},
        {"<<script>alert(1);//<</script>x", "<p>&lt;</p>\n<p>x</p>\n"},
        {"<b/onmouseover=alert(1)>x</b>", "<p><b>x</b></p>\n"},
        {"<b onmouseover\n=\nalert(1)>x</b>", "<p><b>x</b></p>\n"},
        {"<x onclick=alert(1)>x</x>", "<p>x</p>\n"},
        {"<body onload=alert(1)>x</body>", "<p>x</p>\n"},
        {"<html onload=alert(1)><head><title>y</title></head><body>x</body></html>", "<p>x</p>\n"},
        {"<table background=\"javascript:alert(1)\"><tr><td background=x>x</table>",
         "<table role=\"presentation\">\n<tr>\n<td>x</td>\n</tr>\n</table>\n"},
        {"<video src=x onerror=alert(1)><source src=y>y</video>x", "<p>x</p>\n"},
        {"<details open ontoggle=alert(1)><summary>s</summary>x</details>", "<p>s</p>\n<p>x</p>\n"},
        {"<marquee onstart=alert(1)>x</marquee>", "<p>x</p>\n"},
        {"<isindex action=\"javascript:alert(1)\">x", "<p>x</p>\n"},
        {"<p lang='\"><script>alert(1)</script>'>x</p>", "<p>x</p>\n"},
        {"<p dir=\"ltr onload=alert(1)\">x</p>", "<p>x</p>\n"},
        {"<td colspan=\"9999999999\">x</td>", "<p>x</p>\n"},
        {"<a href=\"https://example.org/\" href=\"javascript:alert(1)\">x</a>",
         "<p><a href=\"https://example.org/\">x</a></p>\n"},
        {"<a href=\"javascript:alert(1)\" href=\"https://example.org/\">x</a>", "<p>x</p>\n"},
        {"<a<b href=javascript:alert(1)>x</a>", "<p>x</p>\n"},
        {"<a xlink:href=\"javascript:alert(1)\">x</a>", "<p>x</p>\n"},
        {"<img src=\"https://example.org/a.png\" srcset=\"javascript:alert(1) 2x\" alt='\"><script>'>",
         "<p><img src=\"https://example.org/a.png\" alt=\"&quot;&gt;&lt;script&gt;\" /></p>\n"},
        {"<img src=\"https://example.org/t.gif\" width=1 height=1>x", "<p>x</p>\n"},
        {"<p hidden>y</p>x", "<p>x</p>\n"},
        /* pixels and what a style hides, whatever the spelling; what is only styled stays */
        {"<img src=/t.gif style='display:none' alt=y>x", "<p>x</p>\n"},
        {"<img src=/t.gif style='border:0; HEIGHT : 1px!important;width:1px'>x", "<p>x</p>\n"},
        {"<img src=/t.gif width='1px'>x<img src=/t.gif height=0>", "<p>x</p>\n"},
        {"<div style='color:red;Visibility: hidden'>y<p>y</p></div>x", "<p>x</p>\n"},
        {"<span style='display:none !important'>y</span>x", "<p>x</p>\n"},
        {"<p style='display:block;opacity:.9;width:1px'>x</p>", "<p>x</p>\n"},
        {"<p style='display'>x</p><p style=':none;;display:'>y</p>", "<p>x</p>\n<p>y</p>\n"},
        {"<img src=data:image/gif;base64,R0 data-src=/p.jpg alt=y>",
         "<p><img src=\"https://example.org/p.jpg\" alt=\"y\" /></p>\n"},
        {"<img src=/p.jpg data-original='javascript:alert(1)' alt=y>",
         "<p><img src=\"https://example.org/p.jpg\" alt=\"y\" /></p>\n"},
        {"<img src=/t.gif style='width:100%;height:1em' alt=y>",
         "<p><img src=\"https://example.org/t.gif\" alt=\"y\" /></p>\n"},
        {"<plaintext>y", ""},
        {"<xmp><img src=x onerror=alert(1)></xmp>x", "<p>x</p>\n"},
        {"&lt;script&gt;alert(1)&lt;/script&gt;", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"},
        {"<p>a<p/onclick=alert(1)>b", "<p>a</p>\n<p>b</p>\n"},
        {"</p><p></br>x", "<p>x</p>\n"},
        {"<img src=\"https://example.org/x.png", "<p><img src=\"https://example.org/x.png\" alt=\"\" /></p>\n"},
        {"<a href=\"https://example.org/x>y</a><b>z", ""},
    };
    CHECK(&based, pairs);
}

static void test_shape(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"", ""},
        {" \n ", ""},
        {"text", "<p>text</p>\n"},
        {"<p></p><p> </p><b></b><ul></ul><table><tr><td></td></tr></table><p><br></p>", ""},
        {"<p>a<div>b<p>c</div>d", "<p>a</p>\n<p>b</p>\n<p>c</p>\n<p>d</p>\n"},
        /* an inline element around blocks is repeated in each */
        {"<a href=/x><h2>T</h2><p>a</p></a>", "<h4><a href=\"https://example.org/x\">T</a></h4>\n"
                                              "<p><a href=\"https://example.org/x\">a</a></p>\n"},
        {"<b>a<section>b</section></b>c", "<p><b>a</b></p>\n<p><b>b</b></p>\n<p>c</p>\n"},
        {"<b><b>a</b></b><sub><sub>b</sub></sub>", "<p><b>a</b><sub><sub>b</sub></sub></p>\n"},
        /* white space stands between elements */
        {"<p> a <b> b </b>\n<i>c</i> <br> d </p>", "<p>a <b>b</b> <i>c</i><br />d</p>\n"},
        {"a<br><br><br><br>b<br>", "<p>a<br /><br />b</p>\n"},
        {"<pre>\n\n a\n\tb  \n</pre>", "<pre> a\n\tb</pre>\n"},
        {"<pre><code>x<br>y</code></pre>", "<pre><code>x\ny</code></pre>\n"},
        {"<h2><div lang=fr>a</div><div>b</div></h2>", "<h4><span lang=\"fr\">a</span> b</h4>\n"},
        /* lists */
        {"<li>a<li>b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
        {"<ul>a<p>b</p><li>c</ul>", "<ul>\n<li>a<p>b</p>\n</li>\n<li>c</li>\n</ul>\n"},
        {"<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"},
        {"<ul><li>a<p></p>b</ul>", "<ul>\n<li>a<br />b</li>\n</ul>\n"},
        {"<ol start=3 type=A><li value=9>x</ol><ol start=x><li>y</ol>",
         "<ol start=\"3\">\n<li>x</li>\n</ol>\n<ol>\n<li>y</li>\n</ol>\n"},
        {"<dt>a<dd>b", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>\n"},
        /* tables: with headers data, else layout */
        {"<table border=1><tr><td colspan=2 rowspan=x>a</table>",
         "<table role=\"presentation\">\n<tr>\n<td colspan=\"2\">a</td>\n</tr>\n</table>\n"},
        {"<table role=none><caption>c</caption><tfoot><tr><th scope=ROW>a<td></table>",
         "<table>\n<caption>c</caption>\n<tbody>\n<tr>\n<th scope=\"row\">a</th>\n<td></td>\n</tr>\n</tbody>\n"
         "</table>\n"},
        {"<table><tr><td><table><tr><th>h</table></table>",
         "<table role=\"presentation\">\n<tr>\n<td><table>\n<tr>\n<th>h</th>\n</tr>\n</table>\n</td>\n</tr>\n"
         "</table>\n"},
        {"<table>x<tr>y</table>", "<table role=\"presentation\">\n<tr>\n<td>x</td>\n</tr>\n<tr>\n<td>y</td>\n</tr>\n"
                                  "</table>\n"},
        {"<figure><img src=a.png alt=A><figcaption>c</figcaption></figure>",
         "<figure><img src=\"https://example.org/a/a.png\" alt=\"A\" /><figcaption>c</figcaption>\n</figure>\n"},
        {"<hr class=x>a<hr>", "<hr />\n<p>a</p>\n<hr />\n"},
        {"<ruby>b<rp>(<rt>t<rp>)</ruby><rt>u</rt>", "<p><ruby>b<rp>(</rp><rt>t</rt><rp>)</rp></ruby>u</p>\n"},
        {"<section lang=fr>a</section><span>b</span><font lang=de>c</font><bdo>d</bdo><bdo dir=RTL>e</bdo>",
         "<div lang=\"fr\">\n<p>a</p>\n</div>\n<p>b<span lang=\"de\">c</span>d<bdo dir=\"rtl\">e</bdo></p>\n"},
        {"<p lang=zh-Hant-TW dir=auto>a<p lang=-x>b<p xml:lang=bo>c",
         "<p lang=\"zh-Hant-TW\" dir=\"auto\">a</p>\n<p>b</p>\n<p lang=\"bo\">c</p>\n"},
        {"a < b & c &amp;lt; &copy;&#128512;&apos;\"", "<p>a &lt; b &amp; c &amp;lt; ©😀'\"</p>\n"},
        {"long<wbr>word<picture><source srcset=x><img src=x alt=y></picture>z",
         "<p>longword<img src=\"https://example.org/a/x\" alt=\"y\" />z</p>\n"},
    };
    CHECK(&based, pairs);
}

static void test_headings(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"<h1>a</h1>", "<h4>a</h4>\n"},
        {"<h6>a</h6><h2>b</h2><h5>c</h5>", "<h4>a</h4>\n<h4>b</h4>\n<h5>c</h5>\n"},
        {"<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h2>e</h2>",
         "<h4>a</h4>\n<h5>b</h5>\n<h6>c</h6>\n<h6>d</h6>\n<h5>e</h5>\n"},
        {"<h1></h1><h3>a</h3><h5>b</h5>", "<h4>a</h4>\n<h5>b</h5>\n"},
    };
    CHECK(NULL, pairs);
}

static void test_links(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"<a href='x y?q=1&r=ü#é'>t</a>",
         "<p><a href=\"https://example.org/a/x%20y?q=1&amp;r=%C3%BC#%C3%A9\">t</a></p>\n"},
        {"<a href=../../c/./d/..>t</a>", "<p><a href=\"https://example.org/c/\">t</a></p>\n"},
        {"<a href=?q>t</a><a href='#f'>u</a>",
         "<p><a href=\"https://example.org/a/b?q\">t</a><a href=\"https://example.org/a/b#f\">u</a></p>\n"},
        {"<a href=HTTP://Example.ORG:80>t</a>", "<p><a href=\"http://example.org:80\">t</a></p>\n"},
        {"<a href='http://[2001:db8::1]/'>t</a>", "<p><a href=\"http://[2001:db8::1]/\">t</a></p>\n"},
        {"<a href=''>t</a><a>u</a>", "<p>tu</p>\n"},
        {"<a href='https://例え.example/路'>t</a>", "<p><a href=\"https://例え.example/%E8%B7%AF\">t</a></p>\n"},
        {"<a href='https://a\xe2\x80\xae.example/'>t</a>", "<p>t</p>\n"},
        /* no name: the host, or nothing around a picture */
        {"<a href=/x>&nbsp;</a>", "<p><a href=\"https://example.org/x\">example.org</a></p>\n"},
        {"a<a href=/x> </a>b", "<p>a b</p>\n"},
        {"<a href=/x><img src=y></a>", "<p><img src=\"https://example.org/a/y\" alt=\"\" /></p>\n"},
        {"<a href=/x><img src=y alt=Z></a>",
         "<p><a href=\"https://example.org/x\"><img src=\"https://example.org/a/y\" alt=\"Z\" /></a></p>\n"},
        {"<a href=/x>a<span><a href=/y>b</a></span>c</a>",
         "<p><a href=\"https://example.org/x\">a</a><a href=\"https://example.org/y\">b</a><a "
         "href=\"https://example.org/x\">c</a></p>\n"},
    };
    CHECK(&based, pairs);
    check_with(NULL, STR("<a href=/x>t</a> <a href=//example.org/x>u</a> <a href=https://example.org/>v</a>"),
               "<p>t u <a href=\"https://example.org/\">v</a></p>\n");
}

static struct str as_cid(void *arg, struct str url) {
    (void)arg;
    return str_ends(url, STR("x.png")) ? STR("cid:x@example.org") : STR_NONE;
}

static void test_pictures(void **state) {
    (void)state;
    struct str in = STR("<p>a<img src='https://example.org/x.png' alt=' The\n x '>b<img src=https://example.org/y.png "
                        "alt=Y><img src='cid:z' alt=Z>");
    struct clean_options o = {.images = IMAGES_NONE};
    check_with(&o, in, "<p>aThe xbYZ</p>\n");
    check_with(NULL, in, "<p>aThe xbYZ</p>\n");
    o.images = IMAGES_LINK;
    check_with(&o, in,
               "<p>a<img src=\"https://example.org/x.png\" alt=\"The x\" />b<img "
               "src=\"https://example.org/y.png\" alt=\"Y\" />Z</p>\n");
    o.images = IMAGES_EMBED;
    check_with(&o, in, "<p>aThe xbYZ</p>\n");
    o.picture = as_cid;
    check_with(&o, in, "<p>a<img src=\"cid:x@example.org\" alt=\"The x\" />bYZ</p>\n");
}

static void test_encodings(void **state) {
    (void)state;
    check_with(NULL, STR("\xef\xbb\xbf<p>\xff latin \xe9 <b>\xc3"),
               "<p>\xef\xbf\xbd latin \xef\xbf\xbd <b>\xef\xbf\xbd</b></p>\n");
    check_with(NULL,
               STR("a\0b\x01"
                   "c\x7f"
                   "d\xc2\x81"
                   "e&#1;&#0;f"),
               "<p>abcdef</p>\n");
    check_with(
        NULL,
        STR("1&comma;2&period; &ccaron;&Acy; &copy 1 &nbsp&amp x&lt y &notaname; &reg=1 &copyx &AMP;lt; &LT;b&GT;"),
        "<p>1,2. \u010d\u0410 \u00a9 1 \u00a0&amp; x&lt; y &amp;notaname; &amp;reg=1 &amp;copyx &amp;lt; "
        "&lt;b&gt;</p>\n");
    check_with(NULL,
               STR("<a href='javascript&colon;alert(1)'>x</a><a href='https://a.example/?a=1&copy=2&reg&amp;x'>y</a>"),
               "<p>x<a href=\"https://a.example/?a=1&amp;copy=2%C2%AE&amp;x\">y</a></p>\n");
    /* windows-1252 taken for Latin-1, as the web reads it */
    check_with(NULL,
               STR("It&#146;s&#x85; \xc2\x93q\xc2\x94 &#150; &#128;&#129;<img src=https://a.example/ alt='&#145;'>"),
               "<p>It\u2019s\u2026 \u201cq\u201d \u2013 \u20ac\u2018</p>\n");
    /* a declared charset is not believed: the text is UTF-8 */
    check_with(NULL, STR("<meta charset=iso-8859-1><meta http-equiv=content-type content='text/html;charset=gbk'>ü"),
               "<p>ü</p>\n");
    /* marks of direction and joiners are text */
    check_with(NULL, STR("<p dir=rtl lang=fa>می\xe2\x80\x8cخواهم\xe2\x80\x8f</p>"),
               "<p lang=\"fa\" dir=\"rtl\">می\xe2\x80\x8cخواهم\xe2\x80\x8f</p>\n");
}

static void test_limits(void **state) {
    (void)state;
    static const char *const units[] = {"<b>",
                                        "<div>",
                                        "<p>",
                                        "<ul><li>",
                                        "<table><tr><td>",
                                        "<svg>",
                                        "<a b='>",
                                        "<a href=/x>x",
                                        "<i a",
                                        "</b>",
                                        "<!--",
                                        "<?",
                                        "&",
                                        "<select>",
                                        "<html a=b>",
                                        "<x>",
                                        "<td>",
                                        "<a a=\"",
                                        "<ruby>x<rt>",
                                        "<blockquote>",
                                        "<span lang=en>x<p>"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buf in = BUF_INIT, out = BUF_INIT;
        struct error err = {0};
        while (in.len < 100000)
            buf_adds(&in, units[i]);
        int64_t start = clock_mono_ns();
        enum status status = clean_html(buf_str(&in), &based, &out, &err);
        /* 0.01 s here; the bound leaves room for sanitizers and a busy machine */
        assert_true(clock_mono_ns() - start < INT64_C(2000000000));
        assert_true(status == OK || (status == ERR_DATA && err.text[0] && out.len == 0));
        buf_release(&in);
        buf_release(&out);
    }
    struct buf in = BUF_INIT, out = BUF_INIT;
    struct error err = {0};
    for (int i = 0; i < 1000; i++)
        buf_adds(&in, "<div>");
    buf_adds(&in, "deep");
    assert_int_equal(clean_html(buf_str(&in), NULL, &out, &err), OK);
    assert_string_equal(buf_cstr(&out), "<p>deep</p>\n");
    buf_clear(&in);
    buf_clear(&out);
    while (in.len <= CLEAN_INPUT_MAX)
        buf_adds(&in, "0123456789abcdef");
    buf_adds(&out, "kept");
    assert_int_equal(clean_html(buf_str(&in), NULL, &out, &err), ERR_DATA);
    assert_string_equal(err.text, "the HTML is larger than 1024 KiB");
    assert_string_equal(buf_cstr(&out), "kept");
    buf_release(&in);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks), cmocka_unit_test(test_shape),    cmocka_unit_test(test_headings),
        cmocka_unit_test(test_links),   cmocka_unit_test(test_pictures), cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
