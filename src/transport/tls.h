/* TLS of our own (OpenSSL, 1.2 and 1.3): contexts, the handshake, and what was wrong with a certificate. */
#ifndef TRANSPORT_TLS_H
#define TRANSPORT_TLS_H

#include "transport/session.h"
#include "transport/stream.h"

struct tls_store; /* opaque: contexts by authority file, made on first use, made anew after an hour */

struct tls_store *tls_store_new(void);
void tls_store_free(struct tls_store *s);

/* Shakes hands over S (whose fd is connected and whose limit is set) for R's host: server name, verification of chain
 * and name unless R's tls is opportunistic. OK: s->ssl is set and the caller frees it; *verified says whether the
 * certificate holds for the host. Else the sentence says what was wrong, and s->fault whether it was the connection.
 * ERR_CONFIG: the authority file can't be read; ERR_NOPERM: the certificate; ERR_PROTOCOL or ERR_TEMP: the rest. */
enum status tls_shake(struct tls_store *store, struct stream *s, const struct transport_relay *r, bool *verified,
                      struct error *err);
/* Whether HOST is an address literal, [::1] included; writes it without brackets to OUT (64 bytes). */
bool tls_literal(const char *host, char out[64]);

#endif
