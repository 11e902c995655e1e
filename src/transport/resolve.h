/* Host names to addresses with a deadline: getaddrinfo runs in a thread that can be left behind. Answers are kept for a
 * minute, the address that worked last first. */
#ifndef TRANSPORT_RESOLVE_H
#define TRANSPORT_RESOLVE_H

#include "transport/session.h"
#include "transport/watch.h"

enum { RESOLVE_MAX = 8 };

struct resolve_list {
    struct sockaddr_storage addr[RESOLVE_MAX]; /* IPv4 and IPv6 alone */
    size_t n;
};

struct resolver; /* opaque: what is remembered */

/* O as for transport_new; may be NULL. NULL when memory ran out. */
struct resolver *resolver_new(const struct transport_options *o);
void resolver_free(struct resolver *v);
/* The addresses of HOST, a name or a literal, ports set. Waits MS milliseconds at most; a stop of W ends it too.
 * ERR_NOHOST: there is none; ERR_TEMP: no answer, or none in time (*timed_out), or stopped. */
enum status resolver_ask(struct resolver *v, const struct watch *w, const char *host, int port, int64_t ms,
                         struct resolve_list *out, bool *timed_out, struct error *err);
/* ADDR of HOST answered: it comes first from now on. */
void resolver_good(struct resolver *v, const char *host, const struct sockaddr_storage *addr);
/* None of HOST's answered: it is asked for anew. */
void resolver_forget(struct resolver *v, const char *host);

/* "192.0.2.1" or "2001:db8::1". */
void resolve_print(const struct sockaddr_storage *addr, char out[64]);
socklen_t resolve_size(const struct sockaddr_storage *addr);
bool resolve_is_loopback(const struct sockaddr_storage *addr);

#endif
