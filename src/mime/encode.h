/* Content transfer encodings for whole texts: quoted-printable (RFC 2045 6.7) and base64 (6.8). */
#ifndef MIME_ENCODE_H
#define MIME_ENCODE_H

#include "base/buf.h"

#define ENCODE_LINE 76 /* the longest line of either encoding, its CRLF not counted */

/* Appends TEXT to OUT as quoted-printable. TEXT is UTF-8 (other bytes pass as well) with CRLF or LF line ends, mixed
 * too; a bare CR counts as a line end. Lines come out with CRLF, at most 76 characters long; space and tab at a line's
 * end are encoded; a soft break never stands inside a UTF-8 character; "From " and "." that would begin a line are
 * encoded, for the sake of mailboxes and of SMTP. No line end is added to a last line that has none. */
void encode_qp(struct str text, struct buf *out);

/* Appends the bytes of DATA to OUT as base64 in lines of 76 characters, each ended by CRLF, the last one too. Nothing
 * is changed in DATA: a text's line ends must be CRLF already (RFC 2045 6.8). Nothing in, nothing out. */
void encode_base64(struct str data, struct buf *out);

/* The most that encode_qp and encode_base64 append for N bytes. */
size_t encode_qp_bound(size_t n);
size_t encode_base64_bound(size_t n);

/* The steps below serve body.h, which encodes in pieces. */

/* Quoted-printable under way. `at` points to room enough for what is added (encode_qp_bound of it). */
struct encode_qp_state {
    char *at;        /* where the next byte goes */
    unsigned column; /* characters on the line so far, 0 to 76 */
};
/* Adds the N bytes of one line's part, without line ends. LAST: a line end or the text's end follows, so a space or tab
 * at the end is encoded and all 76 columns may be used; else one column stays free for the "=" of a soft break. */
void encode_qp_line(struct encode_qp_state *q, const char *text, size_t n, bool last);

/* Writes the N bytes of IN, a multiple of 3, as N/3*4 characters without line ends; returns the end of what it wrote.
 */
char *encode_base64_groups(char *out, const char *in, size_t n);
/* Writes the group that ends a base64 text: N is 1 or 2 bytes, 4 characters with "=". Returns their end. */
char *encode_base64_last(char *out, const char *in, size_t n);

#endif
