/* Lines: long ones byte-exact, continuation lines, comments, the traps of inih, and files that are no INI file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/raw.h"

#include "base/arena.h"
#include "base/buf.h"

static struct arena *arena;
static struct config_errors errors;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    errors = CONFIG_ERRORS_INIT;
    return arena ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    config_errors_release(&errors);
    return 0;
}

static struct raw read_raw(struct str text) {
    struct report report = {"c.ini", &errors};
    struct raw raw;
    raw_read(text, arena, &report, &raw);
    return raw;
}

static const char *value_of(const struct raw *raw, const char *section, const char *key) {
    const struct raw_entry *e = raw_entry(raw_section(raw, section), key);
    return e ? e->value : NULL;
}

static void expect(struct str text, const char *value) {
    struct raw raw = read_raw(text);
    for (size_t i = 0; i < errors.n; i++)
        print_error("%s\n", errors.list[i].text);
    assert_int_equal(errors.n, 0);
    assert_non_null(value_of(&raw, "s", "k"));
    assert_string_equal(value_of(&raw, "s", "k"), value);
}

static void refuse(struct str text, const char *sentence) {
    read_raw(text);
    assert_int_equal(errors.n, 1);
    assert_string_equal(errors.list[0].text, sentence);
    config_errors_release(&errors);
}

static void test_values_and_comments(void **state) {
    (void)state;
    expect(STR("[s]\nk = v\n"), "v");
    expect(STR("[s]\nk=v"), "v");
    expect(STR("[s]\r\nk = v \t\r\n"), "v");
    expect(STR("\xef\xbb\xbf[s]\nk: v\n"), "v");
    expect(STR("\xef\xbb\xbf; c\n\n# c\n [s] ; c\n  k = v ; c ; d\n"), "v");
    expect(STR("[s]\nk = a;b # c\n"), "a;b # c");
    expect(STR("[s]\nk =            ; only a comment\n"), "");
    expect(STR("[s]\nk = a = b : c\n"), "a = b : c");
    expect(STR("[s]\nk = \"a\"\n"), "\"a\"");
    expect(STR("[s]\nk = <x>. |+ .\n"), "<x>. |+ .");
}

static void test_continuation_lines(void **state) {
    (void)state;
    expect(STR("[s]\nk = a\n b\n\tc\n"), "a\nb\nc");
    expect(STR("[s]\nk =\n  SELECT a -- x\n\n  ; c\n  # c\n; c\n  FROM b ; d\n   \n  [c] = 1\nj = 2\n"),
           "SELECT a -- x\nFROM b\n[c] = 1");
    expect(STR("[s]\nk = ; c\n  a;b\n  +c.\n  |d\n"), "a;b\n+c.\n|d");
    expect(STR("[s]\nj = 1\nk = 2\n  ; c\n[t]\n k = 3\n"), "2");
}

/* Lines of every length around the size of a piece, with blanks and comment signs at every place of the border. */
static void test_long_lines_are_exact_at_every_border(void **state) {
    (void)state;
    for (size_t len = 150; len < 620; len++) {
        for (int kind = 0; kind < 4; kind++) {
            struct buf text = BUF_INIT, value = BUF_INIT;
            /* 0: blanks, 1: comment signs after letters, 2: UTF-8, 3: a # after each blank */
            static const char *const unit[] = {"a  ", "a;#", "\xe0\xbd\x96\xc3\xa9", " #"};
            buf_addc(&value, 'x');
            while (value.len < len)
                buf_adds(&value, unit[kind]);
            buf_addc(&value, 'y');
            buf_adds(&text, len % 2 ? "[s]\nk = " : "[s]\nk =\n  ");
            buf_add(&text, buf_str(&value));
            buf_adds(&text, "  ; a comment\n");
            expect(buf_str(&text), buf_cstr(&value));
            buf_release(&text);
            buf_release(&value);
            arena_reset(arena);
        }
    }
}

