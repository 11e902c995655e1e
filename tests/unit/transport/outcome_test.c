/* Every answer a relay can give, and what becomes of the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/transport/server.h"

static struct transport *t;

static int setup(void **state) {
    (void)state;
    struct error err = {0};
    return transport_new(NULL, &t, &err) == OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    transport_free(t);
    return 0;
}

static struct client *run(const char *(*answer)(struct server *, const char *, const char *, int), int n,
                          struct server **server) {
    struct server *s = server_start(answer);
    server_go(s);
    struct client *c = client_new(t, s->port, n);
    client_run(c);
    server_stop(s);
    assert_false(c->confused);
    assert_true(server_is_sound(s, c));
    *server = s;
    return c;
}

static void finish(struct server *s, struct client *c) {
    server_free(s);
    free(c);
}

static void test_all_accepted(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(NULL, 7, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(c->end.why.status, OK);
    assert_int_equal(c->end.accepted, 7);
    assert_int_equal(c->end.given, 7);
    assert_int_equal(s->n, 7);
    assert_int_equal(c->wires, 7);
    assert_int_equal(c->got[3].outcome, TRANSPORT_ACCEPTED);
    assert_int_equal(c->got[3].code, 250);
    assert_int_equal(c->got[3].stage, TRANSPORT_STAGE_DOT);
    assert_string_equal(c->got[3].status, "2.0.0");
    assert_string_equal(c->got[3].text, "queued");
    assert_int_equal(atomic_load(&s->connections), 1);
    assert_int_equal(server_heard(s, "EHLO desk.example.org"), 1);
    assert_int_equal(server_heard(s, "QUIT"), 1);
    assert_string_equal(s->kept[0].from, "FROM:<bounces@example.org> RET=HDRS");
    assert_string_equal(s->kept[0].rcpt, "TO:<r0@example.net> NOTIFY=FAILURE,DELAY");
    finish(s, c);
}

/* More than one of libesmtp's sessions, and a session's limit. */
static void test_many(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 230);
    c->relay.messages = 0;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 230);
    c->n = 260;
    for (int i = 230; i < 260; i++)
        c->m[i] = c->m[0];
    c->relay.messages = 20;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 20);
    assert_int_equal(c->next, 250);
    server_stop(s);
    assert_int_equal(s->n, 250);
    assert_int_equal(atomic_load(&s->connections), 2);
    assert_int_equal(server_heard(s, "RSET"), 0);
    finish(s, c);
}

