/* TLS and AUTH, against a server with certificates made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/transport/server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static struct transport *t;
static EVP_PKEY *ca_key, *leaf_key;
static X509 *ca, *other_ca;
static char ca_file[64], other_file[64];

static X509 *certificate(const char *name, const char *san, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                         long from, long until) {
    static long serial = 1;
    X509 *x = X509_new();
    X509V3_CTX v3;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), from);
    X509_gmtime_adj(X509_getm_notAfter(x), until);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    X509V3_set_ctx(&v3, issuer ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *e = san ? X509V3_EXT_conf_nid(NULL, &v3, NID_subject_alt_name, san)
                            : X509V3_EXT_conf_nid(NULL, &v3, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    X509_sign(x, issuer_key, EVP_sha256());
    return x;
}

static void write_pem(char path[64], X509 *x) {
    snprintf(path, 64, "/tmp/transport-test-XXXXXX");
    FILE *f = fdopen(mkstemp(path), "w");
    PEM_write_X509(f, x);
    fclose(f);
}

static int setup(void **state) {
    (void)state;
    struct error err = {0};
    ca_key = EVP_EC_gen("P-256");
    leaf_key = EVP_EC_gen("P-256");
    ca = certificate("Test Authority", NULL, ca_key, NULL, ca_key, -3600, 86400);
    other_ca = certificate("Other Authority", NULL, leaf_key, NULL, leaf_key, -3600, 86400);
    write_pem(ca_file, ca);
    write_pem(other_file, other_ca);
    return transport_new(NULL, &t, &err) == OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    unlink(ca_file);
    unlink(other_file);
    X509_free(ca);
    X509_free(other_ca);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(leaf_key);
    transport_free(t);
    return 0;
}

/* Offers everything in TLS, STARTTLS alone before. */
static _Thread_local bool secure;
static const char *starttls(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    if (strcmp(verb, "GREET") == 0)
        secure = false;
    if (strcmp(verb, "STARTTLS") == 0) {
        secure = true;
        return TLS_NOW;
    }
    if (strcmp(verb, "EHLO") == 0)
        return secure ? "250-test\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 DSN\r\n"
                      : "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n";
    return NULL;
}

static struct server *server_tls(const char *(*answer)(struct server *, const char *, const char *, int),
                                 const char *san, long from, long until, bool self) {
    struct server *s = server_start(answer);
    X509 *x = certificate("leaf", san, leaf_key, self ? NULL : ca, self ? leaf_key : ca_key, from, until);
    s->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->tls, x);
    SSL_CTX_use_PrivateKey(s->tls, leaf_key);
    X509_free(x);
    return s;
}

static struct client *client_tls(struct server *s, int n, enum transport_tls tls) {
    struct client *c = client_new(t, s->port, n);
    c->relay.host = "localhost";
    c->relay.tls = tls;
    c->relay.ca_file = ca_file;
    return c;
}

static void finish(struct server *s, struct client *c) {
    server_stop(s);
    assert_true(server_is_sound(s, c));
    assert_false(c->confused);
    server_free(s);
    free(c);
}

#define GOOD "DNS:localhost,IP:127.0.0.1", -3600, 3600, false

static void versions(enum transport_tls tls, int version, const char *name) {
    struct server *s = server_tls(tls == TRANSPORT_TLS_IMPLICIT ? NULL : starttls, GOOD);
    struct transport_facts facts;
    struct transport_session_end end;
    s->implicit = tls == TRANSPORT_TLS_IMPLICIT;
    if (version) {
        SSL_CTX_set_min_proto_version(s->tls, version);
        SSL_CTX_set_max_proto_version(s->tls, version);
    }
    server_go(s);
    struct client *c = client_tls(s, 120, tls);
    c->relay.messages = 60;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->next, 120);
    for (int i = 0; i < 120; i++)
        assert_int_equal(c->got[i].outcome, TRANSPORT_ACCEPTED);
    struct transport_conn *conn = transport_conn_new(t);
    assert_int_equal(transport_probe(t, conn, &c->relay, &facts, &end), OK);
    assert_string_equal(facts.tls, name);
    assert_true(facts.verified);
    transport_conn_free(conn);
    /* The certificate holds for the address, too. */
    c->relay.host = "127.0.0.1";
    c->next = 0;
    c->n = 0;
    assert_int_equal(client_run(c), OK);
    c->n = 120;
    server_stop(s);
    assert_int_equal(s->n, 120);
    assert_true(server_is_sound(s, c));
    server_free(s);
    free(c);
}

