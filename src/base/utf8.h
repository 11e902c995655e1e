/* UTF-8 (RFC 3629): decoding, checking, repairing. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

struct buf;

/* Decodes the character at *pos of S and moves *pos behind it. A malformed sequence gives U+FFFD and moves by one byte.
 * *pos must be below s.len. */
uint32_t utf8_next(struct str s, size_t *pos);
/* Writes CP to OUT and returns its length, 1 to 4; what is no scalar value becomes U+FFFD. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* Whether all of S is well-formed (no overlong forms, no surrogates, nothing above U+10FFFF). */
bool utf8_valid(struct str s);
/* Whether S is ASCII only. */
bool utf8_is_ascii(struct str s);
/* Appends S to OUT with every malformed sequence replaced by U+FFFD and NUL removed. */
void utf8_repair(struct str s, struct buf *out);
/* The largest position <= MAX that does not cut a character of S. */
size_t utf8_cut(struct str s, size_t max);
/* How many characters (code points). */
size_t utf8_count(struct str s);

#endif
