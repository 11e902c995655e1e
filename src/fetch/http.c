#include "fetch/http.h"

#include "base/buf.h"
#include "base/stop.h"
#include "fetch/private.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

enum {
    REDIRECTS = 5,
    CONNECT_S = 10,
    TIMEOUT_S = 60,
    SLOW_S = 20,
    SLOW_BYTES = 100,
    FIELD_MAX = 2000,
    FIELDS_MAX = 128 << 10 /* of all header fields, redirects included */
};

struct http {
    void *library;
    CURL *easy;
    CURL *(*easy_init)(void);
    void (*cleanup)(CURL *);
    void (*reset)(CURL *);
    CURLcode (*perform)(CURL *);
    CURLcode (*set)(CURL *, CURLoption, ...);
    CURLcode (*info)(CURL *, CURLINFO, ...);
    const char *(*strerror)(CURLcode);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_all)(struct curl_slist *);
};

/* A request under way. */
struct going {
    const struct http_request *r;
    struct buf body, etag, last_modified;
    size_t fields; /* bytes of header fields so far */
    bool too_large, too_wordy, is_private;
};

static bool find(void *library, const char *name, void *out) {
    void *f = dlsym(library, name);
    memcpy(out, &f, sizeof f);
    return f != NULL;
}

enum status http_new(struct http **out, struct error *err) {
    CURLcode (*global)(long);
    *out = NULL;
    struct http *h = calloc(1, sizeof *h);
    if (!h) {
        return error_set(err, ERR_OS, "out of memory");
    }
    /* never closed: its threads and tables may outlive the last use */
    h->library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!h->library) {
        free(h);
        return error_set(err, ERR_UNAVAILABLE, "fetching needs libcurl: %s", dlerror());
    }
    if (!find(h->library, "curl_global_init", &global) || !find(h->library, "curl_easy_init", &h->easy_init) ||
        !find(h->library, "curl_easy_cleanup", &h->cleanup) || !find(h->library, "curl_easy_reset", &h->reset) ||
        !find(h->library, "curl_easy_perform", &h->perform) || !find(h->library, "curl_easy_setopt", &h->set) ||
        !find(h->library, "curl_easy_getinfo", &h->info) || !find(h->library, "curl_easy_strerror", &h->strerror) ||
        !find(h->library, "curl_slist_append", &h->append) || !find(h->library, "curl_slist_free_all", &h->free_all) ||
        global(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(h->easy = h->easy_init())) {
        free(h);
        return error_set(err, ERR_UNAVAILABLE, "libcurl can't be used");
    }
    *out = h;
    return OK;
}

void http_free(struct http *h) {
    if (h) {
        h->cleanup(h->easy);
        free(h);
    }
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx) {
    struct going *g = ctx;
    size_t len = size * n;
    if (g->body.len + len > g->r->max_bytes) {
        g->too_large = true;
        return 0;
    }
    buf_add(&g->body, (struct str){data, len});
    return g->body.failed ? 0 : len;
}

static void take_field(struct str line, struct str name, struct buf *out) {
    if (line.len > name.len && strncasecmp(line.ptr, name.ptr, name.len) == 0) {
        buf_clear(out);
        buf_add(out, str_trim(str_sub(line, name.len, line.len < FIELD_MAX ? line.len : FIELD_MAX)));
    }
}

static size_t on_field(char *data, size_t size, size_t n, void *ctx) {
    struct going *g = ctx;
    struct str line = {data, size * n};
    if ((g->fields += line.len) > FIELDS_MAX) {
        g->too_wordy = true;
        return 0;
    }
    if (str_starts(line, STR("HTTP/"))) { /* of a redirect's target the fields begin anew */
        buf_clear(&g->etag);
        buf_clear(&g->last_modified);
        buf_clear(&g->body);
    }
    take_field(line, STR("etag:"), &g->etag);
    take_field(line, STR("last-modified:"), &g->last_modified);
    return line.len;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)ctx, (void)a, (void)b, (void)c, (void)d;
    return stop_asked;
}

