#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "crypto/token.h"

#include <ctype.h>
#include <string.h>

static struct token_keys *new_keys(uint8_t fill) {
    struct secret s;
    struct token_keys *k = NULL;
    memset(s.key, fill, sizeof s.key);
    assert_int_equal(token_keys_new(&s, &k, NULL), OK);
    return k;
}

static void test_round_trip(void **state) {
    (void)state;
    struct token_keys *k = new_keys(1);
    struct random r;
    random_init(&r, 5);
    for (int round = 0; round < 3000; round++) {
        uint64_t in[TOKEN_VALUES], back[TOKEN_VALUES];
        size_t n = 1 + random_below(&r, TOKEN_VALUES);
        for (size_t i = 0; i < n; i++) {
            in[i] = random_u64(&r) >> random_below(&r, 64);
        }
        enum token_purpose p = (enum token_purpose)random_below(&r, TOKEN_PURPOSES);
        char t[TOKEN_SIZE];
        size_t len = token_make(k, p, in, n, t, sizeof t);
        assert_int_equal(len, strlen(t));
        assert_int_equal(strspn(t, "abcdefghijklmnopqrstuvwxyz234567"), len);
        assert_true(token_open(k, p, (struct str){t, len}, back, n));
        assert_memory_equal(in, back, n * sizeof *in);
        for (size_t i = 0; i < len; i++) {
            t[i] = (char)toupper(t[i]);
        }
        assert_true(token_open(k, p, (struct str){t, len}, back, n));
    }
    token_keys_free(k);
    token_keys_free(NULL);
}

static void test_sizes(void **state) {
    (void)state;
    struct token_keys *k = new_keys(1);
    char t[TOKEN_SIZE];
    uint64_t big[TOKEN_VALUES + 1];
    memset(big, 0xff, sizeof big);
    assert_int_equal(token_make(k, TOKEN_BOUNCE, big, TOKEN_VALUES, t, sizeof t), TOKEN_SIZE - 1);
    assert_int_equal(token_make(k, TOKEN_BOUNCE, big, TOKEN_VALUES + 1, t, sizeof t), 0);
    assert_int_equal(token_make(k, TOKEN_BOUNCE, big, 0, t, sizeof t), 0);
    assert_int_equal(token_make(k, TOKEN_BOUNCE, big, TOKEN_VALUES, t, TOKEN_SIZE - 1), 0);
    /* with "unsubscribe+" it must fit a local part of 64 */
    const uint64_t usual[] = {1000000, 999999999, 12};
    assert_true(token_make(k, TOKEN_UNSUBSCRIBE, usual, 3, t, sizeof t) <= 32);
    token_keys_free(k);
}

static void test_refusals(void **state) {
    (void)state;
    struct token_keys *k = new_keys(1);
    struct token_keys *other = new_keys(2);
    const uint64_t in[] = {42, 7};
    uint64_t back[TOKEN_VALUES];
    char t[TOKEN_SIZE];
    char again[TOKEN_SIZE];
    size_t len = token_make(k, TOKEN_BOUNCE, in, 2, t, sizeof t);
    struct str token = {t, len};
    assert_int_equal(token_make(k, TOKEN_BOUNCE, in, 2, again, sizeof again), len);
    assert_string_equal(t, again);
    assert_true(token_open(k, TOKEN_BOUNCE, token, back, 2));
    for (int p = 0; p < TOKEN_PURPOSES; p++) {
        if (p != TOKEN_BOUNCE) {
            back[0] = 1;
            assert_false(token_open(k, (enum token_purpose)p, token, back, 2));
            assert_int_equal(back[0], 0);
        }
    }
    assert_false(token_open(other, TOKEN_BOUNCE, token, back, 2));
    for (size_t n = 0; n <= TOKEN_VALUES; n++) {
        assert_int_equal(token_open(k, TOKEN_BOUNCE, token, back, n), n == 2);
    }
    for (size_t i = 0; i < len; i++) {
        assert_false(token_open(k, TOKEN_BOUNCE, (struct str){t, i}, back, 2)); /* cut */
        char c = t[i];
        for (const char *d = "abcdefghijklmnopqrstuvwxyz234567-= 189"; *d; d++) {
            if (*d != c) { /* changed, the unused bits of the last letter included */
                t[i] = *d;
                assert_false(token_open(k, TOKEN_BOUNCE, token, back, 2));
            }
        }
        t[i] = c;
    }
    t[len] = 'a'; /* longer */
    assert_false(token_open(k, TOKEN_BOUNCE, (struct str){t, len + 1}, back, 2));
    char huge[500];
    memset(huge, 'a', sizeof huge);
    assert_false(token_open(k, TOKEN_BOUNCE, (struct str){huge, sizeof huge}, back, 2));
    assert_false(token_open(k, TOKEN_BOUNCE, STR_NONE, back, 2));
    token_keys_free(k);
    token_keys_free(other);
}

/* Neighbours look unlike: of two tokens for readers 1 and 2 no more letters agree than by chance. */
static void test_masked(void **state) {
    (void)state;
    struct token_keys *k = new_keys(1);
    size_t same = 0, all = 0;
    char before[TOKEN_SIZE] = "";
    for (uint64_t id = 1; id <= 200; id++) {
        char t[TOKEN_SIZE];
        const uint64_t in[] = {123456, 70000 + id};
        size_t len = token_make(k, TOKEN_BOUNCE, in, 2, t, sizeof t);
        for (size_t i = 0; before[0] && i < len; i++) {
            same += t[i] == before[i];
            all++;
        }
        memcpy(before, t, sizeof t);
    }
    assert_true(same * 16 < all); /* 1 in 32 is expected, but for the last letter's unused bits */
    token_keys_free(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_masked),
    };
    return cmocka_run_group_tests_name("crypto/token", tests, NULL, NULL);
}
