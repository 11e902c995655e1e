/* Tokens: a few numbers, signed for one purpose, in letters that survive a mail address and a URL. */
#ifndef CRYPTO_TOKEN_H
#define CRYPTO_TOKEN_H

#include "base/status.h"
#include "base/str.h"
#include "crypto/secret.h"

#include <stdint.h>

/* What a token is good for. One made for a purpose is refused for every other. */
enum token_purpose {
    TOKEN_BOUNCE,      /* VERP return path, DSN envelope id */
    TOKEN_UNSUBSCRIBE, /* the footer's and List-Unsubscribe's */
    TOKEN_MESSAGE_ID,  /* the left side of Message-ID */
    TOKEN_PREFERENCES, /* the reader's page */
    TOKEN_CONFIRM,     /* double opt-in */
    TOKEN_UNDO,        /* taking a change back */
    TOKEN_PERSONAL,    /* fresh and expiring: data download, change of address, erasure */
    TOKEN_EDITOR,      /* approving a draft */
    TOKEN_VIEW,        /* view in browser, archive */
    TOKEN_PURPOSES     /* how many there are */
};

#define TOKEN_VALUES 6 /* most numbers in a token */
#define TOKEN_SIZE                                                                                                     \
    113 /* room for the longest token and its NUL; usual ones (two or three small numbers) have 24 to 32 */

struct token_keys; /* opaque; may be used by many threads at once */

/* Derives a key for each purpose from S. *out is the caller's, to be given to token_keys_free. */
enum status token_keys_new(const struct secret *s, struct token_keys **out, struct error *err);
/* Wipes and frees; NULL is harmless. */
void token_keys_free(struct token_keys *k);

/* Writes a token of the N VALUES (1 to TOKEN_VALUES) to OUT, which has CAP bytes, with a NUL; returns its length, 0
 * when N or CAP does not fit. Same values, same token. It consists of a-z and 2-7 (RFC 4648's base32 in lower case,
 * unpadded), and tells nothing of its values to one without the key: they are masked, so that a forwarded mail doesn't
 * say which reader, of how many, it was for. */
size_t token_make(const struct token_keys *k, enum token_purpose purpose, const uint64_t *values, size_t n, char *out,
                  size_t cap);

/* Reads TOKEN (in either case: mail servers fold it) into exactly N VALUES. False, and VALUES zeroed, when it isn't one
 * of that purpose and number: forged, cut, changed, or of another secret. The signature is 80 bits, compared in
 * constant time. */
bool token_open(const struct token_keys *k, enum token_purpose purpose, struct str token, uint64_t *values, size_t n);

#endif
