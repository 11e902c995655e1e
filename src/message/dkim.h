/* DKIM signatures (RFC 6376; RFC 8463 for Ed25519), relaxed/relaxed. What the messages of a rendition share is made
 * canonical and hashed once; a message adds its own lines and the rest of its body. No t= and no x=: a retry has the
 * same bytes, both algorithms being deterministic. */
#ifndef MESSAGE_DKIM_H
#define MESSAGE_DKIM_H

#include "base/buf.h"
#include "message/signing_key.h"

#include <stdint.h>

struct dkim_plan; /* opaque, immutable: used by many threads */

/* HEADER are the lines that every message has alike, PERSONAL the names ("to:message-id") of those that each has of its
 * own, in their order; all of them are signed, From and Subject once more than they occur (RFC 6376 8.15), so that
 * nobody can add a second one. BODY is what every body begins with, whole lines. Nothing is kept of the arguments. *out
 * is the caller's. Fails with ERR_OS. */
enum status dkim_plan_new(struct str header, struct str personal, struct str body, struct dkim_plan **out,
                          struct error *err);
/* NULL is harmless. */
void dkim_plan_free(struct dkim_plan *p);

struct dkim_signer; /* opaque: what one thread keeps from message to message, its own copies of keys among it */

/* Appends to OUT a DKIM-Signature header line for each of KEYS that is of DOMAIN (ASCII case ignored); OUT stays as it
 * is when there is none. PERSONAL are the message's own header lines, those the plan names and no other; BODY is its
 * whole body, beginning as the plan's. *SIGNER is NULL at first, and for dkim_signer_free at last. Fails with the
 * reason of a key that can't be used, ERR_SOFTWARE when OpenSSL refuses to sign, ERR_OS; OUT is to be dropped then. */
enum status dkim_sign(struct dkim_signer **signer, const struct dkim_plan *p, const struct signing_keys *keys,
                      struct str domain, struct str personal, struct str body, struct buf *out, struct error *err);
/* NULL is harmless. */
void dkim_signer_free(struct dkim_signer *s);

/* Appends the canonical form of whole header lines (RFC 6376 3.4.2), each with its CRLF. */
void dkim_canonical_header(struct str lines, struct buf *out);
/* SHA-256 over the canonical form of a body (3.4.4), as bh= has it before base64. */
void dkim_body_hash(struct str body, uint8_t out[32]);

#endif
