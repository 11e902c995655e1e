/* An arena: many small allocations that are given back together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena; /* opaque: it owns a list of blocks */

/* A new arena, or NULL when memory ran out. */
struct arena *arena_new(void);
/* Gives everything back; NULL is harmless. */
void arena_free(struct arena *a);
/* Forgets all allocations and keeps one block for the next use. */
void arena_reset(struct arena *a);
/* N bytes, zeroed, aligned for any type; owned by the arena. Ends the program with a sentence when memory ran out
 * (exit 71): what is allocated here is small and bounded by its callers. */
void *arena_alloc(struct arena *a, size_t n);
/* Room for one more of SIZE bytes behind the N at ROWS, of which there is room for *CAP: ROWS itself, or a copy with
 * twice the room. */
void *arena_more(struct arena *a, void *rows, size_t n, size_t *cap, size_t size);
/* A copy of S with a NUL behind it. An absent S stays absent. */
struct str arena_str(struct arena *a, struct str s);
/* A C string's copy; NULL gives NULL. */
char *arena_cstr(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
