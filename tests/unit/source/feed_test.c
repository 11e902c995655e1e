/* What feeds in the wild get wrong, and what attackers put into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/feed_document.h"

struct fixture {
    struct feed f;
    size_t n;
    struct rows_article first, last;
    struct error err;
};

static enum status take(void *ctx, const struct rows_article *e, struct error *err) {
    struct fixture *x = ctx;
    (void)err;
    x->first = x->n++ ? x->first : *e;
    x->last = *e;
    return OK;
}

static int setup(void **state) {
    struct fixture *x = calloc(1, sizeof *x);
    x->f.a = arena_new();
    *state = x;
    return 0;
}

static int teardown(void **state) {
    struct fixture *x = *state;
    arena_free(x->f.a);
    free(x);
    return 0;
}

static enum status parse_bytes(struct fixture *x, struct str bytes, const char *charset) {
    struct arena *a = x->f.a;
    arena_reset(a);
    *x = (struct fixture){
        .f = {.a = a, .url = STR("https://f.example/feed/rss.xml"), .site = STR("https://s.example/")}};
    return feed_parse(&x->f, bytes, str_from(charset), take, x, &x->err);
}

static void parse(struct fixture *x, const char *text) {
    if (parse_bytes(x, str_from(text), NULL) != OK) {
        fail_msg("%s: %s", text, x->err.text);
    }
}

static void is(struct str got, const char *want) {
    if (!str_eq(got, str_from(want)) || (want != NULL) != (got.ptr != NULL)) {
        fail_msg("got '%.*s', want '%s'", STR_ARG(got), want ? want : "nothing");
    }
}

#define RSS(items) "<rss version='2.0'><channel><title>T</title>" items "</channel></rss>"

static void forgives(void **state) {
    struct fixture *x = *state;
    /* bare ampersands, HTML's entities, unknown ones, numbers of windows-1252, control characters */
    parse(x,
          RSS("<item><title>AT&T &eacute; &nosuch; &#146; \x01 &amp;lt;</title><link>?a=1&b=2&copy=3</link></item>"));
    is(x->first.title, "AT&amp;T \xc3\xa9 &amp;nosuch; \xe2\x80\x99 &lt;");
    is(x->first.url, "https://f.example/feed/rss.xml?a=1&b=2&copy=3");
    /* a tag in it that is never closed: the next item is not lost in it */
    parse(
        x,
        RSS("<item><guid>1</guid><description>a<br>b</description></item><item><guid>2</guid><title>B</title></item>"));
    assert_int_equal(x->n, 2);
    is(x->last.id, "2");
    is(x->last.title, "B");
    /* an item that is never closed */
    parse(x, RSS("<item><guid>1</guid><title>A</title><item><guid>2</guid><title>B</title></item>"));
    assert_int_equal(x->n, 2);
    is(x->first.title, "A");
    /* namespaces that nobody declared; upper case */
    parse(x, RSS("<ITEM><dc:creator>Jo</dc:creator><content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded></ITEM>"
                 "<item><TITLE>t</TITLE><dc:creator>Jo</dc:creator></item>"));
    is(x->last.author, "Jo");
    is(x->last.title, "t");
    /* white space before the declaration, a DOCTYPE with entities of its own, comments */
    parse(x, " \n<?xml version='1.0'?><!DOCTYPE rss [<!-- ' --><!ELEMENT rss ANY><!ENTITY my 'M&#252;ller'>]><!-- x -- "
             "y -->" RSS("<item><title>&my;</title></item>"));
    is(x->first.title, "M\xc3\xbcller");
    /* no title: from the text; no id: by what it is; nothing at all is an entry too, and refused later */
    parse(x, RSS("<item><description>&lt;p&gt;One &lt;b&gt;sentence&lt;/b&gt;.&lt;/p&gt;</description></item><item/>"));
    is(x->first.title, "One sentence.");
    assert_true(str_starts(x->first.id, STR("hash:")));
    is(x->last.title, NULL);
    /* an episode without a page leads to what is to be heard, and keeps its id */
    parse(x, RSS("<item><title>E</title><guid isPermaLink='false'>e</guid><enclosure url='/e.png' type='image/png'/>"
                 "<enclosure url='/e.mp3' type='audio/mpeg'/></item><item><title>F</title><enclosure "
                 "url='/f.mp3'/></item>"));
    is(x->first.url, "https://f.example/e.mp3");
    is(x->first.id, "e");
    is(x->last.url, "https://f.example/f.mp3");
    assert_true(str_starts(x->last.id, STR("hash:")));
}

