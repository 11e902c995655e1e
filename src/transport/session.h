/* Sessions with a relay: one connection that carries many messages (RFC 5321), each with exactly one reader.
 *
 * One `struct transport` a process: it holds what sessions share (addresses that were resolved, certificates of
 * authorities, the watchdog thread). One `struct transport_conn` a sending thread: it holds buffers, nothing else, and
 * no connection outlives a call. Any number of threads may be in transport_session at once, each with its own conn.
 *
 * The connection, TLS, EHLO and AUTH are spoken here before the first message is asked for: as long as the relay can't
 * be used, next() isn't called and nothing is claimed. libesmtp then speaks each message's transaction.
 *
 * The program must define `connect` for libesmtp (src/transport/ready.c does) and be linked so that shared libraries
 * see it (-rdynamic). transport_new tries this out and fails with a sentence where it isn't so. */
#ifndef TRANSPORT_SESSION_H
#define TRANSPORT_SESSION_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>
#include <sys/socket.h>

enum transport_tls {
    TRANSPORT_TLS_NONE,          /* clear text */
    TRANSPORT_TLS_OPPORTUNISTIC, /* STARTTLS when offered, whatever the certificate; else clear: hides from those who
                                    only listen. A handshake that fails ends the session, it doesn't fall back. */
    TRANSPORT_TLS_STARTTLS,      /* STARTTLS, verified, or no session (RFC 3207) */
    TRANSPORT_TLS_IMPLICIT       /* TLS from the first byte, verified (RFC 8314, port 465) */
};

/* One relay's parameters, borrowed during the call. */
struct transport_relay {
    const char *name; /* for sentences: the section's name */
    const char *host; /* a name, an IPv4 address, an IPv6 address with or without [] */
    int port;         /* 1 to 65535 */
    enum transport_tls tls;
    const char *ca_file;        /* PEM; NULL or "": the system's authorities */
    const char *user;           /* NULL or "": no AUTH. Else AUTH PLAIN or LOGIN must succeed. */
    const char *password;       /* sent over verified TLS or to a loopback address only */
    const char *ehlo_name;      /* our host name; never "localhost". NULL or "": the address literal of our end */
    int64_t timeout_ms;         /* 0: RFC 5321 4.5.3.2's, each stage its own; else for every stage */
    int64_t connect_timeout_ms; /* for each address; 0: 30 s. Resolving has the same. */
    int messages;               /* at most this many a session; 0: no limit */
};

/* One message to one reader. What the slices show must stay until the message's outcome was reported. */
struct transport_message {
    struct str mail_from; /* addr-spec, ASCII; empty: the null sender <> */
    struct str rcpt;      /* addr-spec, ASCII */
    struct str head;      /* header lines, the blank line included; lines end in CRLF, at most 998 bytes each */
    struct str body;      /* the same; may be empty; 7-bit like the head. Not dot-stuffed. */
    struct str envid;     /* for delivery reports (RFC 3461), at most 100 printable characters; or absent */
    void *tag;            /* the caller's own, given back with each callback */
};

enum transport_outcome {
    TRANSPORT_ACCEPTED, /* the relay answered 2yz to the message */
    TRANSPORT_LATER,    /* 4yz about this reader or this message */
    TRANSPORT_NEVER,    /* 5yz; or refused by us before a byte left (code 0: the text says why) */
    TRANSPORT_UNKNOWN,  /* the whole message was handed to the socket and no answer to its end came */
    TRANSPORT_UNTRIED   /* certain not to be accepted, and not by the reader's fault: no attempt is counted */
};

/* How far a message, or the session, got: the command whose answer decided or was waited for. */
enum transport_stage {
    TRANSPORT_STAGE_CONNECT, /* resolving and connecting */
    TRANSPORT_STAGE_TLS,
    TRANSPORT_STAGE_GREETING, /* greeting and EHLO */
    TRANSPORT_STAGE_AUTH,
    TRANSPORT_STAGE_MAIL,
    TRANSPORT_STAGE_RCPT,
    TRANSPORT_STAGE_DATA, /* the answer to DATA, and the message's transfer */
    TRANSPORT_STAGE_DOT
};

/* What became of a message. The table:
 *   answer                                       outcome    relay_rests
 *   2yz to the end of the data                   ACCEPTED   no
 *   4yz / 5yz to RCPT, DATA or the end           LATER / NEVER  no     (the code decides; a policy reply too)
 *   4yz to MAIL                                  UNTRIED    yes
 *   5yz to MAIL                                  NEVER      yes, but no for its size (552, 5.3.4, 5.2.3)
 *   421 to anything                              UNTRIED    yes
 *   none, dropped or stalled before the end      UNTRIED    no     (`stage` tells where: a caller who sees the same
 *                                                                   message end so beyond MAIL again and again should
 *                                                                   count it as an attempt)
 *   none, dropped or stalled after the end       UNKNOWN    no
 *   nonsense (no such reply code, a reply line of more than 1,022 bytes)   as none
 *   larger than the relay's SIZE (RFC 1870)      NEVER, code 552, status 5.3.4, not sent    no
 *   malformed address or message                 NEVER, code 0, not sent                    no  */
struct transport_result {
    enum transport_outcome outcome;
    enum transport_stage stage;
    int code;        /* the reply's, or 0 */
    char status[12]; /* the enhanced code, "5.1.1", or "" (RFC 3463) */
    struct str text; /* the reply's text without the codes, lines joined by a space, UTF-8 without controls, at most 500
                        bytes; or our own sentence. Borrowed: valid during the callback only. May hold the address. */
    bool relay_rests; /* it is about the relay or the sender, not the reader */
};

