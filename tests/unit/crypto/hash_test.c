#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"

#include <openssl/hmac.h>
#include <string.h>

static void check_hex(const uint8_t h[HASH_SIZE], const char *expected) {
    char text[2 * HASH_SIZE + 1];
    hash_hex(h, HASH_SIZE, text);
    assert_string_equal(text, expected);
}

/* FIPS 180-4's examples. */
static void test_sha256(void **state) {
    (void)state;
    uint8_t h[HASH_SIZE];
    hash_of("abc", 3, h);
    check_hex(h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_of(NULL, 0, h);
    check_hex(h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct hash *s = hash_new();
    for (int round = 0; round < 2; round++) { /* it starts anew */
        hash_add(s, "abcdbcdecdefdefgefghfghighij", 28);
        hash_add(s, NULL, 0);
        hash_add(s, "hijkijkljklmklmnlmnomnopnopq", 28);
        hash_end(s, h);
        check_hex(h, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    hash_free(s);
    hash_free(NULL);
}

static void test_framing(void **state) {
    (void)state;
    uint8_t a[HASH_SIZE], b[HASH_SIZE], c[HASH_SIZE];
    struct hash *s = hash_new();
    hash_add_str(s, STR("ab"));
    hash_add_str(s, STR("c"));
    hash_end(s, a);
    hash_add_str(s, STR("a"));
    hash_add_str(s, STR("bc"));
    hash_end(s, b);
    assert_memory_not_equal(a, b, HASH_SIZE);
    hash_add(s, "\0\0\0\0\0\0\0\2ab", 10);
    hash_add_u64(s, 1);
    hash_add(s, "c", 1);
    hash_end(s, c);
    assert_memory_equal(a, c, HASH_SIZE);
    hash_free(s);
}

/* OpenSSL's own HMAC as the judge, for the derived key and the hash. */
static void test_keyed(void **state) {
    (void)state;
    uint8_t secret[HASH_SIZE];
    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)(i * 7);
    }
    struct hash_key *k = NULL;
    assert_int_equal(hash_key_new(secret, "bounce", &k, NULL), OK);
    uint8_t sub[HASH_SIZE], expected[HASH_SIZE], got[HASH_SIZE];
    unsigned n = 0;
    assert_non_null(HMAC(EVP_sha256(), secret, HASH_SIZE, (const uint8_t *)"bounce", 6, sub, &n));
    char data[200];
    memset(data, 'x', sizeof data);
    for (size_t len = 0; len < sizeof data; len += 13) {
        assert_non_null(HMAC(EVP_sha256(), sub, HASH_SIZE, (const uint8_t *)data, len, expected, &n));
        hash_keyed(k, data, len, got);
        assert_memory_equal(got, expected, HASH_SIZE);
    }
    struct hash_key *other = NULL;
    assert_int_equal(hash_key_new(secret, "bounces", &other, NULL), OK);
    hash_keyed(k, data, 5, expected);
    hash_keyed(other, data, 5, got);
    assert_memory_not_equal(got, expected, HASH_SIZE);
    hash_key_free(k);
    hash_key_free(other);
    hash_key_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_keyed),
    };
    return cmocka_run_group_tests_name("crypto/hash", tests, NULL, NULL);
}
