/* People on the command line. */
#ifndef CMD_PERSON_H
#define CMD_PERSON_H

#include "cmd/context.h"

/* WORD is a subscriber's id or address; *out is the id, ERR_NOINPUT when there is no such person. The sentence repeats
 * WORD, which the caller was asked about. */
enum status person_find(const struct context *c, struct str word, int64_t *out, struct error *err);
/* The key (address.key) of address WORD, in arena A. ERR_DATA when it is none. */
enum status person_key(struct str word, struct arena *a, struct str *key, struct error *err);
/* The address that option or argument WORD names: itself, or for "-" a line of standard input, copied to A. */
enum status person_address(struct str word, struct arena *a, struct str *out, struct error *err);

#endif
