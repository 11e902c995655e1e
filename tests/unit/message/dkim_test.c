#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "crypto/hash.h"
#include "message/dkim.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void canonical_headers(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"A: X\r\nB : Y\t\r\n\tZ  \r\n", "a:X\r\nb:Y Z\r\n"}, /* RFC 6376 3.4.5 */
        {"Subject:\r\n a\r\n  b\r\nTo:\r\n", "subject:a b\r\nto:\r\n"},
        {"X:a:b\tc", "x:a:b c\r\n"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT;
        dkim_canonical_header(str_from(cases[i].in), &out);
        assert_string_equal(out.len ? buf_cstr(&out) : "", cases[i].out);
        buf_release(&out);
    }
}

static void assert_body(const char *body, const char *canonical) {
    uint8_t got[HASH_SIZE], want[HASH_SIZE];
    dkim_body_hash(str_from(body), got);
    hash_of(canonical, strlen(canonical), want);
    assert_memory_equal(got, want, HASH_SIZE);
}

static void canonical_bodies(void **state) {
    (void)state;
    assert_body(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"); /* RFC 6376 3.4.5 */
    assert_body("", "");
    assert_body("\r\n\r\n", "");
    assert_body(" \t\r\n \r\n", "");
    assert_body("\r\na\r\n \r\n", "\r\na\r\n");
    assert_body("a  b\t\tc\r\n\r\n d \r\n", "a b c\r\n\r\n d\r\n");
    assert_body("                                  x                                  \r\n", " x\r\n");
    assert_body("a\r\n", "a\r\n");
}

/* RFC 6376 3.4.4 word by word. */
static size_t slow(const char *in, size_t n, char *out) {
    size_t o = 0, end = 0;
    for (size_t i = 0; i < n;) {
        size_t eol = i;
        while (!(in[eol] == '\r' && in[eol + 1] == '\n')) {
            eol++;
        }
        size_t line = o;
        for (size_t k = i; k < eol; k++) {
            bool blank = in[k] == ' ' || in[k] == '\t';
            if (!blank || o == line || out[o - 1] != ' ') {
                out[o++] = blank ? ' ' : in[k];
            }
        }
        while (o > line && out[o - 1] == ' ') {
            o--;
        }
        bool empty = o == line;
        out[o++] = '\r';
        out[o++] = '\n';
        if (!empty) {
            end = o;
        }
        i = eol + 2;
    }
    return end;
}

static void make_key(const char *path, int kind) {
    EVP_PKEY *k = kind == EVP_PKEY_RSA ? EVP_RSA_gen(1024) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *f = fopen(path, "w");
    assert_non_null(k);
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL), 1);
    (void)fclose(f);
    assert_int_equal(chmod(path, 0600), 0);
    EVP_PKEY_free(k);
}

/* Random bodies, their beginning known to the plan or not: bh= is the hash of the canonical form, whatever was hashed
 * before; the same twice; nothing for another domain. */
static void signs(void **state) {
    (void)state;
    char dir[] = "/tmp/dkim_test.XXXXXX", path[64];
    struct error err = {0};
    struct signing_keys keys = {0};
    struct dkim_signer *signer = NULL;
    struct random r;
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%d.pem", dir, i);
        make_key(path, i ? EVP_PKEY_ED25519 : EVP_PKEY_RSA);
        assert_int_equal(signing_keys_add(&keys, path, STR("example.org"), i ? STR("ed") : STR("rsa"), &err), OK);
        assert_int_equal(keys.keys[i].why.status, OK);
        (void)unlink(path);
    }
    random_init(&r, 20261124);
    for (int round = 0; round < 3000; round++) {
        char body[400], canonical[400], want[64];
        size_t n = 0, lines = random_below(&r, 8), cut = 0;
        for (size_t l = 0; l < lines; l++) {
            for (size_t k = random_below(&r, 45); k > 0; k--) {
                body[n++] = "ab \t"[random_below(&r, round % 2 ? 4 : 2)];
            }
            body[n++] = '\r';
            body[n++] = '\n';
            if (random_below(&r, 3) == 0) {
                cut = n;
            }
        }
        body[n] = 0;
        uint8_t digest[HASH_SIZE];
        hash_of(canonical, slow(body, n, canonical), digest);
        (void)snprintf(want, sizeof want, " bh=");
        (void)EVP_EncodeBlock((unsigned char *)want + 4, digest, HASH_SIZE);
        struct dkim_plan *plan;
        assert_int_equal(dkim_plan_new(STR("From: a@example.org\r\nSubject: x\r\n y\r\n"), STR("to:message-id"),
                                       (struct str){body, cut}, &plan, &err),
                         OK);
        struct buf out = BUF_INIT, again = BUF_INIT;
        struct str personal = STR("To: b@example.net\r\nMessage-ID: <c@example.org>\r\n");
        assert_int_equal(
            dkim_sign(&signer, plan, &keys, STR("EXAMPLE.org"), personal, (struct str){body, n}, &out, &err), OK);
        assert_int_equal(
            dkim_sign(&signer, plan, &keys, STR("example.org"), personal, (struct str){body, n}, &again, &err), OK);
        assert_true(str_eq(buf_str(&out), buf_str(&again)));
        size_t first = str_search(buf_str(&out), str_from(want), 0);
        assert_true(first < out.len);
        assert_true(str_search(buf_str(&out), str_from(want), first + 1) < out.len);
        assert_non_null(strstr(buf_cstr(&out), "h=from:subject:to:message-id:from:subject;"));
        buf_clear(&out);
        assert_int_equal(
            dkim_sign(&signer, plan, &keys, STR("example.com"), personal, (struct str){body, n}, &out, &err), OK);
        assert_int_equal(out.len, 0);
        buf_release(&out);
        buf_release(&again);
        dkim_plan_free(plan);
    }
    dkim_signer_free(signer);
    signing_keys_release(&keys);
    (void)rmdir(dir);
}

static void bad_keys(void **state) {
    (void)state;
    char dir[] = "/tmp/dkim_test.XXXXXX", path[64];
    struct error err = {0};
    struct signing_key k;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/key.pem", dir);
    assert_int_equal(signing_key_load(path, STR("d"), STR("s"), &k, &err), ERR_NOINPUT);
    assert_int_equal(signing_key_load(dir, STR("d"), STR("s"), &k, &err), ERR_CONFIG);
    make_key(path, EVP_PKEY_ED25519);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(signing_key_load(path, STR("d"), STR("s"), &k, &err), ERR_NOPERM);
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_int_equal(chmod(path, 0640), 0); /* its group may read it: a usual way to keep such keys */
    assert_int_equal(signing_key_load(path, STR("d"), STR("s"), &k, &err), OK);
    signing_key_release(&k);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n", f);
    (void)fclose(f);
    assert_int_equal(signing_key_load(path, STR("d"), STR("s"), &k, &err), ERR_CONFIG);
    (void)unlink(path);
    (void)rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(canonical_headers), cmocka_unit_test(canonical_bodies),
                                       cmocka_unit_test(signs), cmocka_unit_test(bad_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