/* Where a name leads is known only here, so that no answer of a name server can change it afterwards. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a) {
    struct going *g = ctx;
    (void)purpose;
    if (!g->r->allow_private && fetch_is_private(&a->addr)) {
        g->is_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

struct str http_host(const char *url) {
    struct str s = str_from(url);
    size_t at = str_find(s, '/', 0) + 2;
    s = str_sub(s, at, s.len);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '/' || s.ptr[i] == '?' || s.ptr[i] == '#') {
            s.len = i;
        }
    }
    size_t user = str_find(s, '@', 0);
    return user < s.len ? str_sub(s, user + 1, s.len) : s;
}

static enum status prepare(struct http *h, struct going *g, struct curl_slist **fields) {
    const struct http_request *r = g->r;
    struct buf field = BUF_INIT;
    CURL *e = h->easy;
    bool https = strncasecmp(r->url, "https:", 6) == 0;
    h->reset(e);
    if (r->accept) {
        buf_addf(&field, "Accept: %s", r->accept);
        *fields = h->append(*fields, buf_cstr(&field));
    }
    if (r->etag) {
        buf_clear(&field);
        buf_addf(&field, "If-None-Match: %s", r->etag);
        *fields = h->append(*fields, buf_cstr(&field));
    }
    if (r->last_modified) {
        buf_clear(&field);
        buf_addf(&field, "If-Modified-Since: %s", r->last_modified);
        *fields = h->append(*fields, buf_cstr(&field));
    }
    buf_release(&field);
    bool ok = h->set(e, CURLOPT_URL, r->url) == CURLE_OK &&
              h->set(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              h->set(e, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https") == CURLE_OK &&
              h->set(e, CURLOPT_OPENSOCKETFUNCTION, on_socket) == CURLE_OK &&
              h->set(e, CURLOPT_OPENSOCKETDATA, g) == CURLE_OK && h->set(e, CURLOPT_PROXY, "") == CURLE_OK;
    /* on_socket is not asked about a connection that is there already: one to a private address serves once */
    ok = ok && h->set(e, CURLOPT_FORBID_REUSE, r->allow_private ? 1L : 0L) == CURLE_OK;
    (void)h->set(e, CURLOPT_FOLLOWLOCATION, 1L);
    (void)h->set(e, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    (void)h->set(e, CURLOPT_NOSIGNAL, 1L);
    (void)h->set(e, CURLOPT_NOBODY, r->head ? 1L : 0L);
    (void)h->set(e, CURLOPT_USERAGENT, "courant");
    (void)h->set(e, CURLOPT_ACCEPT_ENCODING, "");
    (void)h->set(e, CURLOPT_HTTPHEADER, *fields);
    (void)h->set(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    (void)h->set(e, CURLOPT_TIMEOUT, (long)(r->timeout_s > 0 ? r->timeout_s : TIMEOUT_S));
    (void)h->set(e, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    (void)h->set(e, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    (void)h->set(e, CURLOPT_WRITEFUNCTION, on_body);
    (void)h->set(e, CURLOPT_WRITEDATA, g);
    (void)h->set(e, CURLOPT_HEADERFUNCTION, on_field);
    (void)h->set(e, CURLOPT_HEADERDATA, g);
    (void)h->set(e, CURLOPT_NOPROGRESS, 0L);
    (void)h->set(e, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)h->set(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->max_bytes);
    return ok ? OK : ERR_SOFTWARE; /* without one of these it would not be safe to go on */
}

static enum status failed(const struct http *h, const struct going *g, CURLcode code, struct error *err) {
    struct str host = http_host(g->r->url);
    if (g->is_private) {
        return error_set(err, ERR_NOPERM, "%.*s leads to a private address, which is not fetched from", STR_ARG(host));
    }
    if (g->too_large || code == CURLE_FILESIZE_EXCEEDED) {
        return error_set(err, ERR_DATA, "%.*s: larger than %zu KB", STR_ARG(host), g->r->max_bytes / 1024);
    }
    if (g->too_wordy) {
        return error_set(err, ERR_DATA, "%.*s: its header fields are larger than %d KB", STR_ARG(host),
                         FIELDS_MAX / 1024);
    }
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(err, ERR_TEMP, "%.*s: stopped", STR_ARG(host));
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ERR_NOHOST, "%.*s: there is no such host", STR_ARG(host));
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERR_UNAVAILABLE, "%.*s: no answer in time", STR_ARG(host));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return error_set(err, ERR_UNAVAILABLE, "%.*s: its certificate is not to be trusted", STR_ARG(host));
    case CURLE_TOO_MANY_REDIRECTS:
        return error_set(err, ERR_UNAVAILABLE, "%.*s: more than %d redirects", STR_ARG(host), REDIRECTS);
    case CURLE_UNSUPPORTED_PROTOCOL:
        return error_set(err, ERR_UNAVAILABLE, "%.*s: redirects to something that is not %s", STR_ARG(host),
                         strncasecmp(g->r->url, "https:", 6) == 0 ? "https" : "http");
    default:
        return error_set(err, ERR_UNAVAILABLE, "%.*s: %s", STR_ARG(host), h->strerror(code));
    }
}

