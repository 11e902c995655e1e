#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) char data[];
};

struct arena {
    struct block *first; /* the one in use */
    size_t used;
};

enum { BLOCK = 16 * 1024 - 64 };

struct arena *arena_new(void) {
    return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a) {
    if (!a) {
        return;
    }
    while (a->first) {
        struct block *next = a->first->next;
        free(a->first);
        a->first = next;
    }
    free(a);
}

void arena_reset(struct arena *a) {
    while (a->first && a->first->next) {
        struct block *next = a->first->next;
        free(a->first);
        a->first = next;
    }
    if (a->first) {
        a->first->used = 0;
    }
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n) {
    size_t align = _Alignof(max_align_t);
    size_t want = (n + align - 1) / align * align;
    if (want < n) {
        want = SIZE_MAX - sizeof(struct block); /* cannot be had: the message below */
    }
    if (!a->first || a->first->size - a->first->used < want) {
        size_t size = want > BLOCK ? want : BLOCK;
        struct block *b = malloc(sizeof *b + size);
        if (!b) {
            (void)fputs("courant: out of memory\n", stderr);
            exit(71);
        }
        b->size = size;
        b->used = 0;
        b->next = a->first;
        a->first = b;
    }
    void *p = a->first->data + a->first->used;
    a->first->used += want;
    a->used += want;
    memset(p, 0, want);
    return p;
}

void *arena_more(struct arena *a, void *rows, size_t n, size_t *cap, size_t size) {
    if (n < *cap) {
        return rows;
    }
    *cap = *cap ? *cap * 2 : 8;
    void *more = arena_alloc(a, *cap * size);
    if (n) {
        memcpy(more, rows, n * size);
    }
    return more;
}

struct str arena_str(struct arena *a, struct str s) {
    if (!s.ptr) {
        return STR_NONE;
    }
    char *p = arena_alloc(a, s.len + 1);
    if (s.len) {
        memcpy(p, s.ptr, s.len);
    }
    return (struct str){p, s.len};
}

char *arena_cstr(struct arena *a, struct str s) {
    return (char *)(size_t)arena_str(a, s).ptr;
}

struct str arena_printf(struct arena *a, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        return STR("");
    }
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct str){p, (size_t)n};
}

size_t arena_used(const struct arena *a) {
    return a->used;
}
