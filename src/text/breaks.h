/* ICU's break iterators over UTF-8, for the modules of this folder. */
#ifndef TEXT_BREAKS_H
#define TEXT_BREAKS_H

#include "base/str.h"

enum breaks_kind { BREAKS_CHARACTER, BREAKS_SENTENCE, BREAKS_LINE };

struct breaks; /* opaque: it owns an ICU iterator and borrows the text. For one thread at a time. */

/* Opens an iterator over TEXT (UTF-8, malformed bytes count as U+FFFD; borrowed, must not change or move) by the rules
 * of the language LANG (NULL or unknown: Unicode's own). Opening costs some microseconds. NULL when ICU has no data or
 * memory ran out. */
struct breaks *breaks_open(enum breaks_kind kind, const char *lang, struct str text);
/* NULL is harmless. */
void breaks_close(struct breaks *b);
/* Moves to the next boundary and gives it, in bytes from the start; 0 is never given, the text's end is. Lines
 * are not broken inside a Korean word. False at the end. */
bool breaks_next(struct breaks *b, size_t *at);
/* Whether the boundary that breaks_next gave last must be taken (a line's end in the text, BREAKS_LINE only). */
bool breaks_is_hard(const struct breaks *b);
/* Whether AT is a boundary. */
bool breaks_is_boundary(struct breaks *b, size_t at);

#endif
