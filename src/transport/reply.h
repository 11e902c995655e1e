/* A relay's reply (RFC 5321 4.2, RFC 3463), and what it means for a message. */
#ifndef TRANSPORT_REPLY_H
#define TRANSPORT_REPLY_H

#include "transport/session.h"
#include "transport/stream.h"

struct reply {
    int code;        /* 0: none */
    char status[12]; /* "5.1.1" or "" */
    char text[512];  /* cleaned, NUL-terminated, at most 500 bytes */
    size_t len;
};

/* Sets *r from a code and the text behind it; the text may have several lines and begin each with an enhanced code. */
void reply_set(struct reply *r, int code, struct str text);
/* Reads one reply of any number of lines. LINE (which may be NULL) is called for each line's text. False: the stream's
 * fault says why; STREAM_FINE with a reply that makes no sense. */
bool reply_read(struct stream *s, struct reply *r, void (*line)(void *ctx, struct str text), void *ctx);
/* Fills *out by the table in session.h for a reply to STAGE (MAIL to DOT); FINISHED: the whole message was handed over.
 * False: the reply makes no sense there (or RCPT was accepted: nothing is decided); *out is then untouched. */
bool reply_judge(const struct reply *r, enum transport_stage stage, bool finished, struct transport_result *out);

#endif
