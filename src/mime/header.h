/* Header lines (RFC 5322 2.2, 3.2; RFC 2047). No value can begin a new line: control characters (CR, LF and NUL with
 * them) in it become a space. Every function appends whole lines with CRLF to a buffer. */
#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "base/buf.h"

#include <stdint.h>

#define BOUNDARY_SIZE 29 /* of boundary_for's text with its NUL */

/* NAME is a constant of the program, of RFC 5322's ftext (printable ASCII but no colon); else assert() ends it. Lines
 * are folded at spaces to at most 78 characters (76 with an encoded word); a longer word stands alone on its line. */

/* "NAME: VALUE", unstructured. VALUE is UTF-8; malformed bytes become U+FFFD; spaces around it are dropped. Words that
 * are not ASCII, look like an encoded word or are too long for a line become encoded words (RFC 2047) in UTF-8, B or Q,
 * whichever is shorter, at most 75 characters each, never splitting a character, nor what a reader takes for one (a
 * grapheme cluster) where a line can hold it. */
void header_text(struct buf *out, const char *name, struct str value);

/* "NAME: DISPLAY <ADDRESS>", or the address alone when DISPLAY is empty. DISPLAY is UTF-8 as it is meant to be read; it
 * comes out as atoms, a quoted string or encoded words. ADDRESS should pass header_address_ok; in one that doesn't the
 * refused characters become "?", so it names nobody else and adds nobody. */
void header_mailbox(struct buf *out, const char *name, struct str display, struct str address);

/* "NAME: VALUE" for a structured ASCII value that is put as it is, folded at spaces, first at those after "," or ";".
 * Bytes outside ASCII become "?". A part without a space that is longer than 990 is broken there, for no line may pass
 * 998 (RFC 5322 2.1.1). */
void header_raw(struct buf *out, const char *name, struct str value);

/* Whether ADDRESS can stand in an envelope and between < and > without harm: local-part "@" domain of printable ASCII,
 * at most 64 and 254 bytes (RFC 5321 4.5.3.1), no "<", ">", space or other special outside a quoted local part. It is
 * no check of what an address must be (that is text/'s). */
bool header_address_ok(struct str address);

/* Writes a boundary for multipart bodies: "=_" and 26 of a-z2-7, made from the first 16 bytes of HASH. "=_" can stand
 * in no quoted-printable or base64 text, so no part holds it. It must be quoted as a parameter (RFC 2045 5.1). */
void boundary_for(const uint8_t hash[32], char out[BOUNDARY_SIZE]);

#endif
