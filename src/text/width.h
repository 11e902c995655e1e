/* How wide a text is in a terminal or a monospaced mail, in columns. */
#ifndef TEXT_WIDTH_H
#define TEXT_WIDTH_H

#include "base/buf.h"
#include "base/str.h"

/* Columns that S takes: East Asian wide and full-width characters and emoji 2, combining marks, joiners and control
 * characters 0, an emoji sequence (skin tone, ZWJ, flag) 2, everything else 1; of what is ambiguous, 1. Malformed bytes
 * are 1 each. Line ends count 0: measure line by line. */
size_t width_of(struct str s);
/* The length in bytes of the longest beginning of S that takes at most COLUMNS and cuts no user-perceived character. */
size_t width_fit(struct str s, size_t columns);
/* Appends S in exactly COLUMNS columns: with spaces behind it (or before it, when RIGHT), cut with an ellipsis when it
 * is too long. Control characters, line ends and what turns the reading direction are left out, malformed bytes become
 * U+FFFD, so that a table can't be disturbed by what it shows. */
void width_pad(struct str s, size_t columns, bool right, struct buf *out);

#endif
