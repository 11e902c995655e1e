/* A growing buffer of bytes that remembers its failure: append without checks, look at `failed` once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

#include <stdint.h>

struct buf {
    char *ptr;   /* owned; NULL while nothing was added; a NUL stands behind the last byte once anything was */
    size_t len;  /* bytes used */
    size_t cap;  /* bytes allocated */
    bool failed; /* memory ran out or a limit was hit: the content is not to be used */
};

#define BUF_INIT ((struct buf){NULL, 0, 0, false})

/* Frees the memory; the buffer is then as BUF_INIT. */
void buf_release(struct buf *b);
/* Empties it and forgets a failure; keeps the memory. */
void buf_clear(struct buf *b);
/* Room for N more bytes without another allocation; false (and failed) when memory ran out. */
bool buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, struct str s);
void buf_addc(struct buf *b, char c);
/* A NUL-terminated string; NULL adds nothing. */
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One code point as UTF-8; one that isn't a scalar value becomes U+FFFD. */
void buf_add_utf8(struct buf *b, uint32_t cp);
/* Cuts to LEN bytes (a LEN beyond the end does nothing). */
void buf_truncate(struct buf *b, size_t len);
/* The content, borrowed until the next change. */
static inline struct str buf_str(const struct buf *b) {
    return b->ptr ? (struct str){b->ptr, b->len} : STR("");
}
/* The content as a C string, borrowed until the next change; "" when empty. */
static inline const char *buf_cstr(const struct buf *b) {
    return b->ptr ? b->ptr : "";
}

#endif