static void test_versions(void **state) {
    (void)state;
    versions(TRANSPORT_TLS_STARTTLS, TLS1_2_VERSION, "TLSv1.2");
    versions(TRANSPORT_TLS_STARTTLS, TLS1_3_VERSION, "TLSv1.3");
    versions(TRANSPORT_TLS_IMPLICIT, TLS1_2_VERSION, "TLSv1.2");
    versions(TRANSPORT_TLS_IMPLICIT, 0, "TLSv1.3");
}

static void test_old_version(void **state) {
    (void)state;
    struct server *s = server_tls(starttls, GOOD);
    SSL_CTX_set_security_level(s->tls, 0);
    SSL_CTX_set_min_proto_version(s->tls, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(s->tls, TLS1_1_VERSION);
    server_go(s);
    struct client *c = client_tls(s, 1, TRANSPORT_TLS_STARTTLS);
    client_run(c);
    assert_int_equal(c->end.how, TRANSPORT_END_TLS);
    assert_int_equal(c->next, 0);
    finish(s, c);
}

/* A big message each way of the pump, and tickets that come long before EHLO is written. */
static const char *late_tls(struct server *s, const char *verb, const char *arg, int n) {
    if (strcmp(verb, "GREET") == 0)
        usleep(400000);
    return starttls(s, verb, arg, n);
}

static void test_tickets_and_big(void **state) {
    (void)state;
    struct server *s = server_tls(late_tls, GOOD);
    s->implicit = true;
    SSL_CTX_set_num_tickets(s->tls, 4);
    server_go(s);
    struct client *c = client_tls(s, 3, TRANSPORT_TLS_IMPLICIT);
    struct buf big = BUF_INIT;
    for (int i = 0; i < 60000; i++)
        buf_addf(&big, ".%d some text to fill it\r\n", i);
    c->m[1].body = buf_str(&big);
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 3);
    finish(s, c);
    buf_release(&big);
}

static void refused(const char *san, long from, long until, bool self, const char *authority, const char *word) {
    struct server *s = server_tls(starttls, san, from, until, self);
    server_go(s);
    struct client *c = client_tls(s, 1, TRANSPORT_TLS_STARTTLS);
    c->relay.ca_file = authority;
    assert_int_equal(client_run(c), ERR_NOPERM);
    assert_int_equal(c->end.how, TRANSPORT_END_TLS);
    assert_int_equal(c->end.stage, TRANSPORT_STAGE_TLS);
    assert_int_equal(c->next, 0);
    if (!strstr(c->end.why.text, word))
        fail_msg("%s: no %s", c->end.why.text, word);
    /* Who only asks for TLS where it is offered takes any certificate. */
    c->relay.tls = TRANSPORT_TLS_OPPORTUNISTIC;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 1);
    finish(s, c);
}

static void test_certificates(void **state) {
    (void)state;
    refused("DNS:localhost", -3600, 3600, false, other_file, "untrusted");
    refused("DNS:localhost", -3600, 3600, false, NULL, "untrusted");
    refused("DNS:localhost", -3600, 3600, true, ca_file, "self-signed");
    refused("DNS:localhost", -7200, -3600, false, ca_file, "expired");
    refused("DNS:localhost", 3600, 7200, false, ca_file, "not yet valid");
    refused("DNS:mail.example.org", -3600, 3600, false, ca_file, "another name");
    refused("DNS:*.example.org,IP:127.0.0.1", -3600, 3600, false, ca_file, "another name");
}

static void test_ca_file_missing(void **state) {
    (void)state;
    struct server *s = server_tls(starttls, GOOD);
    server_go(s);
    struct client *c = client_tls(s, 1, TRANSPORT_TLS_STARTTLS);
    c->relay.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(client_run(c), ERR_CONFIG);
    assert_non_null(strstr(c->end.why.text, "/nonexistent/ca.pem"));
    finish(s, c);
}

/* Not offered, refused, not TLS at all. */
static const char *no_tls(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    return strcmp(verb, "STARTTLS") == 0 ? "454 4.7.0 not now\r\n" : NULL;
}
static const char *broken_tls(struct server *s, const char *verb, const char *arg, int n) {
    if (strcmp(verb, "EHLO") == 0)
        return "250-test\r\n250 STARTTLS\r\n";
    return no_tls(s, verb, arg, n);
}

