#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/utf8.h"
#include "decode.h"
#include "mime/encode.h"

#include <stdlib.h>

static void check_qp(const char *text, const char *expected) {
    struct buf out = BUF_INIT;
    encode_qp(str_from(text), &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_release(&out);
}

#define TEN "1234567890"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void test_qp_rules(void **state) {
    (void)state;
    check_qp("", "");
    check_qp("a=b", "a=3Db");
    check_qp("one\ntwo\r\nthree\rfour\n\n", "one\r\ntwo\r\nthree\r\nfour\r\n\r\n");
    check_qp("space \ntab\t\r\nin the middle", "space=20\r\ntab=09\r\nin the middle");
    check_qp("end ", "end=20");
    check_qp(" ", "=20");
    check_qp("  \n", " =20\r\n");
    check_qp("From here\nFrome\n.\n..\na.\n>From x", "=46rom here\r\nFrome\r\n=2E\r\n=2E.\r\na.\r\n>From x");
    check_qp("From", "From");
    check_qp("\x7f\x01", "=7F=01");
    /* a whole line of 76 stays whole, one of 77 is broken */
    check_qp(SEVENTY "123456\nx", SEVENTY "123456\r\nx");
    check_qp(SEVENTY "123456", SEVENTY "123456");
    check_qp(SEVENTY "1234567", SEVENTY "12345=\r\n67");
    check_qp(SEVENTY "12345 \n", SEVENTY "12345=\r\n=20\r\n");
    check_qp(SEVENTY "123 \n", SEVENTY "123=20\r\n");
    check_qp(SEVENTY "1234 \n", SEVENTY "1234=\r\n=20\r\n");
    check_qp(SEVENTY "123=\n", SEVENTY "123=3D\r\n");
    check_qp(SEVENTY "123=x\n", SEVENTY "123=\r\n=3Dx\r\n");
    /* what a soft break brings to a line's start is encoded as well */
    check_qp(SEVENTY "12345.6789", SEVENTY "12345=\r\n=2E6789");
    check_qp(SEVENTY "12345From x", SEVENTY "12345=\r\n=46rom x");
    /* no break inside a character: 6 columns are left, the character takes 9 */
    check_qp(SEVENTY "\xe2\x82\xac", SEVENTY "=\r\n=E2=82=AC");
    /* malformed text passes byte by byte */
    check_qp("\xe2\x82 \xff\xc3", "=E2=82 =FF=C3");
}

static void test_base64_examples(void **state) {
    (void)state;
    /* RFC 4648, section 10 */
    static const char *const pairs[][2] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf out = BUF_INIT;
        encode_base64(str_from(pairs[i][0]), &out);
        assert_int_equal(out.len, strlen(pairs[i][1]) + 2);
        assert_memory_equal(out.ptr, pairs[i][1], out.len - 2);
        assert_true(str_ends(buf_str(&out), STR("\r\n")));
        buf_release(&out);
    }
    struct buf out = BUF_INIT;
    encode_base64(STR(""), &out);
    assert_int_equal(out.len, 0);
    char zeros[58] = {0};
    encode_base64((struct str){zeros, 57}, &out);
    assert_int_equal(out.len, 78);
    buf_clear(&out);
    encode_base64((struct str){zeros, 58}, &out);
    assert_int_equal(out.len, 84);
    buf_release(&out);
}

/* TEXT with every line end made CRLF. */
static void canonical(struct str text, struct buf *out) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n') {
            buf_adds(out, "\r\n");
            i += text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        } else {
            buf_addc(out, text.ptr[i]);
        }
    }
}

static void test_round_trips(void **state) {
    (void)state;
    struct random r;
    random_init(&r, 7);
    struct buf text = BUF_INIT, plain = BUF_INIT, coded = BUF_INIT, back = BUF_INIT;
    static const uint32_t some[] = {'a', ' ', '\t', '\n', '\r', '.', '=', 'z', 0xe4, 0x2019, 0x0f40, 0x1f600, 1, '-'};
    for (int round = 0; round < 20000; round++) {
        buf_clear(&text);
        uint64_t kinds = 1 + random_below(&r, sizeof some / sizeof *some);
        for (uint64_t n = random_below(&r, 260); n > 0; n--) {
            if (random_below(&r, 40) == 0) {
                buf_adds(&text, "From ");
            } else {
                buf_add_utf8(&text, some[random_below(&r, kinds)]);
            }
        }
        buf_clear(&plain);
        buf_clear(&coded);
        buf_clear(&back);
        canonical(buf_str(&text), &plain);
        encode_qp(buf_str(&text), &coded);
        assert_true(coded.len <= encode_qp_bound(text.len));
        assert_null(decode_qp(buf_str(&coded), &back));
        assert_true(str_eq(buf_str(&back), buf_str(&plain)));
        buf_clear(&coded);
        buf_clear(&back);
        encode_base64(buf_str(&text), &coded);
        assert_true(coded.len <= encode_base64_bound(text.len));
        assert_null(decode_base64(buf_str(&coded), &back));
        assert_true(str_eq(buf_str(&back), buf_str(&text)));
    }
    buf_release(&text);
    buf_release(&plain);
    buf_release(&coded);
    buf_release(&back);
}

static void test_bytes_round_trip(void **state) {
    (void)state;
    struct random r;
    random_init(&r, 8);
    struct buf coded = BUF_INIT, back = BUF_INIT, plain = BUF_INIT;
    for (int round = 0; round < 5000; round++) {
        char bytes[300];
        struct str in = {bytes, random_below(&r, sizeof bytes)};
        for (size_t i = 0; i < in.len; i++) {
            bytes[i] = (char)(random_below(&r, 3) ? random_u64(&r) | 0x80 : random_u64(&r));
        }
        buf_clear(&coded);
        buf_clear(&back);
        buf_clear(&plain);
        encode_qp(in, &coded);
        assert_true(coded.len <= encode_qp_bound(in.len));
        /* bytes that are no UTF-8 may be parted by a soft break; all else holds */
        const char *broken = decode_qp(buf_str(&coded), &back);
        if (!broken) {
            canonical(in, &plain);
            assert_true(str_eq(buf_str(&back), buf_str(&plain)));
        } else {
            assert_string_equal(broken, "a soft break in a character");
            assert_false(utf8_valid(in));
        }
    }
    buf_release(&coded);
    buf_release(&back);
    buf_release(&plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qp_rules),
        cmocka_unit_test(test_base64_examples),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_bytes_round_trip),
    };
    return cmocka_run_group_tests_name("mime/encode", tests, NULL, NULL);
}
