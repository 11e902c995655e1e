/* Relays that drop, stall, babble or slip something in; being stopped; several addresses; many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
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

static void finish(struct server *s, struct client *c) {
    server_free(s);
    free(c);
}

/* The scripted answer: TEXT to VERB once two messages were accepted. */
static const char *at_verb, *at_text;
static const char *third(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg;
    return n == 2 && strcmp(verb, at_verb) == 0 ? at_text : NULL;
}

static struct client *run_third(const char *verb, const char *text, int64_t timeout_ms, struct server **server) {
    at_verb = verb;
    at_text = text;
    struct server *s = server_start(third);
    server_go(s);
    struct client *c = client_new(t, s->port, 5);
    c->relay.timeout_ms = timeout_ms;
    client_run(c);
    server_stop(s);
    assert_false(c->confused);
    assert_true(server_is_sound(s, c));
    *server = s;
    return c;
}

static void broken_at(const char *verb, const char *text, enum transport_end how, enum transport_outcome outcome,
                      enum transport_stage stage) {
    struct server *s;
    int64_t start = clock_mono_ns();
    struct client *c = run_third(verb, text, 250, &s);
    assert_int_equal(c->end.how, how);
    assert_int_equal(c->end.accepted, 2);
    assert_int_equal(c->end.given, 3);
    assert_int_equal(c->got[2].outcome, outcome);
    assert_int_equal(c->got[2].stage, stage);
    assert_false(c->got[2].relay_rests);
    assert_true(strlen(c->end.why.text) > 10);
    assert_int_not_equal(c->end.why.status, OK);
    assert_true(clock_mono_ns() - start < 2000000000);
    finish(s, c);
}

static void test_dropped(void **state) {
    (void)state;
    broken_at("MAIL", DROP, TRANSPORT_END_DROPPED, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL);
    broken_at("RCPT", DROP, TRANSPORT_END_DROPPED, TRANSPORT_UNTRIED, TRANSPORT_STAGE_RCPT);
    broken_at("DATA", DROP, TRANSPORT_END_DROPPED, TRANSPORT_UNTRIED, TRANSPORT_STAGE_DATA);
    broken_at(".", DROP, TRANSPORT_END_DROPPED, TRANSPORT_UNKNOWN, TRANSPORT_STAGE_DOT);
}

static void test_stalled(void **state) {
    (void)state;
    broken_at("MAIL", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL);
    broken_at("RCPT", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_UNTRIED, TRANSPORT_STAGE_RCPT);
    broken_at("DATA", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_UNTRIED, TRANSPORT_STAGE_DATA);
    broken_at(".", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_UNKNOWN, TRANSPORT_STAGE_DOT);
}

static void test_garbage(void **state) {
    (void)state;
    static const char *const garbage[] = {"what?\r\n",   "250x ok\r\n",        "\r\n",
                                          "-250 ok\r\n", "250-a\r\n251 b\r\n", "250-a\r\nfoo\r\n",
                                          "999 huh\r\n", "100 wait\r\n",       "250-a\r\n"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        /* The last one is an answer that never ends: a stall. */
        enum transport_end how = i == 8 ? TRANSPORT_END_TIMEOUT : TRANSPORT_END_PROTOCOL;
        broken_at("MAIL", garbage[i], how, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL);
        broken_at("RCPT", garbage[i], how, TRANSPORT_UNTRIED, TRANSPORT_STAGE_RCPT);
        broken_at("DATA", garbage[i], how, TRANSPORT_UNTRIED, TRANSPORT_STAGE_DATA);
        broken_at(".", garbage[i], how, TRANSPORT_UNKNOWN, TRANSPORT_STAGE_DOT);
    }
}

/* libesmtp takes a 2yz to DATA for the message's acceptance. */
static void test_250_to_data(void **state) {
    (void)state;
    broken_at("DATA", "250 ok\r\n", TRANSPORT_END_PROTOCOL, TRANSPORT_UNTRIED, TRANSPORT_STAGE_DATA);
    broken_at(".", "354 go on\r\n", TRANSPORT_END_PROTOCOL, TRANSPORT_UNKNOWN, TRANSPORT_STAGE_DOT);
}

