/* SHA-256 and keyed hashes (HMAC-SHA256, RFC 2104) over OpenSSL's EVP. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

#define HASH_SIZE 32 /* bytes of every hash here */

struct hash;     /* opaque: a SHA-256 under way; not shared between threads */
struct hash_key; /* opaque: a key with a purpose, its first blocks computed; may be used by many threads at once */

/* A new, empty SHA-256. Never NULL: as all functions here it ends the program (exit 71) when memory ran out, because a
 * hash that is silently wrong would be worse. */
struct hash *hash_new(void);
/* NULL is harmless. */
void hash_free(struct hash *h);
/* Adds N bytes. */
void hash_add(struct hash *h, const void *data, size_t n);
/* Adds the length of S as 8 bytes, then S, so that ("ab","c") and ("a","bc") differ. */
void hash_add_str(struct hash *h, struct str s);
/* Adds V as 8 bytes, most significant first. */
void hash_add_u64(struct hash *h, uint64_t v);
/* Writes the hash of all that was added and starts anew. */
void hash_end(struct hash *h, uint8_t out[HASH_SIZE]);

/* Makes TO what FROM is: the hash of what was added to FROM so far, to be gone on with. */
void hash_copy(struct hash *to, const struct hash *from);

/* SHA-256 of N bytes in one call. */
void hash_of(const void *data, size_t n, uint8_t out[HASH_SIZE]);

/* A key for PURPOSE (a short constant text) derived from SECRET: keys of different purposes are independent, so a hash
 * made for one tells nothing about and never equals that of another. *out is the caller's, to be given to
 * hash_key_free. Fails with ERR_SOFTWARE when OpenSSL has no SHA-256. */
enum status hash_key_new(const uint8_t secret[HASH_SIZE], const char *purpose, struct hash_key **out,
                         struct error *err);
/* Wipes and frees; NULL is harmless. */
void hash_key_free(struct hash_key *k);
/* HMAC-SHA256 of N bytes under K. */
void hash_keyed(const struct hash_key *k, const void *data, size_t n, uint8_t out[HASH_SIZE]);

/* Writes the N bytes of DATA as 2*N lower-case hexadecimal digits and a NUL. */
void hash_hex(const uint8_t *data, size_t n, char *out);

#endif
