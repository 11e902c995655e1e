#include "source/feed.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "fetch/http.h"
#include "source/feed_document.h"
#include "store/import_state.h"

enum { PAGES_MAX = 50, ENTRIES_MAX = 20000, LOOK_BACK_S = 31 * 86400, LAST = 3 };

static const char accept[] = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
                             "text/xml;q=0.8, application/json;q=0.7, */*;q=0.5";

/* A page under way. */
struct page {
    struct reading *r;
    size_t entries;        /* of this page */
    size_t total;          /* of all pages */
    bool last_known[LAST]; /* whether its last entries were, by turns */
    int64_t newest;        /* INT64_MIN: none has a date */
};

static enum status take(void *ctx, const struct rows_article *e, struct error *err) {
    struct page *p = ctx;
    bool known = false;
    if (++p->total > ENTRIES_MAX) {
        return error_set(err, ERR_DATA, "the feed has more than %d entries", ENTRIES_MAX);
    }
    enum status st = p->r->store && p->r->id ? import_has_article(p->r->store, p->r->id, e->id, &known, err) : OK;
    p->last_known[p->entries++ % LAST] = known;
    if (e->published_at > p->newest) {
        p->newest = e->published_at;
    }
    return st == OK ? rows_add_article(p->r->rows, e, err) : st;
}

/* Whether the page behind this one may have articles that were missed: none of the last entries is known, and they are
 * not too old for that. */
static bool goes_on(const struct page *p) {
    int64_t since = p->r->synced_at && p->r->synced_at < p->r->now ? p->r->synced_at : p->r->now;
    bool known = false;
    for (size_t i = 0; i < LAST && i < p->entries; i++) {
        known = known || p->last_known[i];
    }
    return p->entries > 0 && !known && (p->newest == INT64_MIN || p->newest > since - LOOK_BACK_S);
}

static struct str charset_of(struct str type) {
    for (size_t at = 0; at + 8 < type.len; at++) {
        if (strncasecmp(type.ptr + at, "charset=", 8) == 0) {
            struct str s = str_trim(str_sub(type, at + 8, str_find(type, ';', at)));
            return s.len > 1 && (s.ptr[0] == '"' || s.ptr[0] == '\'') ? str_sub(s, 1, s.len - 1) : s;
        }
    }
    return STR_NONE;
}

static enum status read_file(const char *path, struct arena *a, struct str *out, struct error *err) {
    struct buf b = BUF_INIT;
    enum status st = OK;
    FILE *f = fopen(path, "re");
    if (!f) {
        return error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    }
    while (buf_reserve(&b, 65536) && b.len <= FEED_XML_MAX) {
        size_t n = fread(b.ptr + b.len, 1, 65536, f);
        b.len += n;
        if (n == 0) {
            break;
        }
    }
    if (ferror(f)) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    } else if (b.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else {
        *out = arena_str(a, buf_str(&b));
    }
    (void)fclose(f);
    buf_release(&b);
    return st;
}

/* The stamp's lines behind the first: ETag, Last-Modified, hash of the document. */
struct memory {
    struct str etag, last_modified, hash;
};

static struct memory remembered(struct reading *r) {
    struct memory m = {0};
    struct str rest = r->before, line;
    if (r->always || !rest.len || !str_starts(rest, buf_str(&r->stamp))) { /* other settings read it otherwise */
        return m;
    }
    rest = str_sub(rest, r->stamp.len, rest.len);
    struct str *const parts[] = {&m.etag, &m.last_modified, &m.hash};
    for (size_t i = 0; i < 3 && str_split(&rest, '\n', &line); i++) {
        *parts[i] = line.len ? arena_str(r->arena, line) : STR_NONE;
    }
    return m;
}

/* The first document: from the file or the address, unless it is as it was. */
static enum status get_first(struct reading *r, struct http *http, struct http_response *doc, struct error *err) {
    struct memory old = remembered(r);
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    struct http_request q = {.url = r->source->url,
                             .accept = accept,
                             .etag = old.etag.ptr,
                             .last_modified = old.last_modified.ptr,
                             .max_bytes = FEED_XML_MAX,
                             .allow_private = r->source->fetch_private};
    *doc = (struct http_response){0};
    enum status st =
        r->source->url ? http_get(http, &q, r->arena, doc, err) : read_file(r->source->path, r->arena, &doc->body, err);
    if (st != OK) {
        r->retry_after_s = doc->retry_after_s;
        return st;
    }
    if (doc->not_modified) {
        r->unchanged = true;
        return old.hash.ptr ? OK : error_set(err, ERR_PROTOCOL, "the server says that nothing changed, unasked");
    }
    hash_of(doc->body.ptr, doc->body.len, h);
    hash_hex(h, 16, hex);
    r->unchanged = old.hash.ptr && str_eq(old.hash, str_from(hex));
    buf_addf(&r->stamp, "%.*s\n%.*s\n%s", STR_ARG(doc->etag), STR_ARG(doc->last_modified), hex);
    return OK;
}

