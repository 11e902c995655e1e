/* A borrowed slice of bytes; text is UTF-8 unless said otherwise. Not NUL-terminated. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr; /* may be NULL when len is 0; NULL means "absent" where that differs from "empty" */
    size_t len;      /* in bytes */
};

/* A literal: STR("abc") */
#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf's "%.*s" */
#define STR_ARG(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

/* The slice of a C string; NULL gives STR_NONE. */
static inline struct str str_from(const char *c) {
    return c ? (struct str){c, strlen(c)} : STR_NONE;
}

static inline bool str_eq(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* strcmp's order by bytes; a prefix comes first. */
int str_cmp(struct str a, struct str b);
/* Equal but for the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* First position of byte C at or after FROM, or s.len when there is none. */
size_t str_find(struct str s, char c, size_t from);
/* First position of NEEDLE at or after FROM, or s.len when there is none; an empty needle is found at FROM. */
size_t str_search(struct str s, struct str needle, size_t from);
/* For tables in memory: FNV-1a, its bits mixed. Not kept anywhere, and no use against those who choose the text. */
uint64_t str_hash(struct str s);
/* The part from FROM (included) to TO (excluded); bounds are clipped. */
struct str str_sub(struct str s, size_t from, size_t to);
/* Without leading and trailing ASCII space, tab, CR, LF. */
struct str str_trim(struct str s);
/* Takes the part of *rest before the next SEP off its front into *part. False when nothing is left (an absent *rest).
 * "a,,b" gives "a", "", "b"; "" gives one empty part. */
bool str_split(struct str *rest, char sep, struct str *part);

#endif
