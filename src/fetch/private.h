/* Addresses that are nobody's business outside: what a fetch for a stranger's link must not reach. */
#ifndef FETCH_PRIVATE_H
#define FETCH_PRIVATE_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether A is no address of the public Internet: loopback, private, link-local (cloud metadata among them), shared
 * (100.64/10), multicast, reserved, documentation; IPv6 likewise, and IPv6 that carries such an IPv4 address (mapped,
 * NAT64, 6to4, Teredo). By the registries of RFC 6890 and its successors. Anything that is not IP counts as private. */
bool fetch_is_private(const struct sockaddr *a);

#endif