static void test_long_lines_join_with_nothing_and_lines_with_a_line_end(void **state) {
    (void)state;
    struct buf text = BUF_INIT, value = BUF_INIT;
    for (int line = 0; line < 3; line++) {
        if (line)
            buf_addc(&value, '\n');
        for (int i = 0; i < 300; i++)
            buf_addf(&value, "%d ", i);
        buf_addc(&value, '.');
    }
    buf_adds(&text, "[s]\nk =");
    struct str rest = buf_str(&value), line;
    while (str_split(&rest, '\n', &line))
        buf_addf(&text, "   %.*s \r\n", STR_ARG(line));
    expect(buf_str(&text), buf_cstr(&value));
    buf_release(&text);
    buf_release(&value);
}

static void test_blanks_alone_longer_than_a_piece(void **state) {
    (void)state;
    struct buf text = BUF_INIT, value = BUF_INIT;
    buf_addf(&value, "a%2000sb", "");
    buf_addf(&text, "[s]\nk = %s\n", buf_cstr(&value));
    expect(buf_str(&text), buf_cstr(&value));
    buf_release(&text);
    buf_release(&value);
}

static void test_64_kib_and_not_more(void **state) {
    (void)state;
    struct buf text = BUF_INIT, value = BUF_INIT;
    for (size_t i = 0; i < 65536; i++)
        buf_addc(&value, i % 7 && i != 65535 ? (char)('a' + i % 23) : i == 65535 ? 'z' : ' ');
    value.ptr[0] = 'A';
    buf_addf(&text, "[s]\nk = %s\nj = 1\n", buf_cstr(&value));
    expect(buf_str(&text), buf_cstr(&value));
    struct raw raw = read_raw(buf_str(&text));
    assert_string_equal(value_of(&raw, "s", "j"), "1");
    assert_int_equal(raw_entry(raw_section(&raw, "s"), "j")->line, 3);

    buf_clear(&text);
    buf_addf(&text, "[s]\nk = %s%0100d\n  more\nj = 1\n", buf_cstr(&value), 0);
    refuse(buf_str(&text),
           "c.ini:2: the line is longer than 64 KiB; break it: an indented line goes on with the value above");
    raw = read_raw(buf_str(&text));
    assert_null(value_of(&raw, "s", "k"));
    assert_string_equal(value_of(&raw, "s", "j"), "1");
    buf_release(&text);
    buf_release(&value);
}

#define N49 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghi"
static void test_names_up_to_49_bytes(void **state) {
    (void)state;
    struct raw raw = read_raw(STR("[" N49 "]\n" N49 " = 1\n  2\n"));
    assert_int_equal(errors.n, 0);
    assert_string_equal(value_of(&raw, N49, N49), "1\n2");
    refuse(STR("[s]\n" N49 "x = 1\n  2\n"), "c.ini:2: the key is longer than 49 bytes");
    refuse(STR("[" N49 "x]\nk = 1\n  2\n"),
           "c.ini:1: the section name 'abcdefghijabcdefghij…' is longer than 49 bytes; shorten it");
}

static void test_lines_are_counted(void **state) {
    (void)state;
    struct raw raw = read_raw(STR("\n; c\n[s]\n\nk = 1\n  2\n\n  3\nj = 1\n[t]\n"));
    assert_int_equal(raw_section(&raw, "s")->line, 3);
    assert_int_equal(raw_entry(raw_section(&raw, "s"), "k")->line, 5);
    assert_int_equal(raw_entry(raw_section(&raw, "s"), "j")->line, 9);
    assert_string_equal(raw_entry(raw_section(&raw, "s"), "j")->where, "c.ini:9");
    assert_int_equal(raw_section(&raw, "t")->line, 10);
    assert_null(raw_section(&raw, "t")->entries);
    assert_null(raw_section(&raw, "u"));
    assert_null(raw_entry(NULL, "k"));
}