static void test_not_offered(void **state) {
    (void)state;
    struct server *s = server_start(no_tls);
    server_go(s);
    struct client *c = client_tls(s, 2, TRANSPORT_TLS_STARTTLS);
    client_run(c);
    assert_int_equal(c->end.how, TRANSPORT_END_TLS);
    assert_int_equal(c->next, 0);
    assert_int_equal(server_heard(s, "MAIL"), 0);
    c->relay.tls = TRANSPORT_TLS_IMPLICIT;
    client_run(c);
    assert_int_equal(c->end.how, TRANSPORT_END_TLS);
    assert_non_null(strstr(c->end.why.text, "not TLS"));
    c->relay.tls = TRANSPORT_TLS_OPPORTUNISTIC;
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 2);
    finish(s, c);
    s = server_start(broken_tls);
    server_go(s);
    c = client_tls(s, 2, TRANSPORT_TLS_OPPORTUNISTIC);
    assert_int_equal(client_run(c), ERR_TEMP);
    assert_int_equal(c->end.how, TRANSPORT_END_TLS);
    assert_int_equal(c->end.code, 454);
    assert_int_equal(c->next, 0);
    finish(s, c);
}

/* What follows 220 in clear would be taken for replies under TLS. */
static const char *injected(struct server *s, const char *verb, const char *arg, int n) {
    if (strcmp(verb, "STARTTLS") == 0)
        return "220 go\r\n250 2.0.0 ok\r\n";
    return starttls(s, verb, arg, n);
}

static void test_injection(void **state) {
    (void)state;
    struct server *s = server_tls(injected, GOOD);
    server_go(s);
    struct client *c = client_tls(s, 2, TRANSPORT_TLS_STARTTLS);
    assert_int_equal(client_run(c), ERR_PROTOCOL);
    assert_int_equal(c->end.how, TRANSPORT_END_PROTOCOL);
    assert_int_equal(c->next, 0);
    finish(s, c);
}

/* In TLS, dropped and stalled after the end of the data; and a peer that reads nothing. */
static const char *tls_end;
static const char *end_trouble(struct server *s, const char *verb, const char *arg, int n) {
    return n == 1 && strcmp(verb, ".") == 0 ? tls_end : starttls(s, verb, arg, n);
}

static bool read_nothing(struct server *s, int fd) {
    (void)fd;
    while (!atomic_load(&s->ending))
        usleep(10000);
    return true;
}

static void test_trouble_in_tls(void **state) {
    (void)state;
    static const char *const ends[] = {DROP, STALL, "454 4.7.1 later\r\n", "421 bye\r\n"};
    static const enum transport_end hows[] = {TRANSPORT_END_DROPPED, TRANSPORT_END_TIMEOUT, TRANSPORT_END_NORMAL,
                                              TRANSPORT_END_CLOSING};
    static const enum transport_outcome outcomes[] = {TRANSPORT_UNKNOWN, TRANSPORT_UNKNOWN, TRANSPORT_LATER,
                                                      TRANSPORT_UNTRIED};
    for (size_t i = 0; i < 4; i++) {
        tls_end = ends[i];
        struct server *s = server_tls(end_trouble, GOOD);
        server_go(s);
        struct client *c = client_tls(s, 2, TRANSPORT_TLS_STARTTLS);
        c->relay.timeout_ms = 300;
        client_run(c);
        assert_int_equal(c->end.how, hows[i]);
        assert_int_equal(c->got[0].outcome, TRANSPORT_ACCEPTED);
        assert_int_equal(c->got[1].outcome, outcomes[i]);
        finish(s, c);
    }
    struct server *s = server_tls(starttls, GOOD);
    s->data = read_nothing;
    server_go(s);
    struct client *c = client_tls(s, 2, TRANSPORT_TLS_STARTTLS);
    struct buf big = BUF_INIT;
    for (int i = 0; i < 400000; i++)
        buf_adds(&big, "The quick brown fox jumps over the lazy dog.\r\n");
    c->m[0].body = buf_str(&big);
    c->relay.timeout_ms = 300;
    client_run(c);
    assert_int_equal(c->end.how, TRANSPORT_END_TIMEOUT);
    assert_int_equal(c->got[0].outcome, TRANSPORT_UNTRIED);
    finish(s, c);
    buf_release(&big);
}

/* AUTH */
static const char *auth_offer, *auth_reply;
static _Thread_local int lines;
static const char *with_auth(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)arg, (void)n;
    if (strcmp(verb, "EHLO") == 0)
        return auth_offer;
    if (strcmp(verb, "AUTH") == 0)
        return strncmp(arg, "LOGIN", 5) == 0 ? "334 VXNlcm5hbWU6\r\n" : auth_reply;
    return NULL;
}

