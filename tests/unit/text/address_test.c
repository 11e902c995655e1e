#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "text/address.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return arena ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static void expect(struct str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr ? got.ptr : "", want, got.len);
}

static void takes(const char *in, const char *text, const char *key) {
    struct address a;
    struct error err = {0};
    if (address_parse(str_from(in), arena, &a, &err) != OK) {
        fail_msg("%s was refused: %s", in, err.text);
    }
    expect(a.text, text);
    expect(a.key, key);
    assert_int_equal(a.local.len + 1 + a.domain.len, a.text.len);
}

static void refuses_str(struct str in, const char *reason) {
    struct address a;
    struct error err = {0};
    assert_int_equal(address_parse(in, arena, &a, &err), ERR_DATA);
    if (!strstr(err.text, reason)) {
        fail_msg("%.*s: got \"%s\", want \"%s\"", STR_ARG(in), err.text, reason);
    }
    assert_null(a.text.ptr);
    assert_int_equal(address_parse(in, arena, &a, NULL), ERR_DATA);
}

static void refuses(const char *in, const char *reason) {
    refuses_str(str_from(in), reason);
}

static void test_plain(void **state) {
    (void)state;
    takes("reader@example.org", "reader@example.org", "reader@example.org");
    takes("UPPER@EXAMPLE.ORG", "UPPER@example.org", "upper@example.org");
    takes("user+tag@sub.example.org", "user+tag@sub.example.org", "user+tag@sub.example.org");
    takes("a!#$%&'*+-/=?^_`{|}~.b@example.org", "a!#$%&'*+-/=?^_`{|}~.b@example.org",
          "a!#$%&'*+-/=?^_`{|}~.b@example.org");
    takes("a@b--c.example", "a@b--c.example", "a@b--c.example");
    takes("a@r3---x.example", "a@r3---x.example", "a@r3---x.example");
    takes("a@1.2.3.example", "a@1.2.3.example", "a@1.2.3.example");
}

