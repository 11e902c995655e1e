#include "crypto/hash.h"

#include "base/log.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK 64 /* SHA-256's block, RFC 2104's B */

struct hash {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

struct hash_key {
    EVP_MD *md;
    EVP_MD_CTX *inner; /* has seen key xor ipad */
    EVP_MD_CTX *outer; /* has seen key xor opad */
};

static void must(int ok) {
    if (!ok) {
        log_error("out of memory, or OpenSSL has no SHA-256");
        _exit(ERR_OS);
    }
}

struct hash *hash_new(void) {
    struct hash *h = calloc(1, sizeof *h);
    must(h != NULL);
    h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    h->ctx = EVP_MD_CTX_new();
    must(h->md && h->ctx && EVP_DigestInit_ex(h->ctx, h->md, NULL));
    return h;
}

void hash_free(struct hash *h) {
    if (h) {
        EVP_MD_CTX_free(h->ctx);
        EVP_MD_free(h->md);
        free(h);
    }
}

void hash_add(struct hash *h, const void *data, size_t n) {
    if (n > 0) {
        must(EVP_DigestUpdate(h->ctx, data, n));
    }
}

void hash_add_u64(struct hash *h, uint64_t v) {
    uint8_t b[8];
    for (size_t i = 0; i < 8; i++) {
        b[i] = (uint8_t)(v >> (56 - 8 * i));
    }
    hash_add(h, b, sizeof b);
}

void hash_add_str(struct hash *h, struct str s) {
    hash_add_u64(h, s.len);
    hash_add(h, s.ptr, s.len);
}

void hash_end(struct hash *h, uint8_t out[HASH_SIZE]) {
    must(EVP_DigestFinal_ex(h->ctx, out, NULL) && EVP_DigestInit_ex(h->ctx, h->md, NULL));
}

void hash_copy(struct hash *to, const struct hash *from) {
    must(EVP_MD_CTX_copy_ex(to->ctx, from->ctx));
}

void hash_of(const void *data, size_t n, uint8_t out[HASH_SIZE]) {
    must(EVP_Digest(n ? data : "", n, out, NULL, EVP_sha256(), NULL));
}

/* A context that has seen the padded key, RFC 2104 section 2; the keys here are never longer than a block. */
static EVP_MD_CTX *padded(const EVP_MD *md, const uint8_t key[HASH_SIZE], uint8_t pad) {
    uint8_t block[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        block[i] = (uint8_t)((i < HASH_SIZE ? key[i] : 0) ^ pad);
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_DigestInit_ex(ctx, md, NULL) && EVP_DigestUpdate(ctx, block, BLOCK));
    OPENSSL_cleanse(block, sizeof block);
    return ctx;
}

static void set_key(struct hash_key *k, const uint8_t key[HASH_SIZE]) {
    EVP_MD_CTX_free(k->inner);
    EVP_MD_CTX_free(k->outer);
    k->inner = padded(k->md, key, 0x36);
    k->outer = padded(k->md, key, 0x5c);
}

enum status hash_key_new(const uint8_t secret[HASH_SIZE], const char *purpose, struct hash_key **out,
                         struct error *err) {
    *out = NULL;
    struct hash_key *k = calloc(1, sizeof *k);
    must(k != NULL);
    k->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!k->md) {
        free(k);
        return error_set(err, ERR_SOFTWARE,
                         "OpenSSL has no SHA-256: check its configuration (openssl list -digest-algorithms)");
    }
    /* The secret itself signs nothing but purposes. */
    uint8_t sub[HASH_SIZE];
    set_key(k, secret);
    hash_keyed(k, purpose, strlen(purpose), sub);
    set_key(k, sub);
    OPENSSL_cleanse(sub, sizeof sub);
    *out = k;
    return OK;
}

void hash_key_free(struct hash_key *k) {
    if (k) {
        EVP_MD_CTX_free(k->inner); /* wipes its state */
        EVP_MD_CTX_free(k->outer);
        EVP_MD_free(k->md);
        free(k);
    }
}

void hash_keyed(const struct hash_key *k, const void *data, size_t n, uint8_t out[HASH_SIZE]) {
    /* A context of its own for each call: some 50 ns, and K can be shared by threads without a lock. */
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_MD_CTX_copy_ex(ctx, k->inner) && EVP_DigestUpdate(ctx, n ? data : "", n) &&
         EVP_DigestFinal_ex(ctx, out, NULL) && EVP_MD_CTX_copy_ex(ctx, k->outer) &&
         EVP_DigestUpdate(ctx, out, HASH_SIZE) && EVP_DigestFinal_ex(ctx, out, NULL));
    EVP_MD_CTX_free(ctx);
}

void hash_hex(const uint8_t *data, size_t n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * n] = 0;
}
