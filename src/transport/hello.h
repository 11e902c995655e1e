/* The opening of a session, spoken by us: greeting, EHLO or HELO, STARTTLS, AUTH (RFC 5321, 3207, 4954). */
#ifndef TRANSPORT_HELLO_H
#define TRANSPORT_HELLO_H

#include "transport/fault.h"

/* What EHLO said, as far as we use it. */
struct hello_offer {
    bool pipelining, dsn, starttls, auth, auth_plain, auth_login;
    bool size;          /* SIZE was offered */
    int64_t size_limit; /* 0: none said */
};

/* How long a stage may take with R: its timeout, or RFC 5321 4.5.3.2's DEFAULT_MS. */
int64_t hello_limit(const struct transport_relay *r, int64_t default_ms);
enum {
    HELLO_GREETING_MS = 5 * 60 * 1000,
    HELLO_COMMAND_MS = 5 * 60 * 1000,
    HELLO_DATA_MS = 2 * 60 * 1000,
    HELLO_BLOCK_MS = 3 * 60 * 1000,
    HELLO_DOT_MS = 10 * 60 * 1000
};

/* Each: false when the session can't go on; *end says why. */
bool hello_greeting(struct stream *s, const struct transport_relay *r, struct transport_session_end *end);
/* EHLO, or HELO for a relay that doesn't know it. */
bool hello_ehlo(struct stream *s, const struct transport_relay *r, struct hello_offer *offer,
                struct transport_session_end *end);
/* STARTTLS and its reply. What comes in clear behind the reply ends the session (CVE-2021-38371 and its like). */
bool hello_starttls(struct stream *s, const struct transport_relay *r, struct transport_session_end *end);
/* AUTH PLAIN, or LOGIN; PRIVATE: nobody can listen (verified TLS, or loopback). */
bool hello_auth(struct stream *s, const struct transport_relay *r, const struct hello_offer *offer, bool private,
                struct transport_session_end *end);

#endif
