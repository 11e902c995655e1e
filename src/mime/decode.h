/* Content transfer encodings taken off again, of texts that we encoded ourselves. */
#ifndef MIME_DECODE_H
#define MIME_DECODE_H

#include "base/buf.h"

/* Appends what ENCODING ("base64", else quoted-printable; RFC 2045 6.7, 6.8) makes of IN to OUT, CRLF as LF. Lenient:
 * what is malformed is passed on or left out. */
void decode_text(struct str in, struct str encoding, struct buf *out);

#endif
