/* A connection to a relay, ready for its first MAIL: resolved, connected, in TLS, greeted, logged in. */
#ifndef TRANSPORT_LINK_H
#define TRANSPORT_LINK_H

#include "transport/hello.h"
#include "transport/pump.h"
#include "transport/resolve.h"
#include "transport/tls.h"

/* What all links of a process share; borrowed. */
struct link_env {
    struct watch *watch;
    struct tls_store *store;
    struct resolver *resolver;
};

struct link {
    const struct link_env *env;
    const struct transport_relay *relay;
    int net;          /* the socket; -1: none */
    SSL *ssl;         /* NULL: clear */
    struct pump pump; /* when ssl */
    bool pumping, watched;
    int fd;               /* plain text: net, or the pump's end; non-blocking */
    struct stream stream; /* over fd once it is open */
    struct watch_entry entry;
    struct hello_offer offer;
    struct transport_facts facts;
};

/* Opens *l; FACTS are filled as far as it came. False: *end says why, and all is closed. */
bool link_open(struct link *l, const struct link_env *env, const struct transport_relay *r,
               struct transport_session_end *end);
/* Closes it; POLITE: with QUIT, waiting a little for the reply. */
void link_close(struct link *l, bool polite);
/* RSET; false when the relay doesn't take it. */
bool link_reset(struct link *l, struct transport_session_end *end);

/* Writes the N slices to the connection, as much at a time as it takes. The watchdog ends it when the peer stops
 * reading, each step renewed by LIMIT_MS. False: the connection is broken, and shut down so that nothing can follow the
 * hole. */
bool link_write(struct link *l, const struct str *parts, size_t n, int64_t limit_ms);

/* Keeps what is written back until packets are full, or lets it go: libesmtp writes 2 KB at a time, each of which would
 * be a packet and wake the relay. */
void link_cork(const struct link *l, bool on);

/* What lies ready on the connection without having been asked for. */
enum link_state { LINK_QUIET, LINK_TALKS, LINK_CLOSED };
enum link_state link_peek(const struct link *l);

#endif
