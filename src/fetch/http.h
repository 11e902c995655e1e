/* HTTP GET over libcurl (RFC 9110), which is loaded on first use: most commands never need it. Only http and https,
 * certificates checked, at most 5 redirects and none from https to http; no cookies, no Referer, no proxy (behind one,
 * where a name leads could not be seen), no password files. */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http; /* opaque: a client that keeps its connections; used by one thread at a time */

struct http_request {
    const char *url;
    const char *accept;        /* the Accept field; NULL: anything */
    const char *etag;          /* of an earlier answer: If-None-Match; or NULL */
    const char *last_modified; /* likewise: If-Modified-Since; or NULL */
    size_t max_bytes;          /* of the body, unpacked */
    int timeout_s;             /* for all of it; 0: 60 */
    bool allow_private;        /* addresses that are not of the public Internet too (fetch/private.h) */
    bool head;                 /* ask whether it is there; no body */
};

/* An answer of 2xx, or of 304; of another one the status alone. Strings are the arena's. */
struct http_response {
    int status; /* 0: the server gave none */
    bool not_modified;
    struct str body;
    struct str final_url;                         /* after redirects */
    struct str content_type, etag, last_modified; /* absent where the answer has none */
    int64_t
        retry_after_s; /* with a status of 429 or 503: when the server wants to be asked again; 0: it says nothing */
};

/* ERR_UNAVAILABLE when libcurl is not installed. *out is to be given to http_free. */
enum status http_new(struct http **out, struct error *err);
/* NULL is harmless. */
void http_free(struct http *h);

/* The host (and port) of URL, an http or https address; borrowed. */
struct str http_host(const char *url);

/* Asks for R; *out in A. ERR_DATA: no http(s) address, or the body is larger than max_bytes, or the header fields are
 * very large; ERR_NOINPUT: the server
 * says it isn't there or is not for us (4xx); ERR_NOHOST; ERR_NOPERM: it leads to a private address; ERR_UNAVAILABLE:
 * no connection, no answer in time, a wrong certificate, 5xx; ERR_TEMP: SIGTERM came. The sentence names the host, not
 * the path, which may be a secret. */
enum status http_get(struct http *h, const struct http_request *r, struct arena *a, struct http_response *out,
                     struct error *err);

#endif
