#include "sink/auth.h"

#include "sink/reply.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

static bool auth_matches(const struct session *s, const char *user, size_t user_len, const char *pass,
                         size_t pass_len) {
    const char *want = s->sink->options.auth, *colon = strchr(want, ':');
    return colon && (size_t)(colon - want) == user_len && !memcmp(want, user, user_len) &&
           strlen(colon + 1) == pass_len && !memcmp(colon + 1, pass, pass_len);
}

static void finish(struct session *s, bool ok) {
    s->state = SESSION_COMMAND;
    s->authed = ok;
    session_event(s, "auth", NULL, 0, ok ? "accepted" : "refused");
    reply_send(s, ok ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password");
}

static size_t unbase64(const char *text, char *out, size_t size) {
    size_t n = strlen(text);
    if (!n || n % 4 || n / 4 * 3 >= size)
        return 0;
    int len = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)n);
    if (len <= 0)
        return 0;
    len -= (text[n - 1] == '=') + (text[n - 2] == '=');
    out[len] = 0;
    return (size_t)len;
}

void auth_line(struct session *s, const char *text) {
    char got[1024] = "";
    size_t n = unbase64(text, got, sizeof got);
    if (!strcmp(text, "*")) {
        s->state = SESSION_COMMAND;
        reply_send(s, "501 5.7.0 cancelled");
    } else if (!s->by_login) { /* PLAIN: authzid NUL user NUL password */
        const char *user = memchr(got, 0, n), *pass = user ? memchr(user + 1, 0, (size_t)(got + n - user - 1)) : NULL;
        finish(s, pass && auth_matches(s, user + 1, (size_t)(pass - user - 1), pass + 1, (size_t)(got + n - pass - 1)));
    } else if (!s->auth_user.len) {
        bytes_add(&s->auth_user, n ? got : "?", n ? n : 1);
        reply_send(s, "334 UGFzc3dvcmQ6");
    } else {
        finish(s, auth_matches(s, s->auth_user.p, s->auth_user.len, got, n));
        s->auth_user.len = 0;
    }
}

void auth_begin(struct session *s, const char *arg) {
    if (!s->sink->options.auth)
        return reply_send(s, "502 5.5.1 no AUTH here");
    s->by_login = !strncasecmp(arg, "LOGIN", 5);
    if (!s->by_login && strncasecmp(arg, "PLAIN", 5))
        return reply_send(s, "504 5.5.4 PLAIN or LOGIN");
    s->state = SESSION_AUTH;
    s->auth_user.len = 0;
    if (arg[5] == ' ')
        auth_line(s, arg + 6);
    else
        reply_send(s, s->by_login ? "334 VXNlcm5hbWU6" : "334 ");
}
