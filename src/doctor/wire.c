#include "doctor/wire.h"

#include "base/buf.h"
#include "config/secret.h"
#include "transport/session.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct teller {
    void (*say)(void *ctx, const struct check_result *r);
    void *ctx;
    bool relay;
};

static void __attribute__((format(printf, 4, 5)))
tell(const struct teller *t, const char *check, enum check_state state, const char *fmt, ...) {
    char text[1200];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->say(t->ctx, &(struct check_result){.check = check, .state = state, .relay = t->relay, .detail = text});
}

/* A key with a passphrase is not asked for it: nobody would be there to type it. */
static int no_passphrase(char *out, int size, int writing, void *arg) {
    (void)out, (void)size, (void)writing, (void)arg;
    return -1;
}

static void check_key(const struct teller *t, const char *check, const char *domain, const char *selector,
                      const char *path) {
    struct stat st;
    FILE *f = fopen(path, "re");
    if (!f || fstat(fileno(f), &st) != 0) {
        tell(t, check, CHECK_FAIL, "%s can't be read: %s", path, strerror(errno));
        if (f) {
            (void)fclose(f);
        }
        return;
    }
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, no_passphrase, NULL);
    (void)fclose(f);
    int kind = key ? EVP_PKEY_get_base_id(key) : 0;
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    EVP_PKEY_free(key);
    if (!kind) {
        tell(t, check, CHECK_FAIL, "%s holds no private key in PEM without a passphrase", path);
    } else if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_ED25519) {
        tell(t, check, CHECK_FAIL, "%s is neither an RSA nor an Ed25519 key", path);
    } else if (kind == EVP_PKEY_RSA && bits < 1024) {
        tell(t, check, CHECK_FAIL, "%s has %d bits: verifiers ignore less than 1024, make one of 2048", path, bits);
    } else if (st.st_mode & 077) {
        tell(t, check, CHECK_WARN, "%s can be read by others: chmod 600", path);
    } else {
        tell(t, check, CHECK_OK, "%s._domainkey.%s, %s with %d bits", selector, domain,
             kind == EVP_PKEY_RSA ? "RSA" : "Ed25519", bits);
    }
}

void wire_check_keys(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    struct teller t = {say, ctx, false};
    for (size_t i = 0; i < c->dkims_n; i++) {
        const struct config_dkim *d = &c->dkims[i];
        char check[128];
        (void)snprintf(check, sizeof check, "dkim%s%s", d->name[0] ? " " : "", d->name);
        tell(&t, check, CHECK_WARN, "this version does not sign yet: the relay must do it, with this key or its own");
        check_key(&t, check, d->domain, d->selector, d->key_file);
        if (d->key_file2) {
            check_key(&t, check, d->domain, d->selector2, d->key_file2);
        }
    }
}

static const char *end_hint(enum transport_end how) {
    switch (how) {
    case TRANSPORT_END_AUTH:
        return "look at user and password";
    case TRANSPORT_END_TLS:
        return "look at tls, host and ca_file";
    case TRANSPORT_END_UNREACHABLE:
    case TRANSPORT_END_TIMEOUT:
        return "look at host and port, and whether the server runs";
    default:
        return "ask whoever runs it";
    }
}

static void check_relay(const struct config *c, const struct config_relay *r, struct transport *transport,
                        struct transport_conn *conn, struct teller *t) {
    static const enum transport_tls modes[] = {
        [CONFIG_TLS_NONE] = TRANSPORT_TLS_NONE,
        [CONFIG_TLS_OPPORTUNISTIC] = TRANSPORT_TLS_OPPORTUNISTIC,
        [CONFIG_TLS_STARTTLS] = TRANSPORT_TLS_STARTTLS,
        [CONFIG_TLS_IMPLICIT] = TRANSPORT_TLS_IMPLICIT,
    };
    char check[128];
    struct error err = {0};
    struct buf password = BUF_INIT;
    struct transport_facts facts = {0};
    struct transport_session_end end = {0};
    (void)snprintf(check, sizeof check, "relay %s", r->name);
    t->relay = false;
    if (r->user && config_secret(r->password.file, r->password.command, c->folder, &password, &err) != OK) {
        tell(t, check, CHECK_FAIL, "its password: %s", err.text);
        goto done;
    }
    struct transport_relay relay = {.name = r->name,
                                    .host = r->host,
                                    .port = r->port,
                                    .tls = modes[r->tls],
                                    .ca_file = r->ca_file,
                                    .user = r->user,
                                    .password = r->user ? buf_cstr(&password) : NULL,
                                    .ehlo_name = c->site.hostname,
                                    .timeout_ms = r->timeout_s ? r->timeout_s * 1000 : 30000,
                                    .connect_timeout_ms = r->connect_timeout_s * 1000,
                                    .messages = r->messages};
    t->relay = true;
    if (transport_probe(transport, conn, &relay, &facts, &end) != OK) {
        struct str why = str_from(end.why.text);
        if (str_starts(why, str_from(check)) && why.len > strlen(check) + 2) {
            why = str_sub(why, strlen(check) + 2, why.len); /* its own "relay NAME: " */
        }
        tell(t, check, CHECK_FAIL, "%.*s; %s", STR_ARG(why), end_hint(end.how));
    } else {
        bool bare = !facts.tls[0] && !r->loopback;
        tell(t, check, bare ? CHECK_WARN : CHECK_OK, "%s port %d, %s%s%s%s", facts.address, r->port,
             facts.tls[0] ? facts.tls : "no TLS",
             !facts.tls[0]    ? ""
             : facts.verified ? ", certificate verified"
                              : ", certificate not verified",
             facts.authenticated ? ", AUTH accepted" : "",
             bare ? ": everybody on the way can read the mail; tls = starttls" : "");
    }
done:
    if (password.ptr) {
        explicit_bzero(password.ptr, password.cap);
    }
    buf_release(&password);
}

void wire_check_relays(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    struct teller t = {say, ctx, false};
    struct error err = {0};
    struct transport *transport = NULL;
    struct transport_conn *conn = NULL;
    if (c->relays_n == 0) {
        tell(&t, "relays", CHECK_FAIL, "there is no [relay.NAME] section: nothing can be sent");
        return;
    }
    if (transport_new(NULL, &transport, &err) == OK && (conn = transport_conn_new(transport)) != NULL) {
        for (size_t i = 0; i < c->relays_n; i++) {
            check_relay(c, &c->relays[i], transport, conn, &t);
        }
    } else {
        tell(&t, "relays", CHECK_FAIL, "%s", err.text[0] ? err.text : "out of memory");
    }
    transport_conn_free(conn);
    transport_free(transport);
}
