/* An SMTP session as the server sees it (RFC 5321): bytes go in, replies come out, accepted messages are recorded. It
 * does no input or output of its own; the connection does, and looks at what a session wants after each call: `out` to
 * be sent, then `end`; `frozen` to be left alone; SESSION_TLS_SOON to be given TLS once everything is sent. */
#ifndef SINK_SESSION_H
#define SINK_SESSION_H

#include "sink/bytes.h"
#include "sink/message.h"
#include "sink/outbox.h"
#include "sink/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From SESSION_TLS_SOON on nothing is read; the connection sets SESSION_TLS for the handshake. */
enum session_state { SESSION_COMMAND, SESSION_AUTH, SESSION_DATA, SESSION_BDAT, SESSION_TLS_SOON, SESSION_TLS };
/* After what is still to be sent: shut down and let the client close, or close. */
enum session_end { END_NO, END_POLITE, END_DROP };

struct session {
    struct sink *sink;
    uint64_t number; /* the connection's */
    enum session_state state;
    enum session_end end;
    bool frozen;     /* nothing more is read, for ever */
    const char *tls; /* its version, NULL in clear */
    struct outbox out;
    unsigned messages;            /* accepted */
    char *in;                     /* owned: what came and was not understood yet */
    size_t in_pos, in_len;        /* the part of it not looked at */
    bool extended;                /* EHLO, not HELO */
    bool authed, by_login;        /* AUTH was passed; is LOGIN, not PLAIN */
    struct bytes helo, auth_user; /* the client's name; the user's, between the two lines of LOGIN */
    struct message message;
    bool line_start, cr_seen; /* in DATA: at the beginning of a line; behind a CR */
    bool last_chunk;          /* in BDAT */
    size_t chunk_left;
};

/* S was all zero. It stays silent until session_greet or session_secured. */
void session_open(struct session *s, struct sink *sink, uint64_t number);
/* Records the end. */
void session_close(struct session *s);

/* The first line of a session, or a refusal. */
void session_greet(struct session *s);
/* Where the next bytes go, and how many; at least one. They are thrown away when the session is ending. */
char *session_room(struct session *s, size_t *room);
/* N bytes came there: answers what can be answered. */
void session_take(struct session *s, size_t n);
/* The handshake succeeded with VERSION, which lives on. Greets under --implicit; is frozen under --inject. */
void session_secured(struct session *s, const char *version);
/* The client closed or is gone. */
void session_gone(struct session *s);
/* Says 421 to a client that was idle too long. */
void session_idle(struct session *s);

/* For the parts of a session: a line in --events about it (see record_event), and about a breach of the protocol. */
void session_event(const struct session *s, const char *name, const char *to, int code, const char *what);
void session_breach(const struct session *s, const char *what);

#endif
