#include "transport/hello.h"

#include "transport/resolve.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECRET_MAX = 500 }; /* a user name and a password, each */

int64_t hello_limit(const struct transport_relay *r, int64_t default_ms) {
    return r->timeout_ms > 0 ? r->timeout_ms : default_ms;
}

bool hello_greeting(struct stream *s, const struct transport_relay *r, struct transport_session_end *end) {
    struct reply reply;
    stream_limit(s, hello_limit(r, HELLO_GREETING_MS));
    if (!reply_read(s, &reply, NULL, NULL)) {
        fault_stream(end, r, s, TRANSPORT_STAGE_GREETING, "its greeting");
        return false;
    }
    if (reply.code != 220) {
        if (reply.code < 400)
            fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING, ERR_PROTOCOL,
                      "it greeted with %d: is this an SMTP server?", reply.code);
        else
            fault_reply(end, r, TRANSPORT_END_GREETING, TRANSPORT_STAGE_GREETING, &reply, "our connection");
        return false;
    }
    return true;
}

/* Takes the next word off the front of *s. */
static struct str word(struct str *s) {
    *s = str_trim(*s);
    size_t n = 0;
    while (n < s->len && s->ptr[n] != ' ' && s->ptr[n] != '\t')
        n++;
    struct str w = str_sub(*s, 0, n);
    *s = str_sub(*s, n, s->len);
    return w;
}

static void auth_words(struct hello_offer *o, struct str rest) {
    for (struct str w = word(&rest); w.len; w = word(&rest)) {
        o->auth_plain |= str_eq_nocase(w, STR("PLAIN"));
        o->auth_login |= str_eq_nocase(w, STR("LOGIN"));
    }
}

static void offer_line(void *ctx, struct str text) {
    struct hello_offer *o = ctx;
    struct str key = word(&text);
    if (str_eq_nocase(key, STR("PIPELINING"))) {
        o->pipelining = true;
    } else if (str_eq_nocase(key, STR("DSN"))) {
        o->dsn = true;
    } else if (str_eq_nocase(key, STR("STARTTLS"))) {
        o->starttls = true;
    } else if (str_eq_nocase(key, STR("SIZE"))) {
        struct str n = word(&text);
        o->size = true;
        o->size_limit = 0;
        for (size_t i = 0; i < n.len && i < 18 && n.ptr[i] >= '0' && n.ptr[i] <= '9'; i++)
            o->size_limit = o->size_limit * 10 + (n.ptr[i] - '0');
    } else if (str_eq_nocase(key, STR("AUTH"))) {
        o->auth = true;
        auth_words(o, text);
    } else if (str_starts_nocase(key, STR("AUTH="))) { /* an old form */
        o->auth = true;
        auth_words(o, str_sub(key, 5, key.len));
        auth_words(o, text);
    }
}

/* Our name in EHLO: the configured one, or the address literal of our end (RFC 5321 4.1.3). */
static bool own_name(struct stream *s, const struct transport_relay *r, char out[280]) {
    if (r->ehlo_name && *r->ehlo_name) {
        size_t n = strlen(r->ehlo_name);
        if (n > 255)
            return false;
        for (size_t i = 0; i < n; i++)
            if (r->ehlo_name[i] <= ' ' || r->ehlo_name[i] > '~')
                return false;
        memcpy(out, r->ehlo_name, n + 1);
        return true;
    }
    struct sockaddr_storage own = {0};
    socklen_t len = sizeof own;
    char ip[64] = "127.0.0.1";
    if (getsockname(s->fd, (struct sockaddr *)&own, &len) == 0 &&
        (own.ss_family == AF_INET || own.ss_family == AF_INET6))
        resolve_print(&own, ip);
    snprintf(out, 280, own.ss_family == AF_INET6 ? "[IPv6:%s]" : "[%s]", ip);
    return true;
}

/* Sends VERB and our name; false when no reply came. */
static bool greet(struct stream *s, const struct transport_relay *r, const char *verb, const char *name,
                  struct hello_offer *offer, struct reply *reply) {
    char line[300];
    int n = snprintf(line, sizeof line, "%s %s\r\n", verb, name);
    stream_limit(s, hello_limit(r, HELLO_COMMAND_MS));
    return stream_write(s, (struct str){line, (size_t)n}) && reply_read(s, reply, offer ? offer_line : NULL, offer);
}

bool hello_ehlo(struct stream *s, const struct transport_relay *r, struct hello_offer *offer,
                struct transport_session_end *end) {
    struct reply reply;
    char name[280];
    *offer = (struct hello_offer){0};
    if (!own_name(s, r, name)) {
        fault_set(end, r, TRANSPORT_END_GREETING, TRANSPORT_STAGE_GREETING, ERR_CONFIG,
                  "our own host name can't be said in EHLO; set [site] hostname");
        return false;
    }
    if (!greet(s, r, "EHLO", name, offer, &reply)) {
        fault_stream(end, r, s, TRANSPORT_STAGE_GREETING, "its answer to EHLO");
        return false;
    }
    if (reply.code == 500 || reply.code == 501 || reply.code == 502 || reply.code == 504 || reply.code == 550) {
        *offer = (struct hello_offer){0};
        if (!greet(s, r, "HELO", name, NULL, &reply)) {
            fault_stream(end, r, s, TRANSPORT_STAGE_GREETING, "its answer to HELO");
            return false;
        }
    }
    if (reply.code != 250) {
        if (reply.code < 400)
            fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING, ERR_PROTOCOL,
                      "it answered EHLO with %d", reply.code);
        else
            fault_reply(end, r, TRANSPORT_END_GREETING, TRANSPORT_STAGE_GREETING, &reply, "our EHLO");
        return false;
    }
    return true;
}