static void test_quoted(void **state) {
    (void)state;
    takes("\"odd quoted\"@example.org", "\"odd quoted\"@example.org", "\"odd quoted\"@example.org");
    /* Quotes that say nothing don't make another person (RFC 5321 4.1.2). */
    takes("\"Reader\"@example.org", "\"Reader\"@example.org", "reader@example.org");
    takes("\"re\\ader\"@example.org", "\"re\\ader\"@example.org", "reader@example.org");
    takes("\"a@b\"@example.org", "\"a@b\"@example.org", "\"a@b\"@example.org");
    takes("\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"@example.org");
    takes("\"<x>\"@example.org", "\"<x>\"@example.org", "\"<x>\"@example.org");
    takes("\".a\"@example.org", "\".a\"@example.org", "\".a\"@example.org");
    takes("\"\"@example.org", "\"\"@example.org", "\"\"@example.org");
    refuses("\"open@example.org", "does not end");
    refuses("\"open\\", "does not end");
    refuses("\"a\"b@example.org", "closing quote");
    refuses("\"a\"", "no @ sign");
    refuses("a\"b\"@example.org", "not allowed without quotes");
}

static void test_international(void **state) {
    (void)state;
    struct address a, b;
    takes("jürgen@exämple.org", "jürgen@xn--exmple-cua.org", "jürgen@xn--exmple-cua.org");
    takes("अजय@डाटा.भारत", "अजय@xn--c2bd1gb.xn--h2brj9c", "अजय@xn--c2bd1gb.xn--h2brj9c");
    takes("a@straße.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example"); /* non-transitional */
    takes("a@EXÄMPLE.org", "a@xn--exmple-cua.org", "a@xn--exmple-cua.org");
    takes("a@XN--EXMPLE-CUA.org", "a@xn--exmple-cua.org", "a@xn--exmple-cua.org");
    takes("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah", "a@xn--r8jz45g.xn--zckzah"); /* an ideographic full stop */
    /* Case and the two ways to write ü make one person. */
    takes("JÜRGEN@example.org", "JÜRGEN@example.org", "jürgen@example.org");
    takes("ju\xcc\x88rgen@example.org", "ju\xcc\x88rgen@example.org", "jürgen@example.org");
    assert_int_equal(address_parse(STR("jürgen@example.org"), arena, &a, NULL), OK);
    assert_true(a.smtputf8);
    assert_int_equal(address_parse(STR("jurgen@exämple.org"), arena, &b, NULL), OK);
    assert_false(b.smtputf8);
    /* A Kelvin sign and a long s fold to ASCII letters; they must not become the ASCII address's owner. */
    takes("\xe2\x84\xaa@example.org", "\xe2\x84\xaa@example.org", "\xe2\x84\xaa@example.org");
    takes("\xc5\xbf@example.org", "\xc5\xbf@example.org", "\xc5\xbf@example.org");

    refuses("a@xn--a.example", "IDNA");
    refuses("a@-ü.example", "IDNA");
    refuses("a@\xe2\x80\x8d.example", "IDNA");
    refuses("a\xe2\x80\x8b@example.org", "invisible"); /* U+200B, from copying */
    refuses("a\xe2\x80\xae@example.org", "invisible"); /* U+202E turns the reading direction */
    refuses("a\xc2\xa0@example.org", "contains a space");
    refuses("a\xff@example.org", "UTF-8");
    refuses("a@ex\xc3.org", "UTF-8");
}

static void test_refused(void **state) {
    (void)state;
    refuses("", "is empty");
    refuses("not-an-address", "no @ sign");
    refuses("inject@example.org\nBcc: everyone@example.com", "line end (header injection)");
    refuses("inject@example.org\r", "line end (header injection)");
    refuses("a\xe2\x80\xa8@example.org", "line end");
    refuses("a\tb@example.org", "control character");
    refuses("\"a\x01\"@example.org", "control character");
    refuses("a\xc2\x9f@example.org", "control character");
    refuses_str(STR("a\0b@example.org"), "control character");
    refuses(" a@example.org", "begins with a space");
    refuses("a@example.org ", "ends with a space");
    refuses("a b@example.org", "contains a space");
    refuses("a@b c.org", "no letter, digit or hyphen");
    refuses("<a@example.org>", "angle bracket");
    refuses("A <a@example.org>", "angle bracket");
    refuses("@example.org", "nothing before");
    refuses("a@", "nothing after");
    refuses(".a@example.org", "dot");
    refuses("a.@example.org", "dot");
    refuses("a..b@example.org", "dot");
    refuses("a@b@example.org", "more than one @");
    refuses("a@localhost", "no dot");
    refuses("a@example.org.", "empty label");
    refuses("a@.org", "empty label");
    refuses("a@example..org", "empty label");
    refuses("a@-b.org", "hyphen");
    refuses("a@b-.org", "hyphen");
    refuses("a@b_c.org", "no letter, digit or hyphen");
    refuses("a@[192.0.2.1]", "address literal");
    refuses("a@192.0.2.1", "number");
    refuses("a(comment)@example.org", "a comment in parentheses");
}

static void test_lengths(void **state) {
    (void)state;
    char in[1200];
    memset(in, 'a', sizeof in);
    memcpy(in + 64, "@example.org", 13);
    takes(in, in, in);
    memset(in, 'a', 65);
    memcpy(in + 65, "@example.org", 13);
    refuses(in, "local part is longer than 64 bytes");
    /* 33 characters of two bytes */
    for (int i = 0; i < 33; i++) {
        memcpy(in + 2 * i, "ü", 2);
    }
    memcpy(in + 66, "@example.org", 13);
    refuses(in, "local part is longer than 64 bytes");
    /* a label of 63 and one of 64 */
    memset(in, 'b', sizeof in);
    memcpy(in, "a@", 2);
    memcpy(in + 2 + 63, ".org", 5);
    takes(in, in, in);
    memset(in + 2, 'b', 64);
    memcpy(in + 2 + 64, ".org", 5);
    refuses(in, "label longer than 63");
    /* the whole: 64 + 1 + 189 is 254 */
    for (size_t whole = 254; whole <= 255; whole++) {
        memset(in, 'c', sizeof in);
        in[64] = '@';
        for (size_t at = 64 + 60; at < whole - 5; at += 60) {
            in[at] = '.';
        }
        in[whole] = 0;
        if (whole == 254) {
            takes(in, in, in);
        } else {
            refuses(in, "longer than 254");
        }
    }
    memset(in, 'd', sizeof in);
    in[1] = '@';
    in[sizeof in - 1] = 0;
    refuses(in, "longer than");
}

static void test_mask(void **state) {
    (void)state;
    /* beside it: what is behind the last @ */
    assert_true(str_eq(address_domain(STR("\"a@b\"@example.org")), STR("example.org")));
    assert_true(str_eq(address_domain(STR("example.org")), STR("example.org")));
    const char *cases[][2] = {
        {"reader@example.org", "r•••@e•••.org"},
        {"ab@sub.example.org", "•••@s•••.org"},
        {"\"odd quoted\"@example.org", "o•••@e•••.org"},
        {"अजय@डाटा.भारत", "अ•••@ड•••.भारत"},
        {"reader@ab.org", "r•••@•••.org"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address a;
        assert_int_equal(address_parse(str_from(cases[i][0]), arena, &a, NULL), OK);
        expect(address_mask(&a, arena), cases[i][1]);
    }
}

static void test_mailbox(void **state) {
    (void)state;
    const char *cases[][3] = {
        {"Example Desk <news@example.org>", "Example Desk", "news@example.org"},
        {"  Example Desk<news@Example.org>  ", "Example Desk", "news@example.org"},
        {"\"Desk, \\\"the\\\" Example\" <news@example.org>", "Desk, \"the\" Example", "news@example.org"},
        {"\"Desk @ Example\"<news@example.org>", "Desk @ Example", "news@example.org"},
        {"Dr. Müller, 日本 <news@example.org>", "Dr. Müller, 日本", "news@example.org"},
        {"news@example.org", NULL, "news@example.org"},
        {"<news@example.org>", NULL, "news@example.org"},
        {"\"\" <news@example.org>", NULL, "news@example.org"},
        {"\"news desk\"@example.org", NULL, "\"news desk\"@example.org"},
        {"Desk <\"a>b\"@example.org>", "Desk", "\"a>b\"@example.org"},
    };
    struct str name;
    struct address a;
    struct error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(mailbox_parse(str_from(cases[i][0]), arena, &name, &a, &err), OK);
        if (cases[i][1]) {
            expect(name, cases[i][1]);
        } else {
            assert_null(name.ptr);
        }
        expect(a.text, cases[i][2]);
    }
    const char *bad[][2] = {
        {"", "is empty"},
        {"Desk", "no @ sign"},
        {"Desk <news@example.org", "missing"},
        {"Desk <news@example.org> x", "something stands after"},
        {"Desk\nBcc: x@example.org <news@example.org>", "line end"},
        {"a@example.org, Desk <news@example.org>", "name has an @"},
        {"a@example.org, b@example.org", "more than one @"},
        {"\"Desk <news@example.org>", "does not end"},
        {"\"Desk\" news@example.org", "angle brackets"},
        {"De\"sk <news@example.org>", "only allowed in quotes"},
        {"Desk <>", "is empty"},
        {"Desk <<news@example.org>>", "angle bracket"},
        {"Desk\xff <news@example.org>", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mailbox_parse(str_from(bad[i][0]), arena, &name, &a, &err), ERR_DATA);
        if (!strstr(err.text, bad[i][1])) {
            fail_msg("%s: got \"%s\"", bad[i][0], err.text);
        }
        assert_null(name.ptr);
    }
}

static void test_domain(void **state) {
    (void)state;
    struct str out;
    struct error err = {0};
    assert_int_equal(domain_normalise(STR("Mail.Example.ORG."), arena, &out, &err), OK);
    expect(out, "mail.example.org");
    assert_int_equal(domain_normalise(STR("localhost"), arena, &out, &err), OK);
    expect(out, "localhost");
    assert_int_equal(domain_normalise(STR("Bücher.example"), arena, &out, &err), OK);
    expect(out, "xn--bcher-kva.example");
    struct str shown;
    domain_display(out, arena, &shown);
    expect(shown, "bücher.example");
    domain_display(STR("xn--a.example"), arena, &shown);
    expect(shown, "xn--a.example");
    assert_int_equal(domain_normalise(STR("."), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR(""), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR("a..b"), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR("2001:db8::1"), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR("a b"), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR("ü/../x"), arena, &out, &err), ERR_DATA);
    assert_int_equal(domain_normalise(STR("ü/x.example"), arena, &out, &err), ERR_DATA);
    assert_string_equal(err.text, "domain is not a valid international name (IDNA)");
}

static void near(const char *domain, const char *want) {
    const char *got = address_near(str_from(domain));
    if (!want) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, want);
    }
}

static void test_near(void **state) {
    (void)state;
    near("gmial.com", "gmail.com");
    near("gamil.com", "gmail.com");
    near("gmai.com", "gmail.com");
    near("gmaill.com", "gmail.com");
    near("hotmall.com", "hotmail.com");
    near("bluewn.ch", "bluewin.ch");
    near("gmail.com", NULL);
    near("mail.com", NULL);
    near("gmx.de", NULL);
    near("example.org", NULL);
    near("", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),   cmocka_unit_test(test_quoted),  cmocka_unit_test(test_international),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_lengths), cmocka_unit_test(test_mask),
        cmocka_unit_test(test_mailbox), cmocka_unit_test(test_domain),  cmocka_unit_test(test_near),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
