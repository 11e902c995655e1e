#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/secret_test.XXXXXX");
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/secret", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void test_create_and_load(void **state) {
    (void)state;
    struct error err;
    struct secret a, b;
    mode_t old = umask(0);
    assert_int_equal(secret_create(path, &err), OK);
    (void)umask(old);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_int_equal(secret_load(path, &a, &err), OK);
    /* what is there is left alone */
    assert_int_equal(secret_create(path, &err), ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "File exists"));
    assert_int_equal(secret_load(path, &b, &err), OK);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(secret_create(path, &err), OK);
    assert_int_equal(secret_load(path, &b, &err), OK);
    assert_memory_not_equal(&a, &b, sizeof a);
    secret_wipe(&a);
    assert_int_equal(a.key[0] | a.key[31], 0);
}

static void test_open_to_others(void **state) {
    (void)state;
    struct error err;
    struct secret s;
    assert_int_equal(secret_create(path, &err), OK);
    static const mode_t modes[] = {0640, 0604, 0620, 0660, 0644};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(secret_load(path, &s, &err), ERR_NOPERM);
        assert_non_null(strstr(err.text, "chmod 600"));
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(secret_load(path, &s, &err), OK);
}

static enum status load_text(const char *text, struct secret *s) {
    (void)unlink(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), 0600), 0);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    return secret_load(path, s, NULL);
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

static void test_forms(void **state) {
    (void)state;
    struct secret s;
    static const char *const good[] = {DIGITS, DIGITS "\n", DIGITS "\r\n"};
    static const char *const bad[] = {
        "", "\n", "00", DIGITS "0", DIGITS "\n\n", DIGITS " ", DIGITS "\r", DIGITS "\r\n\n", " " DIGITS};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(load_text(good[i], &s), OK);
        for (uint8_t k = 0; k < SECRET_SIZE; k++) {
            assert_int_equal(s.key[k], k);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(load_text(bad[i], &s), ERR_CONFIG);
        assert_int_equal(s.key[1], 0);
    }
    char text[] = DIGITS;
    text[63] = 'g';
    assert_int_equal(load_text(text, &s), ERR_CONFIG);
    assert_int_equal(s.key[1], 0);
}

static void test_absent(void **state) {
    (void)state;
    struct error err;
    struct secret s;
    assert_int_equal(secret_load(path, &s, &err), ERR_NOINPUT);
    assert_non_null(strstr(err.text, "courant init"));
    assert_int_equal(secret_load(folder, &s, &err), ERR_CONFIG);
    assert_int_equal(secret_create("/nowhere/at/all", &err), ERR_CANTCREATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create_and_load, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open_to_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_absent, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("crypto/secret", tests, NULL, NULL);
}