/* What comes before the message's end is no answer to it, though libesmtp reads it for one. */
static void test_answer_before_dot(void **state) {
    (void)state;
    static const char *const early[] = {"354 go\r\n250 2.0.0 ok\r\n", "354 go\r\n550 no\r\n", "354 go\r\n250-and"};
    for (size_t i = 0; i < sizeof early / sizeof *early; i++)
        broken_at("DATA", early[i], TRANSPORT_END_PROTOCOL, TRANSPORT_UNTRIED, TRANSPORT_STAGE_DATA);
}

/* libesmtp takes what is beyond 1,023 bytes of a line for the next reply. */
static void test_long_line(void **state) {
    (void)state;
    char line[2100];
    memset(line, 'x', sizeof line);
    memcpy(line, "250 ", 4);
    memcpy(line + 1023, "354 go", 6);
    memcpy(line + 2048, "\r\n", 3);
    broken_at("MAIL", line, TRANSPORT_END_PROTOCOL, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL);
    broken_at("RCPT", line, TRANSPORT_END_PROTOCOL, TRANSPORT_UNTRIED, TRANSPORT_STAGE_RCPT);
    struct server *s;
    struct client *c = run_third(".", line, 1000, &s);
    assert_int_equal(c->got[2].outcome, TRANSPORT_ACCEPTED); /* its code was read in order */
    assert_int_equal(c->end.given, 3);
    assert_int_equal(c->end.how, TRANSPORT_END_PROTOCOL);
    finish(s, c);
    memcpy(line, "550 ", 4);
    c = run_third("RCPT", line, 1000, &s);
    assert_int_equal(c->got[2].outcome, TRANSPORT_NEVER);
    assert_int_equal(c->end.given, 3);
    finish(s, c);
    /* The longest that is fine. */
    memcpy(line, "250 ", 4);
    memset(line + 1023, 'x', 6);
    memcpy(line + 1021, "\r\n", 3);
    c = run_third(".", line, 1000, &s);
    assert_int_equal(c->end.accepted, 5);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    finish(s, c);
}

static void test_odd_but_fine(void **state) {
    (void)state;
    static const char *const verbs[] = {"MAIL", "RCPT", "."};
    static const char *const texts[] = {"250\r\n",
                                        "250 \r\n",
                                        "250-one\r\n250-\r\n250 three\r\n",
                                        "250 caf\xe9\x01\r\n",
                                        "250-2.1.0 a\r\n250 b\r\n",
                                        "250 ok\n",
                                        "250-\r\n250\r\n"};
    for (size_t v = 0; v < 3; v++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            struct server *s;
            struct client *c = run_third(verbs[v], texts[i], 1000, &s);
            assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
            assert_int_equal(c->end.accepted, 5);
            for (const char *p = c->got[2].text; *p; p++)
                assert_true((unsigned char)*p >= ' ');
            finish(s, c);
        }
    struct server *s;
    struct client *c = run_third("DATA", "354\r\n", 1000, &s);
    assert_int_equal(c->end.accepted, 5);
    finish(s, c);
}

/* A reply nobody asked for, behind the one to the message's end: the next message would take it for its own. */
static void test_unasked_reply(void **state) {
    (void)state;
    struct server *s;
    struct client *c = run_third(".", "250 ok\r\n250 ok again\r\n", 1000, &s);
    assert_int_equal(c->got[2].outcome, TRANSPORT_ACCEPTED);
    assert_int_equal(c->end.given, 3);
    assert_int_equal(c->end.how, TRANSPORT_END_PROTOCOL);
    finish(s, c);
}

/* CHUNKING without PIPELINING, readers and later pieces refused: libesmtp would put the rest of one message into the
 * next. It isn't told of CHUNKING. */
static const char *chunking(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)n;
    if (strcmp(verb, "EHLO") == 0)
        return "250-test\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 8BITMIME\r\n";
    if (strcmp(verb, "RCPT") == 0 && strchr("13579", arg[strlen("TO:<r")]))
        return "550 5.1.1 no\r\n";
    return strcmp(verb, "BDAT") == 0 ? "503 5.5.1 no\r\n" : NULL;
}

