/* Which addresses are private, and what a picture's first bytes tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fetch/picture_head.h"
#include "fetch/private.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool private(const char *text) {
    struct sockaddr_in a4 = {.sin_family = AF_INET};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &a4.sin_addr) == 1) {
        return fetch_is_private((struct sockaddr *)&a4);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &a6.sin6_addr), 1);
    return fetch_is_private((struct sockaddr *)&a6);
}

static void test_private(void **state) {
    (void)state;
    static const char *const inside[] = {
        "127.0.0.1",       "127.255.255.255", "10.1.2.3",        "172.16.0.1",    "172.31.255.255",
        "192.168.1.1",     "169.254.1.1",     "169.254.169.254", "100.64.0.1",    "100.127.255.255",
        "0.0.0.0",         "224.0.0.1",       "255.255.255.255", "192.0.2.1",     "198.18.0.1",
        "198.51.100.7",    "203.0.113.9",     "240.0.0.1",       "::1",           "::",
        "fe80::1",         "fc00::1",         "fd12:3456::1",    "ff02::1",       "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",  "2002:7f00:1::", "2002:a00:1::1",
        "2001::1",         "2001:db8::1",     "64:ff9b:1::1",    "100::1",        "::127.0.0.1",
        "3fff::1"};
    static const char *const outside[] = {"8.8.8.8",          "1.1.1.1",         "172.15.255.255", "172.32.0.1",
                                          "192.167.1.1",      "100.63.255.255",  "100.128.0.1",    "198.20.0.1",
                                          "223.255.255.255",  "2606:4700::1111", "2a00:1450::1",   "::ffff:8.8.8.8",
                                          "64:ff9b::808:808", "2002:808:808::1", "2001:200::1"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        if (!private(inside[i])) {
            fail_msg("%s counts as public", inside[i]);
        }
    }
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        if (private(outside[i])) {
            fail_msg("%s counts as private", outside[i]);
        }
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_true(fetch_is_private(&other));
}

#define BYTES(s) ((struct str){(s), sizeof(s) - 1})

static void test_head(void **state) {
    struct picture_head h;
    (void)state;
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\x2c\0\0\0\xc8\x08\2\0\0\0";
    assert_true(picture_head_read(BYTES(png), &h));
    assert_int_equal(h.format, PICTURE_PNG);
    assert_int_equal(h.width, 300);
    assert_int_equal(h.height, 200);
    assert_true(picture_head_read(BYTES("GIF89a\x2c\1\xc8\0....."), &h));
    assert_int_equal(h.width, 300);
    assert_int_equal(h.height, 200);
    static const char jpeg[] = "\xff\xd8\xff\xe1\0\x22"
                               "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x06\0\0\0\0\0\0"
                               "\xff\xc0\0\x11\x08\0\xc8\1\x2c\3";
    assert_true(picture_head_read(BYTES(jpeg), &h));
    assert_int_equal(h.format, PICTURE_JPEG);
    assert_int_equal(h.width, 300);
    assert_int_equal(h.height, 200);
    assert_int_equal(h.turn, 6);
    assert_true(picture_head_read(BYTES("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2b\1\0\xc7\0\0"), &h));
    assert_int_equal(h.width, 300);
    assert_int_equal(h.height, 200);
    /* cut anywhere it tells nothing, or the same */
    for (size_t n = 0; n < sizeof jpeg - 1; n++) {
        if (picture_head_read((struct str){jpeg, n}, &h)) {
            assert_int_equal(h.width, 300);
        }
    }
    assert_false(picture_head_read(BYTES("<svg xmlns='http://www.w3.org/2000/svg'/>"), &h));
    assert_false(picture_head_read(BYTES("GIF89a\0\0\xc8\0....."), &h));
    assert_false(picture_head_read(STR(""), &h));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_private), cmocka_unit_test(test_head)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
