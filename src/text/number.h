/* Whole numbers for readers: the digits of their language, and which form of a word goes with them. */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include "base/buf.h"

#include <stdint.h>

/* CLDR's plural categories. */
enum plural { PLURAL_ZERO, PLURAL_ONE, PLURAL_TWO, PLURAL_FEW, PLURAL_MANY, PLURAL_OTHER, PLURALS };

struct numbers; /* opaque: ICU's formatter and rules for a language. For one thread at a time. */

/* For LANG (a tag). Languages that ICU doesn't know, NULL and malformed tags have plain digits and one form. Opening
 * costs about 0.1 ms. NULL when memory ran out. */
struct numbers *numbers_open(const char *lang);
/* NULL is harmless. */
void numbers_close(struct numbers *f);
/* Appends N as the language writes it: 1.234, ١٬٢٣٤. */
void numbers_add(const struct numbers *f, int64_t n, struct buf *out);
/* The category of N. */
enum plural numbers_plural(const struct numbers *f, int64_t n);
/* "one", "few" ... as CLDR names it. */
const char *plural_name(enum plural p);

#endif
