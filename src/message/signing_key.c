#include "message/signing_key.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A key with a passphrase is not asked for it: nobody would be there to type it. */
static int no_passphrase(char *out, int size, int writing, void *arg) {
    (void)out, (void)size, (void)writing, (void)arg;
    return -1;
}

static enum status read_key(const char *path, struct signing_key *k, struct error *err) {
    enum { RSA_LEAST = 1024 }; /* RFC 8301 3.2 */
    struct stat st;
    FILE *f = fopen(path, "re");
    if (!f) {
        return error_set(err, ERR_NOINPUT, "the DKIM key %s can't be read: %s", path, strerror(errno));
    }
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)fclose(f);
        return error_set(err, ERR_CONFIG, "the DKIM key %s is no file", path);
    }
    if (st.st_mode & (S_IRWXO | S_IWGRP)) {
        (void)fclose(f);
        return error_set(err, ERR_NOPERM, "the DKIM key %s can be read or changed by others: chmod 600 it", path);
    }
    k->pkey = PEM_read_PrivateKey(f, NULL, no_passphrase, NULL);
    (void)fclose(f);
    int kind = k->pkey ? EVP_PKEY_get_base_id(k->pkey) : 0;
    k->bits = k->pkey ? EVP_PKEY_get_bits(k->pkey) : 0;
    k->algorithm = kind == EVP_PKEY_ED25519 ? SIGNING_ED25519 : SIGNING_RSA;
    if (!kind) {
        return error_set(err, ERR_CONFIG, "the DKIM key %s holds no private key in PEM without a passphrase", path);
    }
    if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_ED25519) {
        return error_set(err, ERR_CONFIG, "the DKIM key %s is neither an RSA nor an Ed25519 key", path);
    }
    if (kind == EVP_PKEY_RSA && k->bits < RSA_LEAST) {
        return error_set(err, ERR_CONFIG,
                         "the DKIM key %s has %d bits: verifiers ignore less than %d, make one of 2048", path, k->bits,
                         RSA_LEAST);
    }
    return OK;
}

enum status signing_key_load(const char *path, struct str domain, struct str selector, struct signing_key *out,
                             struct error *err) {
    *out = (struct signing_key){0};
    enum status st = read_key(path, out, &out->why);
    if (st != OK) {
        EVP_PKEY_free(out->pkey);
        out->pkey = NULL;
        if (err) {
            *err = out->why;
        }
        return st;
    }
    buf_add(&out->domain, domain);
    buf_add(&out->selector, selector);
    return OK;
}

void signing_key_release(struct signing_key *k) {
    buf_release(&k->domain);
    buf_release(&k->selector);
    EVP_PKEY_free(k->pkey);
    k->pkey = NULL;
}

void signing_key_record(const struct signing_key *k, struct buf *out) {
    unsigned char *der = NULL, raw[32], text[2048];
    size_t raw_n = sizeof raw;
    int n = 0;
    buf_addf(out, "v=DKIM1; k=%s; p=", k->algorithm == SIGNING_RSA ? "rsa" : "ed25519");
    if (k->algorithm == SIGNING_ED25519) { /* RFC 8463 4: the bare key, no SubjectPublicKeyInfo around it */
        if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &raw_n) == 1) {
            n = EVP_EncodeBlock(text, raw, (int)raw_n);
        }
    } else {
        int der_n = i2d_PUBKEY(k->pkey, &der);
        if (der_n > 0 && (size_t)der_n < sizeof text * 3 / 4 - 3) {
            n = EVP_EncodeBlock(text, der, der_n);
        }
        OPENSSL_free(der);
    }
    buf_add(out, (struct str){(const char *)text, n > 0 ? (size_t)n : 0});
}

const char *signing_key_algorithm(const struct signing_key *k) {
    return k->algorithm == SIGNING_RSA ? "rsa-sha256" : "ed25519-sha256";
}

enum status signing_keys_add(struct signing_keys *s, const char *path, struct str domain, struct str selector,
                             struct error *err) {
    struct signing_key *grown = realloc(s->keys, (s->n + 1) * sizeof *grown);
    if (!grown) {
        return error_set(err, ERR_OS, "out of memory");
    }
    s->keys = grown;
    struct signing_key *k = &grown[s->n++];
    if (signing_key_load(path, domain, selector, k, NULL) != OK) {
        buf_add(&k->domain, domain); /* so that it is found */
    }
    return k->domain.failed || k->selector.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

void signing_keys_release(struct signing_keys *s) {
    for (size_t i = 0; i < s->n; i++) {
        signing_key_release(&s->keys[i]);
    }
    free(s->keys);
    *s = (struct signing_keys){0};
}

enum status signing_keys_usable(const struct signing_keys *s, struct str domain, struct error *err) {
    for (size_t i = 0; i < s->n; i++) {
        const struct signing_key *k = &s->keys[i];
        if (k->why.status != OK && str_eq_nocase(buf_str(&k->domain), domain)) {
            if (err) {
                *err = k->why;
            }
            return k->why.status;
        }
    }
    return OK;
}