static struct str text_of(const struct buf *b, struct arena *a) {
    return b->len ? arena_str(a, buf_str(b)) : STR_NONE;
}

enum status http_get(struct http *h, const struct http_request *r, struct arena *a, struct http_response *out,
                     struct error *err) {
    struct going g = {.r = r, .body = BUF_INIT, .etag = BUF_INIT, .last_modified = BUF_INIT};
    struct curl_slist *fields = NULL;
    const char *url = NULL, *type = NULL;
    long status = 0;
    curl_off_t again = 0;
    *out = (struct http_response){0};
    if (strncasecmp(r->url, "http://", 7) != 0 && strncasecmp(r->url, "https://", 8) != 0) {
        return error_set(err, ERR_DATA, "'%.100s' is no http or https address", r->url);
    }
    enum status st = prepare(h, &g, &fields);
    if (st != OK) {
        st = error_set(err, st, "libcurl refuses the address or a setting");
        goto done;
    }
    CURLcode code = h->perform(h->easy);
    (void)h->info(h->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) {
        /* where it sends us is no place to go, but the server is there */
        out->status = code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_UNSUPPORTED_PROTOCOL ? (int)status : 0;
        st = failed(h, &g, code, err);
        goto done;
    }
    (void)h->info(h->easy, CURLINFO_EFFECTIVE_URL, &url);
    (void)h->info(h->easy, CURLINFO_CONTENT_TYPE, &type);
    if (status != 304 && (status < 200 || status > 299)) {
        struct str host = http_host(r->url);
        out->status = (int)status;
        if ((status == 429 || status == 503) && h->info(h->easy, CURLINFO_RETRY_AFTER, &again) == CURLE_OK) {
            out->retry_after_s = again > 0 ? again : 0;
        }
        st = error_set(err, status >= 400 && status < 500 && status != 429 ? ERR_NOINPUT : ERR_UNAVAILABLE,
                       "%.*s: answered %ld", STR_ARG(host), status);
        goto done;
    }
    *out = (struct http_response){.status = (int)status,
                                  .not_modified = status == 304,
                                  .body = arena_str(a, buf_str(&g.body)),
                                  .final_url = arena_str(a, str_from(url ? url : r->url)),
                                  .content_type = type ? arena_str(a, str_from(type)) : STR_NONE,
                                  .etag = text_of(&g.etag, a),
                                  .last_modified = text_of(&g.last_modified, a)};
done:
    h->free_all(fields);
    buf_release(&g.body);
    buf_release(&g.etag);
    buf_release(&g.last_modified);
    return st;
}
