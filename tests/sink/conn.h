/* The connections: bytes between sockets and sessions, in clear or through TLS, and the times to wait for. */
#ifndef SINK_CONN_H
#define SINK_CONN_H

#include "sink/sink.h"

#include <openssl/ssl.h>
#include <stdint.h>

struct conn;
struct conns {
    struct sink *sink;
    SSL_CTX *ctx; /* NULL: no TLS; not owned */
    int epoll;    /* its events carry a struct conn; not owned */
    struct conn *first, *dirty;
    int64_t next_due; /* when conns_timers has something to do, on the clock of sink->now; INT64_MAX: never */
};

void conns_init(struct conns *all, struct sink *sink, SSL_CTX *ctx, int epoll);
/* Closes every connection, with its line in --events. */
void conns_release(struct conns *all);

/* Takes over a client's socket, which doesn't block, and greets it or awaits its handshake. */
void conn_open(struct conns *all, int fd);
/* Does what epoll says about C: reads and answers, or goes on with the handshake. */
void conn_ready(struct conns *all, struct conn *c, uint32_t events);
/* Looks after idle clients, late replies and those who do not close. */
void conns_timers(struct conns *all);
/* Sends what the calls before left to send and closes what they ended; a connection is freed here and nowhere else.
 * What is on record is written first: nobody is told 250 before. */
void conns_flush(struct conns *all);

#endif
