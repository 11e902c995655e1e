#include "transport/tls.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum { CONTEXTS_MAX = 16, CONTEXT_SECONDS = 3600 };

struct context {
    char *ca_file; /* "": the system's */
    bool verify;
    SSL_CTX *ctx;
    int64_t made; /* clock_mono_ns */
};

struct tls_store {
    pthread_mutex_t lock;
    struct context list[CONTEXTS_MAX];
    size_t used;
};

struct tls_store *tls_store_new(void) {
    struct tls_store *s = calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void tls_store_free(struct tls_store *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->used; i++) {
        free(s->list[i].ca_file);
        SSL_CTX_free(s->list[i].ctx);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static enum status context_make(const char *ca_file, bool verify, SSL_CTX **out, struct error *err) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx)
        return error_set(err, ERR_OS, "OpenSSL can't make a context");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    /* Replies end by themselves: a missing close_notify is a dropped connection like any other. */
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(ctx, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    if (*ca_file ? SSL_CTX_load_verify_file(ctx, ca_file) != 1 : SSL_CTX_set_default_verify_paths(ctx) != 1) {
        if (verify) {
            SSL_CTX_free(ctx);
            ERR_clear_error();
            return error_set(err, ERR_CONFIG, "the authorities in %s can't be read as PEM",
                             *ca_file ? ca_file : "the system's store");
        }
    }
    ERR_clear_error();
    *out = ctx;
    return OK;
}

/* A reference to the context, which the caller frees. */
static enum status context_get(struct tls_store *s, const char *ca_file, bool verify, SSL_CTX **out,
                               struct error *err) {
    enum status st = OK;
    int64_t now = clock_mono_ns();
    struct context *c = NULL;
    SSL_CTX *made = NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->used; i++)
        if (s->list[i].verify == verify && strcmp(s->list[i].ca_file, ca_file) == 0)
            c = &s->list[i];
    if (c && now - c->made < (int64_t)CONTEXT_SECONDS * 1000000000) {
        SSL_CTX_up_ref(c->ctx);
        *out = c->ctx;
        goto done;
    }
    if ((st = context_make(ca_file, verify, &made, err)) != OK)
        goto done;
    *out = made;
    if (!c && s->used < CONTEXTS_MAX) {
        char *name = strdup(ca_file);
        if (!name)
            goto done; /* it just isn't kept */
        c = &s->list[s->used++];
        *c = (struct context){.ca_file = name, .verify = verify};
    }
    if (c) {
        SSL_CTX_free(c->ctx);
        c->ctx = made;
        c->made = now;
        SSL_CTX_up_ref(made);
    }
done:
    pthread_mutex_unlock(&s->lock);
    return st;
}

bool tls_literal(const char *host, char out[64]) {
    unsigned char ip[16];
    size_t n = strlen(host);
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (n >= 64)
        return false;
    memcpy(out, host, n);
    out[n] = '\0';
    return inet_pton(AF_INET, out, ip) == 1 || inet_pton(AF_INET6, out, ip) == 1;
}

static enum status certificate_error(long code, const char *host, struct error *err) {
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return error_set(err, ERR_NOPERM, "its certificate, or one above it, has expired");
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return error_set(err, ERR_NOPERM, "its certificate, or one above it, is not yet valid: is our clock right?");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return error_set(err, ERR_NOPERM, "its certificate is for another name than %s", host);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return error_set(err, ERR_NOPERM, "its certificate is self-signed; name it as ca_file to trust it");
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_INVALID_CA:
        return error_set(err, ERR_NOPERM, "its certificate is signed by an untrusted authority (ca_file)");
    default:
        return error_set(err, ERR_NOPERM, "its certificate was not accepted: %s", X509_verify_cert_error_string(code));
    }
}

static enum status shake_error(struct stream *s, SSL *ssl, const char *host, struct error *err) {
    long code = SSL_get_verify_result(ssl);
    unsigned long e = ERR_peek_last_error();
    if (s->fault == STREAM_TIMEOUT)
        return error_set(err, ERR_TEMP, "no answer in time");
    if (s->fault == STREAM_STOPPED)
        return error_set(err, ERR_TEMP, "stopped");
    if (ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_CERTIFICATE_VERIFY_FAILED && code != X509_V_OK)
        return certificate_error(code, host, err);
    if (e == 0)
        return error_set(err, ERR_TEMP, "the connection was dropped");
    const char *why = ERR_reason_error_string(e);
    if (ERR_GET_LIB(e) == ERR_LIB_SSL &&
        (ERR_GET_REASON(e) == SSL_R_UNSUPPORTED_PROTOCOL || ERR_GET_REASON(e) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION))
        why = "it speaks nothing newer than TLS 1.1";
    else if (ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_WRONG_VERSION_NUMBER)
        why = "what it answers is not TLS (is this the port for tls = implicit?)";
    return error_set(err, ERR_PROTOCOL, "%s", why ? why : "unknown error");
}

enum status tls_shake(struct tls_store *store, struct stream *s, const struct transport_relay *r, bool *verified,
                      struct error *err) {
    enum status st = OK;
    SSL_CTX *ctx = NULL;
    SSL *ssl = NULL;
    char ip[64];
    bool verify = r->tls != TRANSPORT_TLS_OPPORTUNISTIC;
    *verified = false;
    if ((st = context_get(store, r->ca_file ? r->ca_file : "", verify, &ctx, err)) != OK)
        goto done;
    ssl = SSL_new(ctx);
    bool literal = tls_literal(r->host, ip);
    X509_VERIFY_PARAM *param = ssl ? SSL_get0_param(ssl) : NULL;
    if (!ssl || SSL_set_fd(ssl, s->fd) != 1 ||
        (literal
             ? X509_VERIFY_PARAM_set1_ip_asc(param, ip) != 1
             : (X509_VERIFY_PARAM_set1_host(param, r->host, 0) != 1 || SSL_set_tlsext_host_name(ssl, r->host) != 1))) {
        st = error_set(err, ERR_OS, "OpenSSL can't make a connection for %s", r->host);
        goto done;
    }
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    for (;;) {
        ERR_clear_error();
        int rc = SSL_connect(ssl);
        if (rc == 1)
            break;
        int want = SSL_get_error(ssl, rc);
        if ((want == SSL_ERROR_WANT_READ && stream_wait(s, POLLIN)) ||
            (want == SSL_ERROR_WANT_WRITE && stream_wait(s, POLLOUT)))
            continue;
        st = shake_error(s, ssl, r->host, err);
        goto done;
    }
    *verified = SSL_get_verify_result(ssl) == X509_V_OK && SSL_get0_peer_certificate(ssl) != NULL;
    if (verify && !*verified) {
        st = error_set(err, ERR_NOPERM, "it showed no certificate that could be verified");
        goto done;
    }
    s->ssl = ssl;
    ssl = NULL;
done:
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return st;
}
