#include "base/buf.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_release(struct buf *b) {
    free(b->ptr);
    *b = BUF_INIT;
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->ptr) {
        b->ptr[0] = 0;
    }
}

bool buf_reserve(struct buf *b, size_t n) {
    if (b->failed) {
        return false;
    }
    if (n < b->cap - b->len && b->cap) {
        return true;
    }
    if (n > SIZE_MAX / 2 - b->len - 1) {
        b->failed = true;
        return false;
    }
    size_t cap = b->cap ? b->cap : 64;
    while (cap < b->len + n + 1) {
        cap *= 2;
    }
    char *p = realloc(b->ptr, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    b->ptr[b->len] = 0;
    return true;
}

void buf_add(struct buf *b, struct str s) {
    if (s.len == 0 || !buf_reserve(b, s.len)) {
        return;
    }
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = 0;
}

void buf_addc(struct buf *b, char c) {
    buf_add(b, (struct str){&c, 1});
}

void buf_adds(struct buf *b, const char *s) {
    buf_add(b, str_from(s));
}

void buf_addf(struct buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if (!buf_reserve(b, (size_t)n)) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void buf_add_utf8(struct buf *b, uint32_t cp) {
    char tmp[4];
    buf_add(b, (struct str){tmp, utf8_encode(cp, tmp)});
}

void buf_truncate(struct buf *b, size_t len) {
    if (len < b->len) {
        b->len = len;
        b->ptr[len] = 0;
    }
}