static void test_nothing_to_send(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(NULL, 0, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(server_heard(s, "QUIT"), 1);
    assert_int_equal(server_heard(s, "MAIL"), 0);
    finish(s, c);
}

/* Replies to one reader among others, at each command; the session goes on. */
static const char *reply_text;
static const char *reply_verb;

static const char *for_r1(struct server *s, const char *verb, const char *arg, int n) {
    static _Thread_local bool mine; /* a peer is a thread */
    (void)s;
    (void)n;
    if (strcmp(verb, "MAIL") == 0)
        mine = strstr(arg, "second@") != NULL;
    return mine && strcmp(verb, reply_verb) == 0 ? reply_text : NULL;
}

static void one_refused(const char *verb, const char *text, enum transport_stage stage, enum transport_outcome outcome,
                        int code, const char *status, bool rests) {
    reply_text = text;
    reply_verb = verb;
    struct server *s = server_start(for_r1);
    server_go(s);
    struct client *c = client_new(t, s->port, 4);
    c->m[1].mail_from = STR("second@example.org");
    client_run(c);
    server_stop(s);
    assert_false(c->confused);
    assert_true(server_is_sound(s, c));
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(c->end.accepted, 3);
    assert_int_equal(c->got[1].outcome, outcome);
    assert_int_equal(c->got[1].stage, stage);
    assert_int_equal(c->got[1].code, code);
    assert_string_equal(c->got[1].status, status);
    assert_int_equal(c->got[1].relay_rests, rests);
    assert_int_equal(c->got[1].wired, strcmp(verb, ".") == 0);
    for (int i = 0; i < 4; i++)
        if (i != 1)
            assert_int_equal(c->got[i].outcome, TRANSPORT_ACCEPTED);
    assert_int_equal(atomic_load(&s->connections), 1);
    assert_int_equal(server_heard(s, "QUIT"), 1);
    finish(s, c);
}

static void test_refusals(void **state) {
    (void)state;
    one_refused("MAIL", "451 4.3.2 busy\r\n", TRANSPORT_STAGE_MAIL, TRANSPORT_UNTRIED, 451, "4.3.2", true);
    one_refused("MAIL", "550 5.7.1 not you\r\n", TRANSPORT_STAGE_MAIL, TRANSPORT_NEVER, 550, "5.7.1", true);
    one_refused("MAIL", "552 5.3.4 too big\r\n", TRANSPORT_STAGE_MAIL, TRANSPORT_NEVER, 552, "5.3.4", false);
    one_refused("RCPT", "450 4.2.0 greylisted\r\n", TRANSPORT_STAGE_RCPT, TRANSPORT_LATER, 450, "4.2.0", false);
    one_refused("RCPT", "550 5.1.1 no such user\r\n", TRANSPORT_STAGE_RCPT, TRANSPORT_NEVER, 550, "5.1.1", false);
    one_refused("RCPT", "552 too many recipients\r\n", TRANSPORT_STAGE_RCPT, TRANSPORT_LATER, 552, "", false);
    one_refused("RCPT", "550-5.7.26 first\r\n550 5.7.26 second\r\n", TRANSPORT_STAGE_RCPT, TRANSPORT_NEVER, 550,
                "5.7.26", false);
    one_refused("DATA", "451 4.7.1 later\r\n", TRANSPORT_STAGE_DATA, TRANSPORT_LATER, 451, "4.7.1", false);
    one_refused("DATA", "554 5.7.1 never\r\n", TRANSPORT_STAGE_DATA, TRANSPORT_NEVER, 554, "5.7.1", false);
    one_refused(".", "452 4.3.1 full\r\n", TRANSPORT_STAGE_DOT, TRANSPORT_LATER, 452, "4.3.1", false);
    one_refused(".", "554 5.6.0 content\r\n", TRANSPORT_STAGE_DOT, TRANSPORT_NEVER, 554, "5.6.0", false);
    one_refused(".", "550\r\n", TRANSPORT_STAGE_DOT, TRANSPORT_NEVER, 550, "", false);
    one_refused("RCPT", "550\r\n", TRANSPORT_STAGE_RCPT, TRANSPORT_NEVER, 550, "", false);
}

/* The same where EHLO offers nothing: no pipelining. */
static const char *plain_r1(struct server *s, const char *verb, const char *arg, int n) {
    return strcmp(verb, "EHLO") == 0 ? "250 test\r\n" : for_r1(s, verb, arg, n);
}

static void test_refusals_without_pipelining(void **state) {
    (void)state;
    static const struct {
        const char *verb, *text;
        enum transport_outcome outcome;
    } cases[] = {{"RCPT", "550 5.1.1 no\r\n", TRANSPORT_NEVER},
                 {"RCPT", "450 4.2.1 no\r\n", TRANSPORT_LATER},
                 {"DATA", "450 4.2.1 no\r\n", TRANSPORT_LATER},
                 {".", "554 5.2.1 no\r\n", TRANSPORT_NEVER}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply_verb = cases[i].verb;
        reply_text = cases[i].text;
        struct server *s = server_start(plain_r1);
        server_go(s);
        struct client *c = client_new(t, s->port, 4);
        c->m[1].mail_from = STR("second@example.org");
        client_run(c);
        server_stop(s);
        assert_false(c->confused);
        assert_true(server_is_sound(s, c));
        assert_int_equal(c->end.accepted, 3);
        assert_int_equal(c->got[1].outcome, cases[i].outcome);
        assert_string_equal(s->kept[0].rcpt, "TO:<r0@example.net>");
        finish(s, c);
    }
}

/* All readers of a session refused, and the last of them. */
static const char *all_refused(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "RCPT") == 0 ? "550 5.1.1 no\r\n" : strcmp(verb, "DATA") == 0 ? "554 no\r\n" : NULL;
}