static void test_chunking(void **state) {
    (void)state;
    struct server *s = server_start(chunking);
    server_go(s);
    struct client *c = client_new(t, s->port, 10);
    assert_int_equal(client_run(c), OK);
    server_stop(s);
    assert_true(server_is_sound(s, c));
    assert_int_equal(s->n, 5);
    assert_int_equal(server_heard(s, "BDAT"), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(c->got[i].outcome, i % 2 ? TRANSPORT_NEVER : TRANSPORT_ACCEPTED);
    finish(s, c);
}

/* After 354: close in the midst of a message that fits no buffer; and read nothing at all. */
static bool close_early(struct server *s, int fd) {
    char buf[1000];
    (void)s;
    ssize_t n = recv(fd, buf, sizeof buf, 0);
    return n >= 0;
}

static bool read_nothing(struct server *s, int fd) {
    (void)fd;
    while (!atomic_load(&s->ending))
        usleep(10000);
    return true;
}

static void big_message(bool (*data)(struct server *, int), enum transport_end how) {
    struct server *s = server_start(NULL);
    s->data = data;
    server_go(s);
    struct client *c = client_new(t, s->port, 2);
    struct buf big = BUF_INIT;
    for (int i = 0; i < 400000; i++)
        buf_adds(&big, "The quick brown fox jumps over the lazy dog.\r\n");
    c->m[0].body = buf_str(&big);
    c->relay.timeout_ms = 300;
    int64_t start = clock_mono_ns();
    client_run(c);
    assert_true(clock_mono_ns() - start < 5000000000);
    server_stop(s);
    assert_false(c->confused);
    assert_int_equal(c->end.how, how);
    assert_int_equal(c->got[0].outcome, TRANSPORT_UNTRIED);
    assert_int_equal(c->got[0].stage, TRANSPORT_STAGE_DATA);
    assert_true(c->got[0].wired);
    assert_int_equal(c->next, 1);
    buf_release(&big);
    finish(s, c);
}

static void test_data_interrupted(void **state) {
    (void)state;
    big_message(close_early, TRANSPORT_END_DROPPED);
    big_message(read_nothing, TRANSPORT_END_TIMEOUT);
}

/* The opening */
static void opening(const char *verb, const char *text, enum transport_end how, enum transport_stage stage) {
    at_verb = verb;
    at_text = text;
    struct server *s;
    struct client *c;
    s = server_start(third);
    s->n = 2; /* from the start */
    server_go(s);
    c = client_new(t, s->port, 5);
    c->relay.timeout_ms = 200;
    client_run(c);
    server_stop(s);
    assert_int_equal(c->end.how, how);
    assert_int_equal(c->end.stage, stage);
    assert_int_equal(c->next, 0); /* nothing was claimed */
    s->n = 0;
    finish(s, c);
}

static void test_opening(void **state) {
    (void)state;
    char line[6000];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\0';
    memcpy(line, "220 ", 4);
    opening("GREET", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_STAGE_GREETING);
    opening("GREET", DROP, TRANSPORT_END_DROPPED, TRANSPORT_STAGE_GREETING);
    opening("GREET", line, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING);
    opening("GREET", "250 hm\r\n", TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING);
    opening("EHLO", STALL, TRANSPORT_END_TIMEOUT, TRANSPORT_STAGE_GREETING);
    opening("EHLO", DROP, TRANSPORT_END_DROPPED, TRANSPORT_STAGE_GREETING);
    opening("EHLO", "421 no\r\n", TRANSPORT_END_GREETING, TRANSPORT_STAGE_GREETING);
    opening("EHLO", "554 no\r\n", TRANSPORT_END_GREETING, TRANSPORT_STAGE_GREETING);
    opening("EHLO", "250 a\r\n250 b\r\n", TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING);
}

static void test_unreachable(void **state) {
    (void)state;
    struct server *s = server_start(NULL); /* bound, listening, then closed */
    int port = s->port;
    close(s->fd);
    struct client *c = client_new(t, port, 1);
    assert_int_equal(client_run(c), ERR_UNAVAILABLE);
    assert_int_equal(c->end.how, TRANSPORT_END_UNREACHABLE);
    assert_true(c->end.temporary);
    assert_non_null(strstr(c->end.why.text, "127.0.0.1"));
    c->relay.host = "no.such.host.invalid";
    client_run(c);
    assert_true(c->end.how == TRANSPORT_END_UNREACHABLE || c->end.how == TRANSPORT_END_TIMEOUT);
    c->relay.host = "";
    assert_int_equal(client_run(c), ERR_CONFIG);
    assert_int_equal(c->next, 0);
    finish(s, c);
}

/* Slow, but in time. */
static const char *slow(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    if (strcmp(verb, "GREET") == 0)
        usleep(300000);
    return NULL;
}

static void test_slow_greeting(void **state) {
    (void)state;
    struct server *s = server_start(slow);
    server_go(s);
    struct client *c = client_new(t, s->port, 1);
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 1);
    server_stop(s);
    finish(s, c);
}

