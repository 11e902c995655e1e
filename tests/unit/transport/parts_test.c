/* The parts of transport/ that need no server: message form, replies, addresses, when a password is kept back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "transport/form.h"
#include "transport/hello.h"
#include "transport/resolve.h"
#include "transport/tally.h"

#include <sys/socket.h>
#include <unistd.h>

#define FIELDS "From: a@example.org\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <a@example.org>\r\n"

static const char *fault(const char *rcpt, const char *from, const char *head, struct str body) {
    struct transport_message m = {
        .mail_from = str_from(from), .rcpt = str_from(rcpt), .head = str_from(head), .body = body};
    return form_fault(&m, NULL);
}

static void test_addresses(void **state) {
    (void)state;
    static const char *const good[] = {"a@b",           "a.b+c=d/e'f@example.org", "\"john doe\"@example.org",
                                       "a@[192.0.2.1]", "\"a@b\"@example.org",     "\"a\\\"b\"@example.org"};
    static const char *const bad[] = {
        "",        "a",           "@b",    "a@",    "a b@c.org", "a@b@c.org",     "a@b>",
        "<a@b",    "a@b\r\nDATA", "a@b\n", "a\t@b", "\"a@b",     "\"a\\\r\n\"@b", "\"a<b\"@c",
        "a@b\x7f", "\"a@b\\"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_null(fault(good[i], "x@example.org", FIELDS "\r\n", STR("hi\r\n")));
        assert_null(fault("x@example.org", good[i], FIELDS "\r\n", STR("hi\r\n")));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_non_null(fault(bad[i], "x@example.org", FIELDS "\r\n", STR("hi\r\n")));
        if (*bad[i]) /* the null sender is fine */
            assert_non_null(fault("x@example.org", bad[i], FIELDS "\r\n", STR("hi\r\n")));
    }
    assert_non_null(strstr(fault("\xc3\xbc@example.org", "x@example.org", FIELDS "\r\n", STR("")), "SMTPUTF8"));
    char longest[256];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 243, "@example.org", 13);
    assert_non_null(fault(longest, "", FIELDS "\r\n", STR("")));
    assert_null(fault(longest + 1, "", FIELDS "\r\n", STR("")));
}

static void test_lines(void **state) {
    (void)state;
    static const char *const bad[] = {"a\n", "a\r",        "a\rb\r\n", "a\r\n.\n\r\n",
                                      "a",   "\n.\nb\r\n", "a\r\r\n",  "\xc3\xa9\r\n"};
    char line[1002];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(fault("a@b", "", FIELDS "\r\n", str_from(bad[i])));
    assert_non_null(fault("a@b", "", FIELDS "\r\n", STR("a\0b\r\n")));
    assert_null(fault("a@b", "", FIELDS "\r\n", STR("")));
    assert_null(fault("a@b", "", FIELDS "\r\n", STR(".\r\n\r\n..\r\n")));
    memset(line, 'x', sizeof line);
    memcpy(line + 998, "\r\n", 2);
    assert_null(fault("a@b", "", FIELDS "\r\n", (struct str){line, 1000}));
    memcpy(line + 998, "x\r\n", 3);
    assert_non_null(fault("a@b", "", FIELDS "\r\n", (struct str){line, 1001}));
}

static void test_head(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        FIELDS,
        "\r\n",
        FIELDS "\r\nmore: x\r\n\r\n",
        FIELDS "no colon\r\n\r\n",
        FIELDS ": no name\r\n\r\n",
        " " FIELDS "\r\n",
        FIELDS "from: b@example.org\r\n\r\n",
        FIELDS "To: a@b\r\nTo: c@d\r\n\r\n",
        FIELDS "Return-Path: <x@y>\r\n\r\n",
        "From: a@b\r\nDate: x\r\n\r\n",
        FIELDS "Subject: x\ny: z\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(fault("a@b", "", bad[i], STR("hi\r\n")));
    assert_null(fault("a@b", "", FIELDS "Subject: a\r\n folded: one\r\nX-A: 1\r\nX-A: 2\r\n\r\n", STR("hi\r\n")));
}

static void test_envid(void **state) {
    (void)state;
    char s[101];
    memset(s, 'a', sizeof s);
    assert_true(form_is_envid(STR("abc")));
    assert_true(form_is_envid((struct str){s, 100}));
    assert_false(form_is_envid((struct str){s, 101}));
    memset(s, '+', sizeof s);
    assert_true(form_is_envid((struct str){s, 33}));
    assert_false(form_is_envid((struct str){s, 34}));
    assert_false(form_is_envid(STR("")));
    assert_false(form_is_envid(STR_NONE));
    assert_false(form_is_envid(STR("a b")));
    assert_false(form_is_envid(STR("a\r\nb")));
}

static void test_reply_text(void **state) {
    (void)state;
    struct reply r;
    reply_set(&r, 550, STR(" 5.1.1 <x@y>: no\r\n5.1.1 such user\r\n"));
    assert_string_equal(r.status, "5.1.1");
    assert_string_equal(r.text, "<x@y>: no such user");
    reply_set(&r, 550, STR("5.1 no"));
    assert_string_equal(r.status, "");
    reply_set(&r, 550, STR("5.1.1234 no"));
    assert_string_equal(r.status, "");
    reply_set(&r, 550, STR("5.7.515"));
    assert_string_equal(r.status, "5.7.515");
    assert_string_equal(r.text, "");
    reply_set(&r, 250, STR_NONE);
    assert_string_equal(r.text, "");
    reply_set(&r, 250, STR("a\x1b[31m\x01\xff\x7f b"));
    assert_string_equal(r.text, "a [31m \xef\xbf\xbd  b");
    char big[2000];
    memset(big, '\xc3', sizeof big);
    for (size_t i = 1; i < sizeof big; i += 2)
        big[i] = '\xa9';
    reply_set(&r, 250, (struct str){big, sizeof big});
    assert_int_equal(r.len, 500);
}

