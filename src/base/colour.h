/* Colours as an administrator writes them, and whether text in them can be read (WCAG 2, contrast). */
#ifndef BASE_COLOUR_H
#define BASE_COLOUR_H

#include "base/str.h"

struct colour {
    uint8_t r, g, b;
};

enum { COLOUR_SIZE = sizeof "#rrggbb" };

/* #rgb, #rrggbb, or a name of CSS's ("navy"), in any case. False for anything else. */
bool colour_parse(struct str s, struct colour *out);
/* Writes "#rrggbb". */
void colour_write(struct colour c, char out[COLOUR_SIZE]);
/* From 1 (the same) to 21 (black on white). */
double colour_contrast(struct colour a, struct colour b);
/* C, made darker or (LIGHTER) lighter by as little as is needed for a contrast of at least LEAST with each of the N
 * backgrounds ON; black or white when nothing in between does. */
struct colour colour_readable(struct colour c, const struct colour *on, size_t n, double least, bool lighter);

#endif