static void test_all_refused(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(all_refused, 120, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(c->end.given, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(c->got[i].outcome, TRANSPORT_NEVER);
    assert_int_equal(server_heard(s, "QUIT"), 1);
    assert_int_equal(atomic_load(&s->connections), 1);
    finish(s, c);
}

/* A relay that says 354 although it refused the reader. */
static const char *says_354(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)n;
    if (strcmp(verb, "RCPT") == 0 && strstr(arg, "r1@"))
        return "550 5.1.1 no\r\n";
    if (strcmp(verb, "DATA") == 0)
        return "354 go ahead\r\n";
    return strcmp(verb, ".") == 0 && !*arg ? "554 no valid recipients\r\n" : NULL;
}

static void test_354_after_refusal(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(says_354, 4, &s);
    assert_int_equal(c->end.accepted, 3);
    assert_int_equal(c->got[1].outcome, TRANSPORT_NEVER);
    assert_false(c->got[1].wired);
    finish(s, c);
}

/* 421 */
static const char *closing_verb;
static const char *closing(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg;
    return n == 2 && strcmp(verb, closing_verb) == 0 ? "421 4.3.2 going down\r\n" : NULL;
}

static void test_421(void **state) {
    (void)state;
    static const struct {
        const char *verb;
        enum transport_stage stage;
    } cases[] = {{"MAIL", TRANSPORT_STAGE_MAIL},
                 {"RCPT", TRANSPORT_STAGE_RCPT},
                 {"DATA", TRANSPORT_STAGE_DATA},
                 {".", TRANSPORT_STAGE_DOT}};
    for (size_t i = 0; i < 4; i++) {
        struct server *s;
        closing_verb = cases[i].verb;
        struct client *c = run(closing, 6, &s);
        assert_int_equal(c->end.how, TRANSPORT_END_CLOSING);
        assert_int_equal(c->end.code, 421);
        assert_int_equal(c->end.accepted, 2);
        assert_int_equal(c->end.given, 3);
        assert_int_equal(c->got[2].outcome, TRANSPORT_UNTRIED);
        assert_int_equal(c->got[2].code, 421);
        assert_true(c->got[2].relay_rests);
        assert_int_equal(c->got[2].stage, cases[i].stage);
        assert_non_null(strstr(c->end.why.text, "relay main"));
        finish(s, c);
    }
}

static const char *greet_421(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "GREET") == 0 ? "421 4.3.2 not now\r\n" : NULL;
}
static const char *greet_554(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "GREET") == 0 ? "554-5.7.1 listed\r\n554 5.7.1 see us\r\n" : NULL;
}
static const char *greet_http(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "GREET") == 0 ? "HTTP/1.1 400 Bad Request\r\n\r\n" : NULL;
}

static void test_greeting_refused(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(greet_421, 2, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_GREETING);
    assert_int_equal(c->end.code, 421);
    assert_true(c->end.temporary);
    assert_int_equal(c->end.given, 0);
    finish(s, c);
    c = run(greet_554, 2, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_GREETING);
    assert_int_equal(c->end.code, 554);
    assert_false(c->end.temporary);
    assert_non_null(strstr(c->end.why.text, "554 5.7.1 listed see us"));
    finish(s, c);
    c = run(greet_http, 2, &s);
    assert_int_equal(c->end.how, TRANSPORT_END_PROTOCOL);
    finish(s, c);
}

/* EHLO not known: HELO, and nothing that EHLO would have offered. */
static const char *old_server(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "EHLO") == 0 ? "502 what?\r\n" : NULL;
}

static const char *lower_case(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    if (strcmp(verb, "EHLO") == 0)
        return "250-test\n250-pipelining\r\n250-size 2000\r\n250-auth=plain\r\n250 dsn\n";
    return NULL;
}

static void test_ehlo(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run(old_server, 3, &s);
    assert_int_equal(c->end.accepted, 3);
    assert_int_equal(server_heard(s, "HELO desk.example.org"), 1);
    finish(s, c);
    c = run(lower_case, 1, &s);
    assert_int_equal(c->end.accepted, 1);
    assert_non_null(strstr(s->kept[0].from, " SIZE="));
    assert_non_null(strstr(s->kept[0].from, " RET=HDRS"));
    finish(s, c);
    s = server_start(lower_case);
    server_go(s);
    c = client_new(t, s->port, 2);
    char *big = malloc(3000);
    memset(big, 'x', 3000);
    for (int i = 98; i < 3000; i += 100)
        memcpy(big + i, "\r\n", 2);
    c->m[0].body = (struct str){big, 3000};
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->got[0].outcome, TRANSPORT_NEVER);
    assert_int_equal(c->got[0].code, 552);
    assert_string_equal(c->got[0].status, "5.3.4");
    assert_int_equal(c->got[1].outcome, TRANSPORT_ACCEPTED);
    server_stop(s);
    free(big);
    finish(s, c);
}

