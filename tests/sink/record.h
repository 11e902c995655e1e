/* What the sink writes down: a line of JSON for each accepted message (--record), the messages in a Maildir, a line for
 * everything remarkable (--events). Lines are collected and written by record_flush, so that they stand in their files
 * before the client learns anything. Trouble with a file ends the program. */
#ifndef SINK_RECORD_H
#define SINK_RECORD_H

#include "sink/bytes.h"
#include "sink/message.h"
#include "sink/options.h"

#include <stdbool.h>
#include <stdint.h>

struct record {
    int messages_fd, events_fd;    /* -1: not wanted */
    struct bytes messages, events; /* lines not yet written */
    const char *maildir;           /* NULL: not wanted */
    bool bodies;
};

/* Opens the files (they are appended to) and makes the folders of the Maildir; O is to outlive R. */
void record_open(struct record *r, const struct options *o);
/* Writes the lines that wait. */
void record_flush(struct record *r);
/* The same, and closes. */
void record_close(struct record *r);

/* Whether anyone wants to know what the messages are. */
bool record_keeps(const struct record *r);

/* A line in --events about connection CONN. TO and WHAT may be NULL, CODE 0. */
void record_event(struct record *r, uint64_t conn, const char *name, const char *to, int code, const char *what);
/* The line at a connection's end. */
void record_end(struct record *r, uint64_t conn, unsigned messages);

/* A message that is accepted, and how it came. */
struct taken {
    const struct message *message;
    bool answered;     /* the client is told so properly */
    bool authed;       /* it came after AUTH */
    const char *tls;   /* its version, NULL in clear */
    const char *helo;  /* the client's name */
    uint64_t queue_id; /* counts the messages of a run */
    uint64_t conn;     /* the connection */
    unsigned nth;      /* the connection's how manieth, from 1 */
};
/* Puts it into the Maildir and makes its line in --record. */
void record_message(struct record *r, const struct taken *t);

#endif