static void test_broken_lines(void **state) {
    (void)state;
    refuse(STR("[s]\nk = 1\nwhat\n  2\n"),
           "c.ini:3: neither [section] nor key = value; a line that goes on must be indented");
    refuse(STR("[s]\n = 1\n"), "c.ini:2: no key before '='");
    refuse(STR("[s]\n= 1\n"), "c.ini:2: no key before '='");
    refuse(STR("k = 1\n  2\n"), "c.ini:1: a key before the first [section]");
    refuse(STR("[s\nk = 1\n"), "c.ini:1: '[' without ']'; a section is written [name]");
    refuse(STR("[s ; ]\n"), "c.ini:1: '[' without ']'; a section is written [name]");
    refuse(STR("[s] k = 1\n"), "c.ini:1: text after [s]; put it on a line of its own");
    refuse(STR("[s]\nk = 1\nk = 2\n"), "c.ini:3: 'k' is already set on line 2; keep one of them");
    refuse(STR("[s]\n[t]\n[s]\nk = 1\n"), "c.ini:3: section [s] is already on line 1; put its keys together there");
}

static void test_a_refused_key_takes_its_lines_along(void **state) {
    (void)state;
    struct raw raw = read_raw(STR("[s]\nk = 1\nbroken\n  x\n  y\nk = 2\n  z\nj = 3\n"));
    assert_int_equal(errors.n, 2);
    assert_string_equal(value_of(&raw, "s", "k"), "1");
    assert_string_equal(value_of(&raw, "s", "j"), "3");
}

static void test_bytes_that_are_no_text(void **state) {
    (void)state;
    refuse(STR("[s]\nk = a\0b\n"), "c.ini:2: a NUL byte in the line; this must be a text file");
    refuse(STR("[s]\nk = a\rb\n"), "c.ini:2: a carriage return in the line; this must be a text file");
    refuse(STR("[s]\nk = a\x1b[0m\n"), "c.ini:2: a control character in the line; this must be a text file");
    refuse(STR("[s]\nk = M\xfcller\n"), "c.ini:2: the line is not valid UTF-8; save the file as UTF-8");
    refuse(STR("[s]\nk = a\n  \xff\n"), "c.ini:3: the line is not valid UTF-8; save the file as UTF-8");
    refuse(STR("\xff\xfe[\0s\0]\0"), "c.ini: the file is UTF-16; save it as UTF-8");
    assert_null(read_raw(STR("")).sections);
    assert_null(read_raw(STR_NONE).sections);
    assert_null(read_raw(STR("\xef\xbb\xbf")).sections);
    assert_int_equal(errors.n, 0);
}

static void test_limits_end_the_reading(void **state) {
    (void)state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 1002; i++)
        buf_addf(&text, "[s%d]\n", i);
    refuse(buf_str(&text), "c.ini:1001: more than 1000 sections; split the file");
    buf_clear(&text);
    buf_adds(&text, "[s]\n");
    for (int i = 0; i < 4002; i++)
        buf_addf(&text, "k%d = 1\n", i);
    refuse(buf_str(&text), "c.ini:4002: more than 4000 keys in [s]");
    buf_clear(&text);
    for (int i = 0; i < 300; i++)
        buf_adds(&text, "x\n");
    read_raw(buf_str(&text));
    assert_int_equal(errors.n, 200);
    buf_release(&text);
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"host", "port", "priority", "connections", "connect_timeout", "timeout"};
    assert_string_equal(report_nearest(STR("hots"), names, 6), "host");
    assert_string_equal(report_nearest(STR("conection"), names, 6), "connections");
    assert_string_equal(report_nearest(STR("connect-timeout"), names, 6), "connect_timeout");
    assert_string_equal(report_nearest(STR("TIMEOUT"), names, 6), "timeout");
    assert_null(report_nearest(STR("pots"), names, 1));
    assert_null(report_nearest(STR("x"), names, 6));
    assert_null(report_nearest(STR(""), names, 6));
    assert_null(report_nearest(STR("a"), (const char *const[]){"b"}, 1));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_values_and_comments),
        TEST(test_continuation_lines),
        TEST(test_long_lines_are_exact_at_every_border),
        TEST(test_long_lines_join_with_nothing_and_lines_with_a_line_end),
        TEST(test_blanks_alone_longer_than_a_piece),
        TEST(test_64_kib_and_not_more),
        TEST(test_names_up_to_49_bytes),
        TEST(test_lines_are_counted),
        TEST(test_broken_lines),
        TEST(test_a_refused_key_takes_its_lines_along),
        TEST(test_bytes_that_are_no_text),
        TEST(test_limits_end_the_reading),
        TEST(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
