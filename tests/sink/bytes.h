/* A growing buffer, also for lines of JSON. All zero is an empty one; `free(b->p)` releases it. The sink shares no code
 * with src/: what is tested must not vouch for itself. */
#ifndef SINK_BYTES_H
#define SINK_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *p;         /* owned; NULL before anything was added; a NUL stands behind the last byte */
    size_t len, cap; /* setting len to 0 empties it and keeps the memory, and also the old bytes at p */
};

/* Appends N bytes; P may be anything when N is 0. */
void bytes_add(struct bytes *b, const void *p, size_t n);
/* Makes S the content. */
void bytes_set(struct bytes *b, const char *s);
/* Appends at most 8 KB of formatted text. */
void bytes_addf(struct bytes *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The content as a C string, "" when empty; borrowed until the next change. */
const char *bytes_c(const struct bytes *b);

/* Appends a JSON string, in quotes: UTF-8 as it is; else, and for RAW (which message bodies are), a character a byte.
 */
void bytes_json(struct bytes *b, const char *s, size_t n, bool raw);
/* Appends ,"NAME":"VALUE" */
void bytes_member(struct bytes *b, const char *name, const char *value);

#endif
