/* The server's side of TLS, over OpenSSL and a socket that does not block. */
#ifndef SINK_TLS_H
#define SINK_TLS_H

#include "sink/options.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <sys/types.h>

/* With the certificate, key and versions of O; NULL without --cert. Ends the program where they are no good. The caller
 * frees it with SSL_CTX_free. */
SSL_CTX *tls_open(const struct options *o);
/* TLS on socket FD, to be freed with SSL_free before FD is closed. */
SSL *tls_new(SSL_CTX *ctx, int fd);

enum tls_step { TLS_DONE, TLS_READS, TLS_WRITES, TLS_FAILED };
/* A step of the handshake: it is done, waits for the socket to be readable or writable, or failed; WHY then says why.
 */
enum tls_step tls_shake(SSL *ssl, char *why, size_t size);
/* Like read and write, of N > 0 bytes: how many there were, 0 when the connection is over, -1 to try again later. */
ssize_t tls_read(SSL *ssl, char *p, size_t n);
ssize_t tls_write(SSL *ssl, const char *p, size_t n);

#endif