/* The relay closes while we wait for work. */
static void dawdle(struct client *c, int i) {
    (void)c;
    if (i == 2)
        usleep(200000);
}
static const char *idle_text;
static bool idle_data(struct server *s, int fd) {
    char buf[4096];
    size_t end = 0;
    while (end < 5 || memcmp(buf + end - 5, "\r\n.\r\n", 5) != 0) {
        ssize_t n = recv(fd, buf + end, sizeof buf - end, 0);
        if (n <= 0)
            return true;
        end += (size_t)n;
    }
    send(fd, "250 ok\r\n", 8, MSG_NOSIGNAL);
    if (atomic_fetch_add(&s->data_lines, 1) == 1) {
        usleep(50000);
        send(fd, idle_text, strlen(idle_text), MSG_NOSIGNAL);
        return true;
    }
    return false;
}

static void test_idle(void **state) {
    (void)state;
    static const char *const texts[] = {"", "421 4.4.2 timeout exceeded\r\n"};
    for (size_t i = 0; i < 2; i++) {
        idle_text = texts[i];
        struct server *s = server_start(NULL);
        s->data = idle_data;
        server_go(s);
        struct client *c = client_new(t, s->port, 4);
        c->before_next = dawdle;
        client_run(c);
        server_stop(s);
        assert_false(c->confused);
        assert_int_equal(c->end.how, TRANSPORT_END_IDLE);
        assert_int_equal(c->end.accepted, 2);
        assert_int_equal(c->got[2].outcome, TRANSPORT_UNTRIED);
        assert_false(c->got[2].relay_rests);
        assert_int_equal(c->next, 3);
        finish(s, c);
    }
}

/* Addresses: those that the test gives. */
static size_t two_addresses(void *ctx, const char *host, struct sockaddr_storage *out, size_t max) {
    struct sockaddr_in a = {.sin_family = AF_INET};
    (void)max;
    if (strcmp(host, "slow.example.org") == 0) {
        usleep(500000);
        return 0;
    }
    if (strcmp(host, "none.example.org") == 0)
        return 0;
    atomic_fetch_add((atomic_int *)ctx, 1);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    memcpy(&out[0], &a, sizeof a);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&out[1], &a, sizeof a);
    return 2;
}

static void test_addresses(void **state) {
    (void)state;
    struct error err = {0};
    static atomic_int asked;
    struct transport_options o = {two_addresses, &asked};
    struct transport *own;
    struct transport_facts facts;
    struct transport_session_end end;
    assert_int_equal(transport_new(&o, &own, &err), OK);
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(own, s->port, 4);
    c->relay.host = "mail.example.org";
    c->relay.messages = 2;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->next, 4);
    assert_int_equal(atomic_load(&asked), 1); /* remembered */
    struct transport_conn *conn = transport_conn_new(own);
    assert_int_equal(transport_probe(own, conn, &c->relay, &facts, &end), OK);
    assert_string_equal(facts.address, "127.0.0.1");
    assert_true(facts.pipelining);
    assert_true(facts.dsn);
    assert_false(facts.authenticated);
    transport_conn_free(conn);
    c->relay.host = "slow.example.org";
    c->relay.connect_timeout_ms = 100;
    client_run(c);
    assert_int_equal(c->end.how, TRANSPORT_END_TIMEOUT);
    c->relay.host = "none.example.org";
    assert_int_equal(client_run(c), ERR_NOHOST);
    server_stop(s);
    usleep(600000); /* the thread that was left behind ends */
    transport_free(own);
    finish(s, c);
}