static enum status get_older(struct reading *r, struct http *http, struct arena *a, const char *url,
                             struct http_response *doc, struct error *err) {
    struct http_request q = {
        .url = url, .accept = accept, .max_bytes = FEED_XML_MAX, .allow_private = r->source->fetch_private};
    enum status st = http_get(http, &q, a, doc, err);
    r->retry_after_s = doc->retry_after_s;
    return st == OK ? OK : error_prefix(err, "an older page of the feed");
}

/* Parses DOC; *older: the address of the page behind it, of A. */
static enum status read_page(struct page *p, const struct http_response *doc, struct arena *a, struct str *older,
                             struct error *err) {
    const struct reading *r = p->r;
    struct feed f = {.a = a,
                     .url = doc->final_url,
                     .site = str_from(r->c->site.url),
                     .zone = r->zone,
                     .topics = r->source->newsletter ? &r->source->newsletter->topics : NULL};
    p->entries = 0;
    p->newest = INT64_MIN;
    enum status st = feed_parse(&f, doc->body, charset_of(doc->content_type), take, p, err);
    *older = f.older;
    if (f.bad_dates) {
        reading_note(p->r, "articles: %zu date%s that can't be read; taken without", f.bad_dates,
                     f.bad_dates == 1 ? "" : "s");
    }
    return st;
}

static bool is_among(const struct str *list, size_t n, struct str s) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i], s)) {
            return true;
        }
    }
    return false;
}

/* The pages behind the first one, which stands at FIRST. What isn't there or is no feed ends it; what can't be had now
 * fails all, or what stands there would never be asked for again. */
static enum status read_older(struct page *p, struct http *http, struct arena *a, struct str first, struct str older,
                              struct error *err) {
    struct str read[PAGES_MAX] = {first};
    struct buf url = BUF_INIT;
    enum status st = OK;
    for (int i = 1; st == OK && older.len && goes_on(p); i++) {
        struct http_response doc;
        struct error why = {0};
        if (i == PAGES_MAX) {
            reading_note(p->r, "the feed has more than %d pages of articles that are new; older ones are left",
                         PAGES_MAX);
            break;
        }
        if (is_among(read, (size_t)i, older)) {
            break; /* they go round */
        }
        buf_clear(&url);
        buf_add(&url, older);
        read[i] = arena_str(p->r->arena, older);
        arena_reset(a);
        if ((st = get_older(p->r, http, a, buf_cstr(&url), &doc, &why)) == OK) {
            st = read_page(p, &doc, a, &older, &why);
        }
        if (st == ERR_NOINPUT || st == ERR_DATA || st == ERR_NOPERM || st == ERR_NOHOST) {
            reading_note(p->r, "%s", why.text);
            st = OK;
            break;
        }
        st = st == OK ? OK : error_set(err, st, "%s", why.text);
    }
    buf_release(&url);
    return st;
}

enum status feed_read(struct reading *r, struct error *err) {
    struct page p = {.r = r};
    struct http *http = NULL;
    struct http_response doc;
    struct str older = STR_NONE;
    struct arena *a = arena_new();
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    r->window = true;
    r->articles = true;
    const char *const settings[] = {"feed 1", r->source->url ? r->source->url : r->source->path, NULL};
    reading_stamp(r, settings);
    if (st == OK && r->source->url) {
        st = http_new(&http, err);
    }
    if (st == OK) {
        st = get_first(r, http, &doc, err);
    }
    if (st == OK && !r->unchanged) {
        rows_merge(r->rows);
        st = read_page(&p, &doc, a, &older, err);
        older = arena_str(r->arena, older);
        if (st == OK && r->store && http) {
            st = read_older(&p, http, a, str_from(r->source->url), older, err);
        }
    }
    http_free(http);
    arena_free(a);
    if (st == ERR_NOPERM && err) {
        struct error why = *err;
        (void)error_set(err, st, "%s; 'fetch_private = yes' in its section allows it", why.text);
    }
    bool elsewhere = st == ERR_UNAVAILABLE || st == ERR_NOHOST || st == ERR_NOPERM || st == ERR_PROTOCOL;
    return elsewhere ? ERR_NOINPUT : st; /* the source can't be read, whatever the reason */
}
