/* An encoded body with open slots: all that is common to the readers is encoded once, filling it in is copying. */
#ifndef MIME_BODY_H
#define MIME_BODY_H

#include "base/buf.h"
#include "base/status.h"
#include "mime/piece.h"

#include <stdint.h>

struct body; /* opaque, immutable after body_new: may be filled by many threads at once */

enum body_encoding { BODY_SMALLER, BODY_QP, BODY_BASE64 };

/* Encodes the N pieces of P in the smaller of quoted-printable and base64, judged by the fixed text alone (all
 * conditional parts counted; quoted-printable when equal). Each piece's CRLF and bare CR become LF first. *out is the
 * caller's, to be given to body_free; it keeps nothing of P. ERR_DATA when PIECE_IF, PIECE_UNLESS and PIECE_END do not
 * match or a slot's number is negative; ERR_OS when memory ran out. */
enum status body_new(const struct piece *p, size_t n, struct body **out, struct error *err);
/* The same in a given encoding. */
enum status body_new_as(const struct piece *p, size_t n, enum body_encoding encoding, struct body **out,
                        struct error *err);
/* NULL is harmless. */
void body_free(struct body *b);

/* Appends the encoded body for one reader to OUT. VALUES has body_slots(b) entries, UTF-8, borrowed; an absent one
 * counts as empty. What a decoder gets is the fixed text with LF made CRLF and the values, each escaped as its piece
 * says; CR, LF and NUL in a value become a space before that. A text without a line end at its end gets one, so the
 * encoded body always ends with CRLF; no line is longer than 76. No allocation but OUT's growth. Look at out->failed
 * afterwards. */
void body_fill(const struct body *b, const struct str *values, struct buf *out);

/* "quoted-printable" or "base64", for Content-Transfer-Encoding. */
const char *body_encoding(const struct body *b);
/* One more than the highest slot used. */
size_t body_slots(const struct body *b);
/* Bytes of the encoded fixed text, as one reader could get it with every conditional part. */
size_t body_size(const struct body *b);
/* Bytes at the beginning of every filled body that are the same whatever the values; whole lines, 0 when there are
 * none.
 */
size_t body_prefix(const struct body *b);
/* Bytes of memory it takes, for a cache's account. */
size_t body_memory(const struct body *b);
/* SHA-256 over the encoding, the pieces and the encoded bytes: another hash for the same pieces means that the program
 * that encodes has changed. */
void body_hash(const struct body *b, uint8_t out[32]);

#endif
