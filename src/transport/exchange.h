/* The messages of a session: libesmtp speaks MAIL, RCPT, DATA and RSET over an open link, and what happened becomes
 * outcomes. The only file that includes libesmtp.h.
 *
 * libesmtp begins each of its sessions with a greeting and EHLO and ends it with QUIT. It gets these from a socket pair
 * of ours; just before its first MAIL is written, its descriptor becomes the link's, and just before its QUIT the
 * pair's again. So one connection carries any number of its sessions (their memory grows with each message and is given
 * back only at their end), and it is told of PIPELINING, SIZE and DSN alone: with CHUNKING it could put one message's
 * rest into another, without ENHANCEDSTATUSCODES it bears replies that lack one. */
#ifndef TRANSPORT_EXCHANGE_H
#define TRANSPORT_EXCHANGE_H

#include "transport/link.h"

struct exchange; /* opaque: buffers and the state of the message under way */

/* NULL when memory or descriptors ran out. */
struct exchange *exchange_new(void);
void exchange_free(struct exchange *x);
/* Runs libesmtp once over nothing, so that it makes its tables while no other thread uses it, and finds out whether our
 * connect() is the one it calls. */
enum status exchange_try(struct exchange *x, struct error *err);
/* Sends what CB's next() gives over L until there is no more. *end's how, why and counts are set. True: the link is in
 * order and may be closed with QUIT. */
bool exchange_run(struct exchange *x, struct link *l, const struct transport_callbacks *cb,
                  struct transport_session_end *end);

#endif