bool hello_starttls(struct stream *s, const struct transport_relay *r, struct transport_session_end *end) {
    struct reply reply;
    stream_limit(s, hello_limit(r, HELLO_COMMAND_MS));
    if (!stream_write(s, STR("STARTTLS\r\n")) || !reply_read(s, &reply, NULL, NULL)) {
        fault_stream(end, r, s, TRANSPORT_STAGE_TLS, "its answer to STARTTLS");
        return false;
    }
    if (reply.code != 220) {
        if (reply.code < 400)
            fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_TLS, ERR_PROTOCOL, "it answered STARTTLS with %d",
                      reply.code);
        else
            fault_reply(end, r, TRANSPORT_END_TLS, TRANSPORT_STAGE_TLS, &reply, "STARTTLS");
        return false;
    }
    if (stream_unread(s) > 0) {
        fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_TLS, ERR_PROTOCOL,
                  "clear text followed its answer to STARTTLS: somebody on the way may have slipped it in");
        return false;
    }
    return true;
}

/* Says PREFIX, the base64 of SECRET and CRLF, and reads the reply. */
static bool say_base64(struct stream *s, const struct transport_relay *r, const char *prefix, const char *secret,
                       size_t len, struct reply *reply) {
    char line[4 * (2 * SECRET_MAX + 4) / 3 + 64];
    int n = snprintf(line, sizeof line, "%s", prefix);
    n += EVP_EncodeBlock((unsigned char *)line + n, (const unsigned char *)secret, (int)len);
    line[n++] = '\r';
    line[n++] = '\n';
    stream_limit(s, hello_limit(r, HELLO_COMMAND_MS));
    bool done = stream_write(s, (struct str){line, (size_t)n}) && reply_read(s, reply, NULL, NULL);
    OPENSSL_cleanse(line, sizeof line);
    return done;
}

/* RFC 4616 */
static bool speak_plain(struct stream *s, const struct transport_relay *r, const char *password, struct reply *reply) {
    char secret[2 * SECRET_MAX + 4];
    int n = snprintf(secret, sizeof secret, "%c%s%c%s", '\0', r->user, '\0', password);
    bool done;
    if (n < 350) {
        done = say_base64(s, r, "AUTH PLAIN ", secret, (size_t)n, reply);
    } else { /* too long for a command line */
        done = stream_write(s, STR("AUTH PLAIN\r\n")) && reply_read(s, reply, NULL, NULL);
        if (done && reply->code == 334)
            done = say_base64(s, r, "", secret, (size_t)n, reply);
    }
    OPENSSL_cleanse(secret, sizeof secret);
    return done;
}

static bool speak_login(struct stream *s, const struct transport_relay *r, const char *password, struct reply *reply) {
    stream_limit(s, hello_limit(r, HELLO_COMMAND_MS));
    if (!stream_write(s, STR("AUTH LOGIN\r\n")) || !reply_read(s, reply, NULL, NULL))
        return false;
    if (reply->code == 334 && !say_base64(s, r, "", r->user, strlen(r->user), reply))
        return false;
    if (reply->code == 334 && !say_base64(s, r, "", password, strlen(password), reply))
        return false;
    return true;
}

bool hello_auth(struct stream *s, const struct transport_relay *r, const struct hello_offer *offer, bool private,
                struct transport_session_end *end) {
    struct reply reply;
    const char *password = r->password ? r->password : "";
    if (!private) {
        fault_set(end, r, TRANSPORT_END_AUTH, TRANSPORT_STAGE_AUTH, ERR_CONFIG,
                  "a password is sent over verified TLS or to this machine only; set tls = starttls or implicit");
        return false;
    }
    if (strlen(r->user) > SECRET_MAX || strlen(password) > SECRET_MAX) {
        fault_set(end, r, TRANSPORT_END_AUTH, TRANSPORT_STAGE_AUTH, ERR_CONFIG,
                  "user and password may have %d bytes each", SECRET_MAX);
        return false;
    }
    if (!offer->auth_plain && !offer->auth_login) {
        fault_set(end, r, TRANSPORT_END_AUTH, TRANSPORT_STAGE_AUTH, ERR_NOPERM,
                  offer->auth ? "it offers neither AUTH PLAIN nor LOGIN, and we know no other"
                              : "it offers no AUTH, but a user is set");
        return false;
    }
    bool plain = offer->auth_plain;
    bool answered = plain ? speak_plain(s, r, password, &reply) : speak_login(s, r, password, &reply);
    if (answered && plain && reply.code == 504 && offer->auth_login)
        answered = speak_login(s, r, password, &reply);
    if (!answered) {
        fault_stream(end, r, s, TRANSPORT_STAGE_AUTH, "its answer to AUTH");
        return false;
    }
    if (reply.code == 235)
        return true;
    if (reply.code < 400)
        fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_AUTH, ERR_PROTOCOL, "it answered AUTH with %d",
                  reply.code);
    else
        fault_reply(end, r, TRANSPORT_END_AUTH, TRANSPORT_STAGE_AUTH, &reply, "our login");
    return false;
}