static void test_envid(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 4);
    char longest[100], more[101];
    memset(longest, 'a', sizeof longest);
    memset(more, 'a', sizeof more);
    c->m[0].envid = STR("tok-en_1");
    c->m[1].envid = (struct str){longest, sizeof longest};
    c->m[2].envid = (struct str){more, sizeof more};
    c->m[3].envid = STR("a+b=c");
    assert_int_equal(client_run(c), OK);
    server_stop(s);
    assert_true(server_is_sound(s, c));
    assert_string_equal(s->kept[0].from, "FROM:<bounces@example.org> RET=HDRS ENVID=tok-en_1");
    assert_non_null(strstr(s->kept[1].from, " ENVID=aaaaaa"));
    assert_null(strstr(s->kept[2].from, "ENVID"));
    assert_non_null(strstr(s->kept[3].from, " ENVID=a+2Bb+3Dc"));
    finish(s, c);
}

static void test_null_sender(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 1);
    c->m[0].mail_from = STR("");
    assert_int_equal(client_run(c), OK);
    server_stop(s);
    assert_string_equal(s->kept[0].from, "FROM:<> RET=HDRS");
    finish(s, c);
}

/* What can't be sent is refused here, and the rest goes on. */
static void test_malformed(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 10);
    c->m[0].rcpt = STR("r0@example.net>\r\nRCPT TO:<x@example.net");
    c->m[1].mail_from = STR("a@b\r\nDATA");
    c->m[2].body = STR("a\n.\nMAIL FROM:<x@y>\n");
    c->m[3].body = STR("no end");
    c->m[4].body = STR("a\rb\r\n");
    c->m[5].rcpt = STR("gr\xc3\xbc\xc3\x9f@example.net");
    c->m[6].head = STR("From: a@b\r\nTo: c@d\r\n\r\n");
    c->m[7].body = STR("\xc3\xa9\r\n");
    c->m[8].head = STR(HEAD "x: y\r\n\r\n");
    assert_int_equal(client_run(c), OK);
    server_stop(s);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(c->got[i].outcome, TRANSPORT_NEVER);
        assert_int_equal(c->got[i].code, 0);
        assert_true(strlen(c->got[i].text) > 5);
        assert_false(c->got[i].wired);
    }
    assert_int_equal(c->got[9].outcome, TRANSPORT_ACCEPTED);
    assert_int_equal(s->n, 1);
    assert_int_equal(server_heard(s, "MAIL"), 1);
    finish(s, c);
}

static void test_wire_refused(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 3);
    c->refuse_wire = true;
    assert_int_equal(client_run(c), ERR_IO);
    server_stop(s);
    assert_false(c->confused);
    assert_int_equal(c->end.how, TRANSPORT_END_REFUSED_WIRE);
    assert_int_equal(c->got[0].outcome, TRANSPORT_UNTRIED);
    assert_int_equal(c->next, 1);
    assert_int_equal(s->n, 0);
    finish(s, c);
}

/* Big messages, in several pieces, dots everywhere. */
static void test_big(void **state) {
    (void)state;
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(t, s->port, 2);
    struct buf big = BUF_INIT;
    for (int i = 0; i < 40000; i++)
        buf_addf(&big, "%s%d\r\n", i % 3 ? "." : "", i);
    c->m[0].body = buf_str(&big);
    assert_int_equal(client_run(c), OK);
    server_stop(s);
    assert_true(server_is_sound(s, c));
    assert_int_equal(s->n, 2);
    buf_release(&big);
    finish(s, c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_accepted),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_nothing_to_send),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_refusals_without_pipelining),
        cmocka_unit_test(test_all_refused),
        cmocka_unit_test(test_354_after_refusal),
        cmocka_unit_test(test_421),
        cmocka_unit_test(test_greeting_refused),
        cmocka_unit_test(test_ehlo),
        cmocka_unit_test(test_envid),
        cmocka_unit_test(test_null_sender),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_wire_refused),
        cmocka_unit_test(test_big),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
