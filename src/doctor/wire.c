#include "doctor/wire.h"

#include "base/buf.h"
#include "config/secret.h"
#include "message/signing_key.h"
#include "transport/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct teller {
    void (*say)(void *ctx, const struct check_result *r);
    void *ctx;
    bool relay;
};

static void __attribute__((format(printf, 4, 5)))
tell(const struct teller *t, const char *check, enum check_state state, const char *fmt, ...) {
    char text[4096]; /* the record of an RSA key of 8192 bits is long */
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->say(t->ctx, &(struct check_result){.check = check, .state = state, .relay = t->relay, .detail = text});
}

/* The record as a zone file has it: a string of a TXT record holds at most 255 bytes (RFC 1035 3.3). */
static void add_txt(struct buf *out, struct str record) {
    enum { STRING = 255 };
    for (size_t i = 0; i < record.len; i += STRING) {
        buf_addf(out, "%s\"%.*s\"", i ? " " : "", STR_ARG(str_sub(record, i, i + STRING)));
    }
}

static void check_key(const struct teller *t, const char *check, const char *domain, const char *selector,
                      const char *path) {
    struct signing_key key;
    struct error err = {0};
    struct buf record = BUF_INIT, txt = BUF_INIT;
    if (signing_key_load(path, str_from(domain), str_from(selector), &key, &err) != OK) {
        tell(t, check, CHECK_FAIL, "%s", err.text);
    } else {
        signing_key_record(&key, &record);
        add_txt(&txt, buf_str(&record));
        if (record.failed || txt.failed) {
            tell(t, check, CHECK_FAIL, "out of memory");
        } else {
            tell(t, check, CHECK_OK, "%s with %d bits; publish %s._domainkey.%s. TXT %s",
                 key.algorithm == SIGNING_RSA ? "RSA" : "Ed25519", key.bits, selector, domain, buf_cstr(&txt));
        }
    }
    buf_release(&record);
    buf_release(&txt);
    signing_key_release(&key);
}

void wire_check_keys(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    struct teller t = {say, ctx, false};
    for (size_t i = 0; i < c->dkims_n; i++) {
        const struct config_dkim *d = &c->dkims[i];
        char check[128];
        (void)snprintf(check, sizeof check, "dkim%s%s", d->name[0] ? " " : "", d->name);
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
