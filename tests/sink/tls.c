#include "sink/tls.h"

#include "sink/base.h"

#include <limits.h>
#include <openssl/err.h>

SSL_CTX *tls_open(const struct options *o) {
    if (!o->cert)
        return NULL;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, o->key ? o->key : o->cert, SSL_FILETYPE_PEM) != 1)
        die("%s: %s", o->cert, ERR_error_string(ERR_get_error(), NULL));
    SSL_CTX_set_min_proto_version(ctx, o->tls_min ? o->tls_min : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(ctx, o->tls_max);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ctx;
}

SSL *tls_new(SSL_CTX *ctx, int fd) {
    SSL *ssl = SSL_new(ctx);
    if (!ssl || !SSL_set_fd(ssl, fd))
        die("out of memory");
    SSL_set_accept_state(ssl);
    return ssl;
}

enum tls_step tls_shake(SSL *ssl, char *why, size_t size) {
    ERR_clear_error();
    int n = SSL_accept(ssl);
    if (n > 0)
        return TLS_DONE;
    switch (SSL_get_error(ssl, n)) {
    case SSL_ERROR_WANT_READ:
        return TLS_READS;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WRITES;
    default:
        ERR_error_string_n(ERR_get_error(), why, size);
        return TLS_FAILED;
    }
}

/* What OpenSSL returned, as tls_read and tls_write say it. */
static ssize_t result(SSL *ssl, int n) {
    int e = n > 0 ? 0 : SSL_get_error(ssl, n);
    return n > 0 ? n : e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

ssize_t tls_read(SSL *ssl, char *p, size_t n) {
    ERR_clear_error();
    return result(ssl, SSL_read(ssl, p, n < INT_MAX ? (int)n : INT_MAX));
}

ssize_t tls_write(SSL *ssl, const char *p, size_t n) {
    ERR_clear_error();
    return result(ssl, SSL_write(ssl, p, n < INT_MAX ? (int)n : INT_MAX));
}
