/* A connection as lines, read and written by us with a deadline: greeting, EHLO, STARTTLS, AUTH, RSET, QUIT. */
#ifndef TRANSPORT_STREAM_H
#define TRANSPORT_STREAM_H

#include "base/str.h"
#include "transport/watch.h"

#include <openssl/ssl.h>

enum stream_fault {
    STREAM_FINE,
    STREAM_TIMEOUT,
    STREAM_CLOSED,  /* the peer closed, orderly or not */
    STREAM_STOPPED, /* stop or cut */
    STREAM_BABBLE   /* a line that is too long */
};

struct stream {
    int fd;                    /* borrowed, non-blocking */
    SSL *ssl;                  /* borrowed; NULL: clear */
    const struct watch *watch; /* stop and cut are heeded */
    bool heed_stop;            /* else only a cut ends it */
    int64_t due;               /* clock_mono_ns; 0: never */
    enum stream_fault fault;   /* why the last call failed; stays */
    size_t at, end;            /* what is unread of buf */
    char buf[4096];
};

void stream_init(struct stream *s, int fd, const struct watch *w);
/* What follows may take MS milliseconds in all. */
void stream_limit(struct stream *s, int64_t ms);
/* Waits until the descriptor is ready for EVENTS (poll's). False: fault says why. */
bool stream_wait(struct stream *s, short events);
/* Writes all of DATA. */
bool stream_write(struct stream *s, struct str data);
/* The next line without its end (CRLF, or LF alone); borrowed until the next call. At most 4,094 bytes. */
bool stream_line(struct stream *s, struct str *line);
/* Bytes that came and were not read. */
size_t stream_unread(const struct stream *s);

#endif