static void reads_encodings(void **state) {
    struct fixture *x = *state;
    static const char utf16[] =
        "\xff\xfe<\0r\0s\0s\0>\0<\0i\0t\0e\0m\0>\0<\0t\0i\0t\0l\0e\0>\0\xe9\0<\0/\0t\0i\0t\0l\0e\0>\0<\0/\0i\0t\0"
        "e\0m\0>\0<\0/\0r\0s\0s\0>\0";
    assert_int_equal(parse_bytes(x, (struct str){utf16, sizeof utf16 - 1}, "iso-8859-1"), OK);
    is(x->first.title, "\xc3\xa9"); /* the mark is believed before the server */
    static const struct {
        const char *charset, *prolog, *bytes, *want;
    } cases[] = {{"iso-8859-1", "utf-8", "caf\xe9", "caf\xc3\xa9"},
                 {NULL, "iso-8859-1", "\x93x\x94", "\xe2\x80\x9cx\xe2\x80\x9d"},
                 {NULL, "windows-1251", "\xcf\xf0\xe8", "\xd0\x9f\xd1\x80\xd0\xb8"},
                 {NULL, "Shift_JIS", "\x93\xfa", "\xe6\x97\xa5"},
                 {NULL, "gb2312", "\xd6\xd0", "\xe4\xb8\xad"},
                 {NULL, "utf-8", "caf\xe9", "caf\xc3\xa9"},           /* it lies */
                 {"us-ascii", "utf-8", "caf\xc3\xa9", "caf\xc3\xa9"}, /* the server guesses */
                 {"no-such", "no-such", "caf\xc3\xa9", "caf\xc3\xa9"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        (void)snprintf(text, sizeof text, "<?xml version='1.0' encoding='%s'?>" RSS("<item><title>%s</title></item>"),
                       cases[i].prolog, cases[i].bytes);
        if (parse_bytes(x, str_from(text), cases[i].charset) != OK ||
            !str_eq(x->first.title, str_from(cases[i].want))) {
            fail_msg("%zu: '%.*s' %s", i, STR_ARG(x->first.title), x->err.text);
        }
    }
}

static void refuses(void **state) {
    struct fixture *x = *state;
    static const struct {
        const char *text, *say;
    } cases[] = {{"", "empty"},
                 {"hello", "no XML"},
                 {"<html><body/></html>", "web page"},
                 {"<opml/>", "begins with <opml>"},
                 {"<rss><channel><item><title>x</title></item>", "in the midst"},
                 {"<rss><channel><item><title>x</title></item></channel></r", "in the midst"},
                 {"<!DOCTYPE r [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><rss>&b;</rss>", "made of entities"},
                 {"<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss>&a;</rss>", "external entity 'a'"},
                 {"<!DOCTYPE r [<!ENTITY a PUBLIC 'x' 'http://x.example/'>]><rss>&a;</rss>", "external entity 'a'"},
                 {"{\"items\": [{]}", "no JSON"},
                 {"{\"title\": \"x\"}", "no list of items"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (parse_bytes(x, str_from(cases[i].text), NULL) != ERR_DATA || !strstr(x->err.text, cases[i].say)) {
            fail_msg("%s: %s", cases[i].text, x->err.text);
        }
    }
    /* an external DTD and parameter entities are not asked for and do no harm */
    parse(x, "<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://my.netscape.com/rss.dtd' [<!ENTITY % p SYSTEM 'x'> "
             "%p;]>" RSS("<item><title>ok</title></item>"));
    is(x->first.title, "ok");
}

/* A value said many times, an element with many attributes, much nesting: an end is made of it soon. */
static void bounds(void **state) {
    struct fixture *x = *state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "<!DOCTYPE r [<!ENTITY a '");
    for (int i = 0; i < 1900; i++) {
        buf_addc(&b, 'a');
    }
    buf_adds(&b, "'>]><rss>");
    for (int i = 0; i < 100000; i++) {
        buf_adds(&b, "&a;");
    }
    buf_adds(&b, "</rss>");
    assert_int_equal(parse_bytes(x, buf_str(&b), NULL), ERR_DATA);
    assert_non_null(strstr(x->err.text, "too large"));
    buf_clear(&b);
    buf_adds(&b, "<rss");
    for (int i = 0; i < 100000; i++) {
        buf_addf(&b, " a%d=''", i);
    }
    buf_adds(&b, "></rss>");
    assert_int_equal(parse_bytes(x, buf_str(&b), NULL), ERR_DATA);
    buf_clear(&b);
    for (int i = 0; i < 100000; i++) {
        buf_adds(&b, "<a>");
    }
    assert_int_equal(parse_bytes(x, buf_str(&b), NULL), ERR_DATA);
    buf_clear(&b);
    buf_adds(&b, "<rss>");
    for (int i = 0; i < 1000000; i++) {
        buf_adds(&b, "<a/>");
    }
    buf_adds(&b, "</rss>");
    assert_int_equal(parse_bytes(x, buf_str(&b), NULL), ERR_DATA);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forgives, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_encodings, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