static enum transport_outcome judge(int code, const char *text, enum transport_stage stage, bool finished,
                                    bool *rests) {
    struct reply r;
    struct transport_result out;
    reply_set(&r, code, str_from(text));
    assert_true(reply_judge(&r, stage, finished, &out));
    *rests = out.relay_rests;
    return out.outcome;
}

static void test_judge(void **state) {
    (void)state;
    bool rests;
    struct reply r;
    struct transport_result out;
    assert_int_equal(judge(250, "ok", TRANSPORT_STAGE_DOT, true, &rests), TRANSPORT_ACCEPTED);
    assert_int_equal(judge(421, "bye", TRANSPORT_STAGE_DOT, true, &rests), TRANSPORT_UNTRIED);
    assert_true(rests);
    assert_int_equal(judge(450, "x", TRANSPORT_STAGE_MAIL, false, &rests), TRANSPORT_UNTRIED);
    assert_true(rests);
    assert_int_equal(judge(552, "5.3.4 too big", TRANSPORT_STAGE_DOT, true, &rests), TRANSPORT_NEVER);
    assert_int_equal(judge(552, "exceeded storage allocation", TRANSPORT_STAGE_RCPT, false, &rests), TRANSPORT_LATER);
    assert_int_equal(judge(554, "no", TRANSPORT_STAGE_RCPT, false, &rests), TRANSPORT_NEVER);
    assert_false(rests);
    static const int nonsense[] = {0, 100, 199, 250, 299, 300, 354, 399, 600, 5500, -250};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        reply_set(&r, nonsense[i], STR("x"));
        assert_false(reply_judge(&r, TRANSPORT_STAGE_DATA, false, &out));
        assert_false(reply_judge(&r, TRANSPORT_STAGE_DOT, false, &out)); /* not finished: no acceptance */
    }
}

static void test_literals(void **state) {
    (void)state;
    struct error err = {0};
    struct watch *w;
    struct resolve_list list;
    bool timed_out;
    char text[64];
    assert_int_equal(watch_new(&w, &err), OK);
    struct resolver *v = resolver_new(NULL);
    static const struct {
        const char *host, *print;
        bool loopback;
    } cases[] = {{"127.0.0.1", "127.0.0.1", true},
                 {"[::1]", "::1", true},
                 {"::1", "::1", true},
                 {"192.0.2.7", "192.0.2.7", false},
                 {"[2001:db8::5]", "2001:db8::5", false},
                 {"::ffff:127.0.0.1", "::ffff:127.0.0.1", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(resolver_ask(v, w, cases[i].host, 25, 1000, &list, &timed_out, &err), OK);
        assert_int_equal(list.n, 1);
        resolve_print(&list.addr[0], text);
        assert_string_equal(text, cases[i].print);
        assert_int_equal(resolve_is_loopback(&list.addr[0]), cases[i].loopback);
    }
    assert_int_equal(resolver_ask(v, w, "localhost", 25, 5000, &list, &timed_out, &err), OK);
    assert_true(list.n > 0);
    resolver_free(v);
    watch_free(w);
}

/* A password never goes out in clear to another machine. */
static void test_password_kept(void **state) {
    (void)state;
    struct error err = {0};
    struct watch *w;
    int sp[2];
    char c;
    struct stream s;
    struct transport_session_end end = {0};
    struct transport_relay r = {.name = "main", .host = "mail.example.org", .port = 25, .user = "u", .password = "p"};
    struct hello_offer offer = {.auth = true, .auth_plain = true};
    assert_int_equal(watch_new(&w, &err), OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sp), 0);
    stream_init(&s, sp[0], w);
    assert_false(hello_auth(&s, &r, &offer, false, &end));
    assert_int_equal(end.how, TRANSPORT_END_AUTH);
    assert_int_equal(end.why.status, ERR_CONFIG);
    assert_true(recv(sp[1], &c, 1, 0) < 0);
    close(sp[0]);
    close(sp[1]);
    watch_free(w);
}

/* The same whatever pieces the bytes come in. */
static void test_tally(void **state) {
    static const char replies[] = "250-one\r\n250 two\r\n354\r\n2";
    (void)state;
    for (size_t piece = 1; piece <= sizeof replies - 1; piece++) {
        struct tally t = {0};
        char seen[sizeof replies];
        memcpy(seen, replies, sizeof replies);
        for (size_t at = 0; at < sizeof replies - 1; at += piece) {
            size_t rest = sizeof replies - 1 - at;
            assert_true(tally_read(&t, seen + at, rest < piece ? rest : piece));
        }
        assert_int_equal(t.replies, 2);
        assert_int_equal(t.last, '3');
        assert_int_equal(t.line_len, 1);
        assert_string_equal(seen, "250-one\r\n250 two\r\n354 \n2");
    }
    char line[1024];
    struct tally t = {0};
    memset(line, 'x', sizeof line);
    line[1022] = '\n';
    assert_true(tally_read(&t, line, 1023));
    line[1022] = 'x';
    assert_false(tally_read(&t, line, 1023));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_lines),         cmocka_unit_test(test_head),
        cmocka_unit_test(test_envid),     cmocka_unit_test(test_reply_text),    cmocka_unit_test(test_judge),
        cmocka_unit_test(test_literals),  cmocka_unit_test(test_password_kept), cmocka_unit_test(test_tally),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
