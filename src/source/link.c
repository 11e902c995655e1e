#include "source/link.h"

#include "base/arena.h"
#include "base/buf.h"

/* The parts of RFC 3986 3, without the colon, slashes, question mark and hash between them. */
struct parts {
    struct str scheme, authority, path, query, fragment; /* absent where there is none; path never is */
};

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct parts split(struct str s) {
    struct parts p = {0};
    size_t i = 0;
    while (i < s.len &&
           (is_alpha(s.ptr[i]) || (i && (strchr("+-.", s.ptr[i]) || (s.ptr[i] >= '0' && s.ptr[i] <= '9'))))) {
        i++;
    }
    if (i > 0 && i < s.len && s.ptr[i] == ':') {
        p.scheme = str_sub(s, 0, i);
        s = str_sub(s, i + 1, s.len);
    }
    size_t at = str_find(s, '#', 0);
    if (at < s.len) {
        p.fragment = str_sub(s, at + 1, s.len);
        s = str_sub(s, 0, at);
    }
    at = str_find(s, '?', 0);
    if (at < s.len) {
        p.query = str_sub(s, at + 1, s.len);
        s = str_sub(s, 0, at);
    }
    if (str_starts(s, STR("//"))) {
        at = str_find(s, '/', 2);
        p.authority = str_sub(s, 2, at);
        s = str_sub(s, at, s.len);
    }
    p.path = s;
    return p;
}

/* RFC 3986 5.2.4 on an absolute path. */
static void add_without_dots(struct str path, struct buf *out) {
    size_t start = out->len;
    struct str rest = str_sub(path, 1, path.len);
    struct str part;
    while (str_split(&rest, '/', &part)) {
        bool last = !rest.ptr;
        if (str_eq(part, STR("..")) || str_eq(part, STR("."))) {
            if (part.len == 2) {
                while (out->len > start && out->ptr[out->len - 1] != '/') {
                    buf_truncate(out, out->len - 1);
                }
                if (out->len > start) {
                    buf_truncate(out, out->len - 1);
                }
            }
            if (last) {
                buf_addc(out, '/');
            }
            continue;
        }
        buf_addc(out, '/');
        buf_add(out, part);
    }
}

static void add_encoded(struct str s, struct buf *out) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>\"{}|\\^`", c)) {
            buf_addf(out, "%%%02X", c);
        } else {
            buf_addc(out, (char)c);
        }
    }
}

static bool is_http(struct str scheme) {
    return str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https"));
}

enum status link_resolve(struct str in, struct str base_text, struct arena *a, struct str *out, struct error *err) {
    struct parts p = split(in);
    struct parts base = split(base_text);
    struct buf path = BUF_INIT;
    struct buf b = BUF_INIT;
    enum status st = OK;
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char)in.ptr[i];
        if (c < ' ' || c == 0x7f || (c == 0xc2 && i + 1 < in.len && (unsigned char)in.ptr[i + 1] < 0xa0)) {
            return error_set(err, ERR_DATA, "has control characters");
        }
    }
    if (p.scheme.ptr ? !is_http(p.scheme) : !is_http(base.scheme)) {
        return error_set(err, ERR_DATA, "is not http or https");
    }
    if (p.scheme.ptr || p.authority.ptr) {
        if (!p.authority.len || str_find(p.authority, '@', 0) < p.authority.len ||
            str_find(p.authority, ' ', 0) < p.authority.len || str_find(p.authority, '\\', 0) < p.authority.len ||
            str_find(p.authority, '"', 0) < p.authority.len || str_find(p.authority, '<', 0) < p.authority.len ||
            str_find(p.authority, '>', 0) < p.authority.len || p.authority.ptr[0] == ':') {
            return error_set(err, ERR_DATA, p.authority.len ? "has a bad host" : "has no host");
        }
        buf_add(&path, p.path);
    } else {
        p.authority = base.authority;
        if (p.path.len && p.path.ptr[0] == '/') {
            buf_add(&path, p.path);
        } else if (p.path.len) {
            size_t end = base.path.len;
            while (end > 0 && base.path.ptr[end - 1] != '/') {
                end--;
            }
            buf_add(&path, end ? str_sub(base.path, 0, end) : STR("/"));
            buf_add(&path, p.path);
        } else {
            buf_add(&path, base.path);
            p.query = p.query.ptr ? p.query : base.query;
        }
    }
    struct str scheme = p.scheme.ptr ? p.scheme : base.scheme;
    buf_adds(&b, str_eq_nocase(scheme, STR("https")) ? "https://" : "http://");
    buf_add(&b, p.authority);
    if (path.len) {
        struct buf clean = BUF_INIT;
        add_without_dots(buf_str(&path), &clean);
        add_encoded(buf_str(&clean), &b);
        b.failed = b.failed || clean.failed;
        buf_release(&clean);
    }
    if (p.query.ptr) {
        buf_addc(&b, '?');
        add_encoded(p.query, &b);
    }
    if (p.fragment.ptr) {
        buf_addc(&b, '#');
        add_encoded(p.fragment, &b);
    }
    if (b.failed || path.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else {
        *out = arena_str(a, buf_str(&b));
    }
    buf_release(&path);
    buf_release(&b);
    return st;
}
