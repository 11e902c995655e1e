/* A picture that messages carry: encoded once, shared by every rendition that shows it. */
#ifndef MESSAGE_PICTURE_H
#define MESSAGE_PICTURE_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct message_picture; /* opaque, immutable: used by many threads; counted references */

/* A picture that HTML shows as "cid:ID" (RFC 2392). ID: letters, digits, . - _ and one @; TYPE: "image/png" or
 * "image/jpeg"; BYTES: not encoded. All are copied. *out has one reference. ERR_OS. */
enum status message_picture_new(struct str id, struct str type, struct str bytes, struct message_picture **out,
                                struct error *err);
struct message_picture *message_picture_ref(struct message_picture *p);
/* Gives a reference back; NULL is harmless. */
void message_picture_free(struct message_picture *p);

/* Borrowed from P: its part of a message from the header on (without the boundary before it), and what is in it. */
struct str message_picture_part(const struct message_picture *p);
struct str message_picture_id(const struct message_picture *p);
struct str message_picture_type(const struct message_picture *p);
struct str message_picture_base64(const struct message_picture *p); /* in lines */
/* SHA-256 of the part. */
void message_picture_hash(const struct message_picture *p, uint8_t out[32]);

#endif