static void login(const char *offer, const char *reply, const char *user, const char *password,
                  enum transport_end how) {
    auth_offer = offer;
    auth_reply = reply;
    struct server *s = server_start(with_auth);
    server_go(s);
    struct client *c = client_new(t, s->port, 2);
    c->relay.user = user;
    c->relay.password = password;
    client_run(c);
    assert_int_equal(c->end.how, how);
    assert_int_equal(c->end.accepted, how == TRANSPORT_END_NORMAL ? 2 : 0);
    assert_int_equal(c->next, how == TRANSPORT_END_NORMAL ? 2 : 0); /* never unauthenticated */
    assert_int_equal(server_heard(s, "MAIL"), c->next);
    assert_null(strstr(c->end.why.text, password));
    finish(s, c);
}

static void test_auth(void **state) {
    (void)state;
    login("250-test\r\n250 AUTH PLAIN LOGIN\r\n", "235 2.7.0 ok\r\n", "desk", "s3cret", TRANSPORT_END_NORMAL);
    login("250-test\r\n250 AUTH=PLAIN\r\n", "235 ok\r\n", "desk", "s3cret", TRANSPORT_END_NORMAL);
    login("250-test\r\n250 AUTH PLAIN LOGIN\r\n", "535 5.7.8 bad\r\n", "desk", "s3cret", TRANSPORT_END_AUTH);
    login("250-test\r\n250 AUTH PLAIN\r\n", "454 4.7.0 later\r\n", "desk", "s3cret", TRANSPORT_END_AUTH);
    login("250-test\r\n250 AUTH PLAIN\r\n", "250 huh\r\n", "desk", "s3cret", TRANSPORT_END_PROTOCOL);
    login("250-test\r\n250 AUTH CRAM-MD5\r\n", "235 ok\r\n", "desk", "s3cret", TRANSPORT_END_AUTH);
    login("250 test\r\n", "235 ok\r\n", "desk", "s3cret", TRANSPORT_END_AUTH);
    login("250-test\r\n250 AUTH PLAIN\r\n", DROP, "desk", "s3cret", TRANSPORT_END_DROPPED);
}

/* The words as they are on the wire. */
static const char *check_words(struct server *s, const char *verb, const char *arg, int n) {
    (void)s, (void)n;
    if (strcmp(verb, "EHLO") == 0)
        return auth_offer;
    if (strcmp(verb, "AUTH") == 0) {
        lines = 0;
        if (strncmp(arg, "LOGIN", 5) == 0)
            return "334 VXNlcm5hbWU6\r\n";
        return strcmp(arg, "PLAIN AGRlc2sAczNjcmV0") == 0 ? "235 ok\r\n" : "535 no\r\n";
    }
    if (strcmp(verb, "LINE") == 0)
        return lines++ == 0 ? (strcmp(arg, "ZGVzaw==") == 0 ? "334 UGFzc3dvcmQ6\r\n" : "535 no\r\n")
                            : (strcmp(arg, "czNjcmV0") == 0 ? "235 ok\r\n" : "535 no\r\n");
    return NULL;
}

static void test_auth_words(void **state) {
    (void)state;
    static const char *const offers[] = {"250-test\r\n250 AUTH PLAIN\r\n", "250-test\r\n250 AUTH LOGIN\r\n"};
    for (size_t i = 0; i < 2; i++) {
        auth_offer = offers[i];
        struct server *s = server_start(check_words);
        server_go(s);
        struct client *c = client_new(t, s->port, 1);
        c->relay.user = "desk";
        c->relay.password = "s3cret";
        assert_int_equal(client_run(c), OK);
        assert_int_equal(c->end.accepted, 1);
        c->relay.password = "wrong";
        c->n = 2;
        c->m[1] = c->m[0];
        assert_int_equal(client_run(c), ERR_NOPERM);
        assert_int_equal(c->end.how, TRANSPORT_END_AUTH);
        assert_int_equal(c->next, 1);
        finish(s, c);
    }
}

static void test_auth_in_tls(void **state) {
    (void)state;
    struct server *s = server_tls(starttls, GOOD);
    server_go(s);
    struct client *c = client_tls(s, 2, TRANSPORT_TLS_STARTTLS);
    c->relay.user = "desk";
    c->relay.password = "s3cret";
    assert_int_equal(client_run(c), OK);
    assert_int_equal(c->end.accepted, 2);
    finish(s, c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_old_version),
        cmocka_unit_test(test_tickets_and_big),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_ca_file_missing),
        cmocka_unit_test(test_not_offered),
        cmocka_unit_test(test_injection),
        cmocka_unit_test(test_trouble_in_tls),
        cmocka_unit_test(test_auth),
        cmocka_unit_test(test_auth_words),
        cmocka_unit_test(test_auth_in_tls),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
