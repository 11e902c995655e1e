/* How much HTML a rendition has: clients cut off what is too long. */
#ifndef DIGEST_WEIGHT_H
#define DIGEST_WEIGHT_H

#include "base/buf.h"
#include "mime/piece.h"

#include <jansson.h>

struct edition;

enum { WEIGHT_MAX = 100 * 1024 }; /* bytes before they are encoded; Gmail cuts at 102 KB */

/* The bytes of the N pieces' own text, as one reader could get it with every conditional part. */
size_t weight_of(const struct piece *pieces, size_t n);

/* Appends a sentence about the HTML of BYTES that was made of VIEW when it is beyond WEIGHT_MAX: what is largest, and
 * how to cut it. */
void weight_say(const struct edition *e, const json_t *view, size_t bytes, struct buf *out);

#endif
