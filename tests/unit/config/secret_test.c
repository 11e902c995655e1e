/* Secrets from files and commands; words as a shell splits them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void words(const char *command, const char *const *want) {
    struct error err;
    char **argv = NULL;
    size_t argc = 0, n = 0;
    assert_int_equal(config_words(command, &argv, &argc, &err), OK);
    for (; want[n]; n++) {
        assert_true(n < argc);
        assert_string_equal(argv[n], want[n]);
    }
    assert_int_equal(argc, n);
    assert_null(argv[argc]);
    free(argv);
}

static void test_words(void **state) {
    (void)state;
    words("a", (const char *[]){"a", NULL});
    words("  a  b\tc\nd ", (const char *[]){"a", "b", "c", "d", NULL});
    words("a 'b c' \"d e\" f\\ g", (const char *[]){"a", "b c", "d e", "f g", NULL});
    words("a '' \"\" b''c", (const char *[]){"a", "", "", "bc", NULL});
    words("a '\\n\"' \"\\n'\\\"\\\\\\$\"", (const char *[]){"a", "\\n\"", "\\n'\"\\$", NULL});
    words("a $HOME `b` *.c ~ ; | > x", (const char *[]){"a", "$HOME", "`b`", "*.c", "~", ";", "|", ">", "x", NULL});
    words("a \\\n b", (const char *[]){"a", "b", NULL});
    words("a\\\nb", (const char *[]){"ab", NULL});
}

static void test_words_refused(void **state) {
    (void)state;
    struct error err;
    char **argv = NULL;
    size_t argc = 0;
    assert_int_equal(config_words("", &argv, &argc, &err), ERR_CONFIG);
    assert_string_equal(err.text, "the command is empty");
    assert_int_equal(config_words("  ", &argv, &argc, &err), ERR_CONFIG);
    assert_int_equal(config_words("'' a", &argv, &argc, &err), ERR_CONFIG);
    assert_int_equal(config_words("a 'b", &argv, &argc, &err), ERR_CONFIG);
    assert_string_equal(err.text, "the command has a ' that is not closed");
    assert_int_equal(config_words("a \"b\\\"", &argv, &argc, &err), ERR_CONFIG);
    assert_int_equal(config_words("a \\", &argv, &argc, &err), ERR_CONFIG);
    assert_string_equal(err.text, "the command ends with a backslash");
    assert_null(argv);
}

static char folder[] = "/tmp/courant-secret-XXXXXX";
static char path[sizeof folder + 8];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/pw", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void put(const char *text, size_t len, mode_t mode) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void gives(const char *file, const char *command, const char *want) {
    struct error err = {0};
    struct buf out = BUF_INIT;
    enum status status = config_secret(file, command, folder, &out, &err);
    if (status != OK)
        print_error("%s\n", err.text);
    assert_int_equal(status, OK);
    assert_string_equal(buf_cstr(&out), want);
    buf_release(&out);
}

static void fails(const char *file, const char *command, enum status want, const char *part) {
    struct error err = {0};
    struct buf out = BUF_INIT;
    assert_int_equal(config_secret(file, command, folder, &out, &err), want);
    if (!strstr(err.text, part))
        print_error("%s\n", err.text);
    assert_non_null(strstr(err.text, part));
    assert_null(strstr(err.text, "hunter2"));
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

static void test_file(void **state) {
    (void)state;
    put("hunter2\n", 8, 0600);
    gives(path, NULL, "hunter2");
    put("hunter2\r\nuser: x\n", 17, 0400);
    gives(path, NULL, "hunter2");
    unlink(path);
    put(" hunter 2 ", 10, 0600);
    gives(path, NULL, " hunter 2 ");
    put("hunter2\n", 8, 0640);
    fails(path, NULL, ERR_NOPERM, "others than its owner may use it (mode 0640): chmod 600 it");
    put("hunter2\n", 8, 0604);
    fails(path, NULL, ERR_NOPERM, "chmod 600");
    put("", 0, 0600);
    fails(path, NULL, ERR_NOINPUT, "empty first line");
    put("\nhunter2\n", 9, 0600);
    fails(path, NULL, ERR_NOINPUT, "empty first line");
    put("hun\0ter2\n", 9, 0600);
    fails(path, NULL, ERR_NOINPUT, "NUL byte");
    char long_text[5000];
    memset(long_text, 'x', sizeof long_text);
    put(long_text, sizeof long_text, 0600);
    fails(path, NULL, ERR_NOINPUT, "too long");
    unlink(path);
    fails(path, NULL, ERR_NOINPUT, "No such file");
    fails(folder, NULL, ERR_NOINPUT, "is not a file");
    fails(NULL, NULL, ERR_CONFIG, "no password_file");
}

static void test_command(void **state) {
    (void)state;
    gives(NULL, "printf 'hunter2\\nx\\n'", "hunter2");
    gives(NULL, "echo $HOME", "$HOME");
    put("hunter2\n", 8, 0600);
    gives(NULL, "cat pw", "hunter2");              /* in the given folder */
    gives(NULL, "sh -c 'cat; echo done'", "done"); /* standard input is empty */
    fails(NULL, "sh -c 'echo hunter2; exit 3'", ERR_UNAVAILABLE, "failed (exit 3)");
    fails(NULL, "sh -c 'kill -9 $$'", ERR_UNAVAILABLE, "failed (signal 9)");
    fails(NULL, "/nonexistent/pass x", ERR_UNAVAILABLE, "/nonexistent/pass can't be run");
    fails(NULL, "true", ERR_NOINPUT, "empty first line");
    fails(NULL, "yes hunter2", ERR_NOINPUT, "prints too much");
    fails(NULL, "a 'b", ERR_CONFIG, "not closed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_words_refused),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_command),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
