/* The private keys that sign mail (RFC 6376, RFC 8463), by the domain they speak for. */
#ifndef MESSAGE_SIGNING_KEY_H
#define MESSAGE_SIGNING_KEY_H

#include "base/buf.h"
#include "base/status.h"

#include <openssl/types.h>

enum signing_algorithm { SIGNING_RSA, SIGNING_ED25519 };

struct signing_key {
    struct buf domain, selector; /* where the public key is published: SELECTOR._domainkey.DOMAIN */
    enum signing_algorithm algorithm;
    int bits;
    EVP_PKEY *pkey;
    struct error why; /* not OK: the key can't be used, with a sentence */
};

/* Reads the key in the file PATH: PEM, without a passphrase, RSA of 1024 bits or more or Ed25519. ERR_NOINPUT when it
 * can't be read, ERR_NOPERM when others may read or write it (or its group write), ERR_CONFIG when it is no such key.
 * *out is the caller's, for signing_key_release; on failure it is empty but for `why`. */
enum status signing_key_load(const char *path, struct str domain, struct str selector, struct signing_key *out,
                             struct error *err);
void signing_key_release(struct signing_key *k);
/* Appends the TXT record to publish for K (RFC 6376 3.6.1): "v=DKIM1; k=rsa; p=...". */
void signing_key_record(const struct signing_key *k, struct buf *out);
/* "rsa-sha256" or "ed25519-sha256". */
const char *signing_key_algorithm(const struct signing_key *k);

/* The keys of all domains; built once, then read by many threads. All zero is an empty one. */
struct signing_keys {
    struct signing_key *keys;
    size_t n;
};

/* Adds the key in the file PATH. One that can't be used is remembered with its reason: signing_keys_usable tells when a
 * message needs it. Fails with ERR_OS alone. */
enum status signing_keys_add(struct signing_keys *s, const char *path, struct str domain, struct str selector,
                             struct error *err);
void signing_keys_release(struct signing_keys *s);
/* OK when mail from DOMAIN (ASCII case ignored) can go: each of its keys is usable, or it has none; else the first
 * one's reason. */
enum status signing_keys_usable(const struct signing_keys *s, struct str domain, struct error *err);

#endif
