#include "crypto/token.h"

#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <stdlib.h>

/* A token is base32(tag, payload xor mask). The payload is the values as varints; tag = the first 10 bytes of
 * HMAC(key, 0, count, payload); mask = HMAC(key, 1 and up, tag). So the tag signs the values and is at once the nonce
 * that hides them, the way of RFC 5297's SIV; no randomness, so a retry has the same token. */
enum { TAG = 10, VARINT = 10, PAYLOAD = TOKEN_VALUES * VARINT, RAW = TAG + PAYLOAD };

_Static_assert(TOKEN_SIZE >= (RAW * 8 + 4) / 5 + 1, "TOKEN_SIZE is too small");

static const char *const purposes[TOKEN_PURPOSES] = {
    [TOKEN_BOUNCE] = "bounce",           [TOKEN_UNSUBSCRIBE] = "unsubscribe", [TOKEN_MESSAGE_ID] = "message-id",
    [TOKEN_PREFERENCES] = "preferences", [TOKEN_CONFIRM] = "confirm",         [TOKEN_UNDO] = "undo",
    [TOKEN_PERSONAL] = "personal",       [TOKEN_EDITOR] = "editor",           [TOKEN_VIEW] = "view",
};

struct token_keys {
    struct hash_key *key[TOKEN_PURPOSES];
};

enum status token_keys_new(const struct secret *s, struct token_keys **out, struct error *err) {
    *out = NULL;
    enum status rc = OK;
    struct token_keys *k = calloc(1, sizeof *k);
    if (!k) {
        return error_set(err, ERR_OS, "out of memory");
    }
    for (size_t i = 0; i < TOKEN_PURPOSES; i++) {
        char purpose[32] = "token ";
        (void)strncat(purpose, purposes[i], sizeof purpose - 7);
        rc = hash_key_new(s->key, purpose, &k->key[i], err);
        if (rc != OK) {
            goto done;
        }
    }
    *out = k;
    k = NULL;
done:
    token_keys_free(k);
    return rc;
}

void token_keys_free(struct token_keys *k) {
    if (k) {
        for (size_t i = 0; i < TOKEN_PURPOSES; i++) {
            hash_key_free(k->key[i]);
        }
        free(k);
    }
}

static void sign(const struct hash_key *key, const uint8_t *payload, size_t n, size_t count, uint8_t tag[TAG]) {
    uint8_t in[2 + PAYLOAD];
    uint8_t out[HASH_SIZE];
    in[0] = 0;
    in[1] = (uint8_t)count;
    memcpy(in + 2, payload, n);
    hash_keyed(key, in, n + 2, out);
    memcpy(tag, out, TAG);
}

static void mask(const struct hash_key *key, const uint8_t tag[TAG], uint8_t *payload, size_t n) {
    uint8_t in[1 + TAG];
    uint8_t out[HASH_SIZE];
    memcpy(in + 1, tag, TAG);
    for (size_t i = 0; i < n; i++) {
        if (i % HASH_SIZE == 0) {
            in[0] = (uint8_t)(1 + i / HASH_SIZE);
            hash_keyed(key, in, sizeof in, out);
        }
        payload[i] ^= out[i % HASH_SIZE];
    }
}

size_t token_make(const struct token_keys *k, enum token_purpose purpose, const uint64_t *values, size_t n, char *out,
                  size_t cap) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t raw[RAW];
    uint8_t *payload = raw + TAG;
    size_t len = 0;
    if (n == 0 || n > TOKEN_VALUES) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t v = values[i];
        for (; v >= 0x80; v >>= 7) {
            payload[len++] = (uint8_t)(v | 0x80);
        }
        payload[len++] = (uint8_t)v;
    }
    size_t chars = ((TAG + len) * 8 + 4) / 5;
    if (chars + 1 > cap) {
        return 0;
    }
    sign(k->key[purpose], payload, len, n, raw);
    mask(k->key[purpose], raw, payload, len);
    uint32_t v = 0;
    unsigned bits = 0;
    char *o = out;
    for (size_t i = 0; i < TAG + len; i++) {
        v = (v << 8 | raw[i]) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5) {
            *o++ = digits[v >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        *o++ = digits[v << (5 - bits) & 31];
    }
    *o = 0;
    return chars;
}

/* The bytes that TOKEN stands for; 0 when it is malformed. Only one text stands for given bytes, but for its case. */
static size_t decode(struct str token, uint8_t raw[RAW]) {
    uint32_t v = 0;
    unsigned bits = 0;
    size_t n = 0;
    if (token.len > (RAW * 8 + 4) / 5) {
        return 0;
    }
    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        uint32_t d = c >= 'a' && c <= 'z'   ? (uint32_t)(c - 'a')
                     : c >= 'A' && c <= 'Z' ? (uint32_t)(c - 'A')
                     : c >= '2' && c <= '7' ? (uint32_t)(c - '2') + 26
                                            : 32;
        if (d == 32) {
            return 0;
        }
        v = (v << 5 | d) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            raw[n++] = (uint8_t)(v >> bits);
        }
    }
    return bits < 5 && (v & ((1u << bits) - 1)) == 0 ? n : 0;
}

bool token_open(const struct token_keys *k, enum token_purpose purpose, struct str token, uint64_t *values, size_t n) {
    uint8_t raw[RAW];
    uint8_t tag[TAG];
    uint64_t found[TOKEN_VALUES] = {0};
    bool ok = false;
    size_t len = decode(token, raw);
    memset(values, 0, n * sizeof *values);
    if (len <= TAG || n == 0 || n > TOKEN_VALUES) {
        return false;
    }
    len -= TAG;
    uint8_t *payload = raw + TAG;
    mask(k->key[purpose], raw, payload, len);
    sign(k->key[purpose], payload, len, n, tag);
    if (CRYPTO_memcmp(tag, raw, TAG) != 0) {
        goto done;
    }
    /* Signed by us, so well-formed; checked all the same. */
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        for (unsigned shift = 0;; shift += 7) {
            if (at == len || shift > 63) {
                goto done;
            }
            found[i] |= (uint64_t)(payload[at] & 0x7f) << shift;
            if (!(payload[at++] & 0x80)) {
                break;
            }
        }
    }
    ok = at == len;
    if (ok) {
        memcpy(values, found, n * sizeof *values);
    }
done:
    OPENSSL_cleanse(tag, sizeof tag); /* the right signature of what may be a forgery */
    return ok;
}
