#include "sink/bytes.h"

#include "sink/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bytes_add(struct bytes *b, const void *p, size_t n) {
    if (b->len + n + 1 > b->cap) {
        b->cap = (b->len + n + 1) * 2 + 128;
        b->p = base_grow(b->p, b->cap);
    }
    if (n)
        memcpy(b->p + b->len, p, n);
    b->len += n;
    b->p[b->len] = 0;
}

void bytes_set(struct bytes *b, const char *s) {
    b->len = 0;
    bytes_add(b, s, strlen(s));
}

void bytes_addf(struct bytes *b, const char *fmt, ...) {
    char text[8192];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bytes_add(b, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

const char *bytes_c(const struct bytes *b) {
    return b->len ? b->p : "";
}

static bool is_utf8(const char *s, size_t n) {
    const unsigned char *p = (const unsigned char *)s, *e = p + n;
    while (p < e) {
        int more = *p < 0x80                 ? 0
                   : *p >= 0xc2 && *p < 0xe0 ? 1
                   : *p >= 0xe0 && *p < 0xf0 ? 2
                   : *p >= 0xf0 && *p < 0xf5 ? 3
                                             : -1;
        if (more < 0 || e - p <= more)
            return false;
        for (p++; more; more--, p++)
            if ((*p & 0xc0) != 0x80)
                return false;
    }
    return true;
}

void bytes_json(struct bytes *b, const char *s, size_t n, bool raw) {
    bool keep = !raw && is_utf8(s, n);
    bytes_add(b, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c < 0x7f)
            continue;
        if (c >= 0x80 && keep)
            continue;
        bytes_add(b, s + from, i - from);
        from = i + 1;
        if (c == '\r' || c == '\n')
            bytes_add(b, c == '\r' ? "\\r" : "\\n", 2);
        else
            bytes_addf(b, "\\u%04x", c);
    }
    bytes_add(b, s + from, n - from);
    bytes_add(b, "\"", 1);
}

void bytes_member(struct bytes *b, const char *name, const char *value) {
    bytes_addf(b, ",\"%s\":", name);
    bytes_json(b, value, strlen(value), false);
}
