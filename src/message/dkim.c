#include "message/dkim.h"

#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum { SIGNATURE_MAX = 1024 /* bytes: RSA of 8192 bits */, FOLD_AT = 72 };

struct dkim_plan {
    struct buf names;    /* h=, folded */
    struct hash *header; /* has seen the canonical shared lines */
    struct hash *body;   /* has seen the canonical beginning of the body */
    size_t prefix;       /* how long that is */
};

struct own_key {
    const struct signing_key *of;
    EVP_PKEY *pkey; /* a copy: OpenSSL locks what threads share, RSA's blinding above all */
    EVP_PKEY_CTX *rsa;
    EVP_MD_CTX *ed25519;
};

struct dkim_signer {
    struct hash *header, *work;
    struct buf canonical;
    struct own_key *own;
    size_t own_n;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

void dkim_canonical_header(struct str lines, struct buf *out) {
    size_t i = 0;
    while (i < lines.len) {
        while (i < lines.len && lines.ptr[i] != ':') { /* the name, without blanks before the colon */
            char c = lines.ptr[i++];
            if (!is_blank(c)) {
                buf_addc(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
            }
        }
        buf_addc(out, ':');
        bool blank = false, begun = false;
        for (i++; i < lines.len; i++) {
            char c = lines.ptr[i];
            if (c == '\r' && i + 1 < lines.len && lines.ptr[i + 1] == '\n') {
                i++;
                if (i + 1 >= lines.len || !is_blank(lines.ptr[i + 1])) {
                    i++;
                    break;
                }
            } else if (is_blank(c)) {
                blank = true;
            } else {
                if (blank && begun) {
                    buf_addc(out, ' ');
                }
                blank = false;
                begun = true;
                buf_addc(out, c);
            }
        }
        buf_adds(out, "\r\n");
    }
}

/* Where the last line that isn't empty ends, its line end included: what comes then is not hashed. */
static size_t last_line(struct str body) {
    size_t end = body.len;
    while (end >= 2 && body.ptr[end - 1] == '\n' && body.ptr[end - 2] == '\r') {
        size_t i = end - 2;
        while (i > 0 && is_blank(body.ptr[i - 1])) {
            i--;
        }
        if (i > 0 && body.ptr[i - 1] != '\n') {
            return end;
        }
        end = i;
    }
    return end;
}

/* How many bytes from P, of N, can be hashed as they are: up to a tab, or a space before a blank or a line end. The
 * byte P[N] must be readable. */
static size_t clean_run(const char *p, size_t n) {
    enum { BLOCK = 32 };
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) { /* compiled to vector instructions: most blocks are clean */
        unsigned char bad = 0;
        for (size_t k = 0; k < BLOCK; k++) {
            char a = p[i + k], b = p[i + k + 1];
            bad |= (unsigned char)((a == '\t') | ((a == ' ') & ((b == ' ') | (b == '\t') | (b == '\r'))));
        }
        if (bad) {
            break;
        }
    }
    while (i < n && p[i] != '\t' && !(p[i] == ' ' && (is_blank(p[i + 1]) || p[i + 1] == '\r'))) {
        i++;
    }
    return i;
}

/* Adds the canonical form of BODY, whole lines, the empty ones at its end among them. */
static void add_body(struct hash *h, struct str body) {
    size_t i = 0;
    while (i < body.len) {
        size_t n = body.len - i - 1; /* the last byte is a line end's, there is nothing behind it to look at */
        n = clean_run(body.ptr + i, n);
        if (i + n + 1 == body.len) {
            n++;
        }
        hash_add(h, body.ptr + i, n);
        i += n;
        if (i < body.len && is_blank(body.ptr[i])) {
            while (i < body.len && is_blank(body.ptr[i])) {
                i++;
            }
            if (i < body.len && body.ptr[i] != '\r') {
                hash_add(h, " ", 1);
            }
        }
    }
}

void dkim_body_hash(struct str body, uint8_t out[32]) {
    struct hash *h = hash_new();
    add_body(h, str_sub(body, 0, last_line(body)));
    hash_end(h, out);
    hash_free(h);
}

/* ---- what is shared ---- */

static void add_name(struct buf *names, size_t *column, struct str name) {
    if (names->len) {
        buf_addc(names, ':');
        *column += 1;
    }
    if (*column + name.len > FOLD_AT) {
        buf_adds(names, "\r\n  ");
        *column = 2;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        buf_addc(names, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    *column += name.len;
}

/* The names of HEADER's lines; those that continue one begin with a blank. */
static void add_names(struct buf *names, size_t *column, struct str header) {
    struct str line;
    while (str_split(&header, '\n', &line)) {
        if (line.len > 1 && !is_blank(line.ptr[0])) {
            add_name(names, column, str_sub(line, 0, str_find(line, ':', 0)));
        }
    }
}

enum status dkim_plan_new(struct str header, struct str personal, struct str body, struct dkim_plan **out,
                          struct error *err) {
    *out = NULL;
    struct dkim_plan *p = calloc(1, sizeof *p);
    if (!p) {
        return error_set(err, ERR_OS, "out of memory");
    }
    struct buf canonical = BUF_INIT;
    struct str name;
    size_t column = 3;
    add_names(&p->names, &column, header);
    while (str_split(&personal, ':', &name)) {
        add_name(&p->names, &column, name);
    }
    add_name(&p->names, &column, STR("from"));
    add_name(&p->names, &column, STR("subject"));
    dkim_canonical_header(header, &canonical);
    p->header = hash_new();
    hash_add(p->header, canonical.ptr, canonical.len);
    p->body = hash_new();
    p->prefix = last_line(body); /* empty lines may be the last ones of a message: they are left to it */
    add_body(p->body, str_sub(body, 0, p->prefix));
    bool failed = canonical.failed || p->names.failed;
    buf_release(&canonical);
    if (failed) {
        dkim_plan_free(p);
        return error_set(err, ERR_OS, "out of memory");
    }
    *out = p;
    return OK;
}

void dkim_plan_free(struct dkim_plan *p) {
    if (p) {
        buf_release(&p->names);
        hash_free(p->header);
        hash_free(p->body);
        free(p);
    }
}

/* ---- a message ---- */

static struct own_key *own_key(struct dkim_signer *s, const struct signing_key *k) {
    for (size_t i = 0; i < s->own_n; i++) {
        if (s->own[i].of == k) {
            return &s->own[i];
        }
    }
    struct own_key *grown = realloc(s->own, (s->own_n + 1) * sizeof *grown);
    if (!grown) {
        return NULL;
    }
    s->own = grown;
    struct own_key *o = &grown[s->own_n++];
    *o = (struct own_key){.of = k, .pkey = EVP_PKEY_dup(k->pkey)};
    if (o->pkey && k->algorithm == SIGNING_ED25519) {
        o->ed25519 = EVP_MD_CTX_new();
    } else if (o->pkey) {
        o->rsa = EVP_PKEY_CTX_new(o->pkey, NULL);
        if (o->rsa &&
            (EVP_PKEY_sign_init(o->rsa) != 1 || EVP_PKEY_CTX_set_rsa_padding(o->rsa, RSA_PKCS1_PADDING) != 1 ||
             EVP_PKEY_CTX_set_signature_md(o->rsa, EVP_sha256()) != 1)) {
            EVP_PKEY_CTX_free(o->rsa);
            o->rsa = NULL;
        }
    }
    return o;
}

static bool sign_digest(struct own_key *o, const uint8_t digest[HASH_SIZE], uint8_t *out, size_t *n) {
    if (o->ed25519) { /* RFC 8463 3: the message that Ed25519 signs is the digest */
        return EVP_DigestSignInit(o->ed25519, NULL, NULL, NULL, o->pkey) == 1 &&
               EVP_DigestSign(o->ed25519, out, n, digest, HASH_SIZE) == 1;
    }
    return o->rsa && EVP_PKEY_sign(o->rsa, out, n, digest, HASH_SIZE) == 1;
}

static enum status add_signature(struct dkim_signer *s, const struct dkim_plan *p, const struct signing_key *k,
                                 const char *bh, struct buf *out, struct error *err) {
    uint8_t digest[HASH_SIZE], signature[SIGNATURE_MAX];
    char b[SIGNATURE_MAX * 4 / 3 + 8];
    size_t n = sizeof signature, from = out->len;
    struct own_key *o = own_key(s, k);
    buf_addf(out, "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;\r\n d=%.*s; s=%.*s;\r\n h=", signing_key_algorithm(k),
             STR_ARG(buf_str(&k->domain)), STR_ARG(buf_str(&k->selector)));
    buf_add(out, buf_str(&p->names));
    buf_addf(out, ";\r\n bh=%s;\r\n b=", bh);
    if (!o || out->failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    buf_clear(&s->canonical);
    dkim_canonical_header(str_sub(buf_str(out), from, out->len), &s->canonical);
    if (s->canonical.failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    hash_copy(s->work, s->header);
    hash_add(s->work, s->canonical.ptr, s->canonical.len - 2); /* 3.7: without the line end */
    hash_end(s->work, digest);
    if (!sign_digest(o, digest, signature, &n)) {
        return error_set(err, ERR_SOFTWARE, "OpenSSL can't sign with the DKIM key %.*s._domainkey.%.*s",
                         STR_ARG(buf_str(&k->selector)), STR_ARG(buf_str(&k->domain)));
    }
    struct str text = {b, (size_t)EVP_EncodeBlock((unsigned char *)b, signature, (int)n)};
    for (size_t i = 0; i < text.len; i += FOLD_AT) {
        buf_adds(out, i ? "\r\n  " : "");
        buf_add(out, str_sub(text, i, i + FOLD_AT));
    }
    buf_adds(out, "\r\n");
    return out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

enum status dkim_sign(struct dkim_signer **signer, const struct dkim_plan *p, const struct signing_keys *keys,
                      struct str domain, struct str personal, struct str body, struct buf *out, struct error *err) {
    bool hashed = false;
    char bh[(HASH_SIZE + 2) / 3 * 4 + 1];
    for (size_t i = 0; i < keys->n; i++) {
        const struct signing_key *k = &keys->keys[i];
        if (!str_eq_nocase(buf_str(&k->domain), domain)) {
            continue;
        }
        if (k->why.status != OK) {
            return signing_keys_usable(keys, domain, err);
        }
        struct dkim_signer *s = *signer;
        if (!s) {
            if (!(s = *signer = calloc(1, sizeof *s))) {
                return error_set(err, ERR_OS, "out of memory");
            }
            s->header = hash_new();
            s->work = hash_new();
        }
        if (!hashed) { /* the same for all its keys */
            uint8_t digest[HASH_SIZE];
            hash_copy(s->work, p->body);
            add_body(s->work, str_sub(body, p->prefix, last_line(body)));
            hash_end(s->work, digest);
            (void)EVP_EncodeBlock((unsigned char *)bh, digest, HASH_SIZE);
            buf_clear(&s->canonical);
            dkim_canonical_header(personal, &s->canonical);
            hash_copy(s->header, p->header);
            hash_add(s->header, s->canonical.ptr, s->canonical.len);
            hashed = true;
        }
        enum status st = add_signature(s, p, k, bh, out, err);
        if (st != OK) {
            return st;
        }
    }
    return OK;
}

void dkim_signer_free(struct dkim_signer *s) {
    if (!s) {
        return;
    }
    for (size_t i = 0; i < s->own_n; i++) {
        EVP_PKEY_CTX_free(s->own[i].rsa);
        EVP_MD_CTX_free(s->own[i].ed25519);
        EVP_PKEY_free(s->own[i].pkey);
    }
    free(s->own);
    buf_release(&s->canonical);
    hash_free(s->header);
    hash_free(s->work);
    free(s);
}