/* All are called in the thread that called transport_session, never two at once, and in this order for each message:
 * next, wire (once at most), outcome. They must not call transport_session with the same conn. */
struct transport_callbacks {
    void *ctx;
    /* Fills in the next message, right before its MAIL, or returns false to end the session with QUIT. It may wait for
     * work, but no longer than a relay bears it (some seconds). Not called again after it returned false, after
     * transport_stop, after a 421 or when the session's limit is reached. */
    bool (*next)(void *ctx, struct transport_message *m);
    /* The relay said "go ahead" and the message's first byte is about to be handed to the socket. False: it can't be
     * recorded; the connection is cut at once, before that byte, and the message is UNTRIED. */
    bool (*wire)(void *ctx, void *tag);
    /* Exactly once for every message that next() gave, before the next next() and before transport_session returns. */
    void (*outcome)(void *ctx, void *tag, const struct transport_result *r);
};

/* How a session ended. */
enum transport_end {
    TRANSPORT_END_NORMAL,       /* QUIT: nothing more to send, stopped, or the limit was reached */
    TRANSPORT_END_UNREACHABLE,  /* not resolved, refused, no route */
    TRANSPORT_END_TIMEOUT,      /* a stage took too long (connecting included) */
    TRANSPORT_END_TLS,          /* not offered, or the handshake failed: the sentence says untrusted, self-signed,
                                   expired, not yet valid, wrong name */
    TRANSPORT_END_AUTH,         /* refused, not offered, or it would have gone over clear text */
    TRANSPORT_END_GREETING,     /* the greeting or EHLO was refused, 421 included */
    TRANSPORT_END_CLOSING,      /* 421 to a command: the relay wants to end the session */
    TRANSPORT_END_IDLE,         /* the relay closed while no message was under way: nothing is wrong, connect again */
    TRANSPORT_END_DROPPED,      /* the connection broke */
    TRANSPORT_END_PROTOCOL,     /* the relay answered nonsense, or slipped in plain text before TLS */
    TRANSPORT_END_REFUSED_WIRE, /* wire() returned false */
    TRANSPORT_END_CUT           /* transport_cut */
};

struct transport_session_end {
    enum transport_end how;
    enum transport_stage stage; /* where it ended */
    int code;                   /* the reply that ended it, or 0 */
    bool temporary;             /* an AUTH, greeting or TLS refusal that may pass (4yz); true for network troubles */
    struct error why;           /* a sentence with the relay's name; empty after a normal end. Names no reader. */
    int given;                  /* how many messages next() gave */
    int accepted;               /* of these, how many were accepted */
};

/* What a relay offers, for `courant check`; filled as far as the session came. */
struct transport_facts {
    char address[64];     /* the address that answered, "192.0.2.1" */
    char tls[16];         /* "TLSv1.3", or "" */
    bool verified;        /* the certificate was verified for the configured host */
    bool authenticated;   /* AUTH succeeded */
    bool pipelining, dsn; /* RFC 2920, RFC 3461 */
    int64_t size_limit;   /* RFC 1870's SIZE; 0: none said */
};

struct transport;      /* opaque: threads and connections */
struct transport_conn; /* opaque: what one thread works with */

/* For tests; the zero value is right for the program. */
struct transport_options {
    /* Instead of getaddrinfo: writes up to MAX addresses of HOST (their ports are set afterwards) and returns how many;
     * 0: there are none. Called in a thread of its own, which may be abandoned. */
    size_t (*resolve)(void *ctx, const char *host, struct sockaddr_storage *out, size_t max);
    void *resolve_ctx;
};

/* Makes *out, starts the watchdog, ignores SIGPIPE, and lets libesmtp set up its tables. Call it before any other
 * thread uses libesmtp. O may be NULL. */
enum status transport_new(const struct transport_options *o, struct transport **out, struct error *err);
/* No session may be running. NULL is harmless. */
void transport_free(struct transport *t);
/* A thread's conn, or NULL when memory ran out. */
struct transport_conn *transport_conn_new(struct transport *t);
void transport_conn_free(struct transport_conn *c);

/* Connects to R and sends what next() gives until it has no more. OK after a normal end, else end->why's status:
 * ERR_NOHOST, ERR_UNAVAILABLE, ERR_TEMP, ERR_NOPERM (AUTH, certificates), ERR_PROTOCOL, ERR_CONFIG. *end is always
 * filled. A relay name with several addresses: the next is tried where one doesn't answer. */
enum status transport_session(struct transport *t, struct transport_conn *c, const struct transport_relay *r,
                              const struct transport_callbacks *cb, struct transport_session_end *end);
/* The same without messages: connects, TLS, AUTH, QUIT. */
enum status transport_probe(struct transport *t, struct transport_conn *c, const struct transport_relay *r,
                            struct transport_facts *facts, struct transport_session_end *end);

/* No more next(): each session finishes the message under way and ends with QUIT. Connections being made are given up.
 * Async-signal-safe; any thread, any number of times. */
void transport_stop(struct transport *t);
/* Shuts all connections down at once, and those made later. Messages under way end as UNTRIED or UNKNOWN.
 * Async-signal-safe. */
void transport_cut(struct transport *t);

#endif