/* Sixteen threads at once: nobody gets another's message. */
static void *one_thread(void *arg) {
    struct client *c = arg;
    while (c->next < c->n)
        if (client_run(c) != OK)
            break;
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    enum { THREADS = 16, EACH = 30 };
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        c[i] = client_new(t, s->port, EACH);
        c[i]->relay.messages = 7;
        for (int k = 0; k < EACH; k++) {
            snprintf(c[i]->rcpt[k], 64, "t%dr%d@example.net", i, k);
            c[i]->m[k].rcpt = str_from(c[i]->rcpt[k]);
            snprintf(c[i]->body_text[k], 96, "t%dr%d\r\n", i, k);
            c[i]->m[k].body = str_from(c[i]->body_text[k]);
        }
        assert_int_equal(pthread_create(&threads[i], NULL, one_thread, c[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(c[i]->confused);
        for (int k = 0; k < EACH; k++)
            assert_int_equal(c[i]->got[k].outcome, TRANSPORT_ACCEPTED);
    }
    server_stop(s);
    assert_int_equal(s->n, THREADS * EACH);
    for (int i = 0; i < s->n; i++) {
        char want[64];
        int a, b;
        assert_int_equal(sscanf(s->kept[i].rcpt, "TO:<t%dr%d@", &a, &b), 2);
        snprintf(want, sizeof want, "\r\n\r\nt%dr%d\r\n", a, b);
        assert_true(str_ends(buf_str(&s->kept[i].data), str_from(want)));
    }
    for (int i = 0; i < THREADS; i++)
        free(c[i]);
    server_free(s);
}

/* Stop and cut, from another thread (or a signal). */
static const char *cut_at_third(struct server *s, const char *verb, const char *arg, int n) {
    (void)arg;
    if (n != 2 || strcmp(verb, ".") != 0)
        return NULL;
    transport_cut(s->ctx);
    return STALL;
}

static void stop_before(struct client *c, int i) {
    if (i == 2)
        transport_stop(c->t);
}

static void test_stop(void **state) {
    (void)state;
    struct error err = {0};
    struct transport *own;
    assert_int_equal(transport_new(NULL, &own, &err), OK);
    struct server *s = server_start(NULL);
    server_go(s);
    struct client *c = client_new(own, s->port, 9);
    c->before_next = stop_before;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(c->next, 3); /* the one that was asked for is sent to its end */
    assert_int_equal(c->end.accepted, 3);
    assert_int_equal(client_run(c), OK); /* and no further session begins */
    assert_int_equal(c->next, 3);
    server_stop(s);
    assert_int_equal(server_heard(s, "QUIT"), 1);
    assert_int_equal(atomic_load(&s->connections), 1);
    transport_free(own);
    finish(s, c);
}

static void test_cut(void **state) {
    (void)state;
    struct error err = {0};
    struct transport *own;
    assert_int_equal(transport_new(NULL, &own, &err), OK);
    struct server *s = server_start(cut_at_third);
    s->ctx = own;
    server_go(s);
    struct client *c = client_new(own, s->port, 9);
    int64_t start = clock_mono_ns();
    assert_int_equal(client_run(c), ERR_TEMP);
    assert_true(clock_mono_ns() - start < 1000000000);
    assert_int_equal(c->end.how, TRANSPORT_END_CUT);
    assert_int_equal(c->got[2].outcome, TRANSPORT_UNKNOWN);
    assert_int_equal(c->next, 3);
    assert_false(c->confused);
    server_stop(s);
    transport_free(own);
    finish(s, c);
}

static void *stop_soon(void *arg) {
    usleep(100000);
    transport_stop(arg);
    return NULL;
}

/* While a connection is being made. */
static void test_stop_early(void **state) {
    (void)state;
    struct error err = {0};
    struct transport *own;
    pthread_t thread;
    assert_int_equal(transport_new(NULL, &own, &err), OK);
    at_verb = "GREET";
    at_text = STALL;
    struct server *s = server_start(third);
    s->n = 2;
    server_go(s);
    struct client *c = client_new(own, s->port, 1);
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, own), 0);
    int64_t start = clock_mono_ns();
    assert_int_equal(client_run(c), OK);
    assert_true(clock_mono_ns() - start < 1000000000);
    assert_int_equal(c->end.how, TRANSPORT_END_NORMAL);
    assert_int_equal(c->next, 0);
    pthread_join(thread, NULL);
    server_stop(s);
    s->n = 0;
    transport_free(own);
    finish(s, c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_250_to_data),
        cmocka_unit_test(test_answer_before_dot),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_odd_but_fine),
        cmocka_unit_test(test_unasked_reply),
        cmocka_unit_test(test_chunking),
        cmocka_unit_test(test_data_interrupted),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_slow_greeting),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_stop_early),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
