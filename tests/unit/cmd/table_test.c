/* The printer: the same calls give a table for people or one JSON document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/table.h"

#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
    {"id", TABLE_RIGHT}, {"full_name", 0}, {"due_at", 0}, {"open", TABLE_JSON_ONLY}, {"flags", TABLE_TEXT_ONLY}};

static char *text;
static size_t size;
static FILE *out;

static struct table *begin(bool json, size_t width) {
    out = open_memstream(&text, &size);
    assert_non_null(out);
    return table_new(out, json, width);
}

static void end(struct table *t, const char *expected) {
    struct error err = {0};
    assert_int_equal(table_end(t, &err), OK);
    table_free(t);
    (void)fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void row(struct table *t, int64_t id, const char *name, int64_t due) {
    table_id(t, id);
    table_cstr(t, name);
    table_time(t, due);
    table_bool(t, true);
    table_cstr(t, "f");
    table_row(t);
}

static void text_list(void **state) {
    (void)state;
    struct table *t = begin(false, 0);
    table_list(t, columns, 5);
    row(t, 7, "Ann", 0);
    row(t, 12345, "Bob\nand\x1b[31m Böb", 1795417200);
    end(t, "   ID  FULL NAME       DUE AT             FLAGS\n"
           "    7  Ann             -                  f\n"
           "12345  Boband[31m Böb  2026-11-23 07:00Z  f\n");
}

/* Wide characters take two columns; a long last value leaves no blanks behind it. */
static void text_wide(void **state) {
    (void)state;
    static const struct table_column two[] = {{"name", 0}, {"x", 0}};
    struct table *t = begin(false, 0);
    table_list(t, two, 2);
    table_cstr(t, "日本語");
    table_cstr(t, "a");
    table_row(t);
    table_cstr(t, "e\xcc\x81");
    table_cstr(t, "b");
    table_row(t);
    end(t, "NAME    X\n日本語  a\ne\xcc\x81       b\n");
}

static void text_terminal(void **state) {
    (void)state;
    static const struct table_column two[] = {{"name", 0}, {"n", TABLE_RIGHT}};
    struct table *t = begin(false, 16);
    table_list(t, two, 2);
    table_cstr(t, "a name that is much too long");
    table_int(t, 12345);
    table_row(t);
    end(t, "NAME           N\na name t…  12345\n");
}

/* Rows beyond the window that fixed the widths are not cut either where there is no terminal. */
static void text_many(void **state) {
    (void)state;
    static const struct table_column one[] = {{"a", 0}, {"b", 0}};
    struct table *t = begin(false, 0);
    table_list(t, one, 2);
    for (int i = 0; i < 1000; i++) {
        table_cstr(t, i == 999 ? "quite long" : "x");
        table_int(t, i);
        table_row(t);
    }
    struct error err = {0};
    assert_int_equal(table_end(t, &err), OK);
    table_free(t);
    (void)fclose(out);
    size_t lines = 0;
    for (char *p = text; *p; p++) {
        lines += *p == '\n';
    }
    assert_int_equal(lines, 1001);
    assert_non_null(strstr(text, "\nx  998\nquite long  999\n"));
    free(text);
}

static void json_list(void **state) {
    (void)state;
    struct table *t = begin(true, 0);
    table_list(t, columns, 5);
    row(t, 0, "a \"quote\" \\ \x01 Böb", INT64_MIN);
    row(t, INT64_C(9007199254740993), NULL, 1795417200);
    end(t, "[{\"id\":null,\"full_name\":\"a \\\"quote\\\" \\\\ \\u0001 Böb\",\"due_at\":null,\"open\":true},\n"
           " {\"id\":9007199254740993,\"full_name\":null,\"due_at\":\"2026-11-23T07:00:00Z\",\"open\":true}]\n");
}

static void json_broken_text(void **state) {
    (void)state;
    static const struct table_column one[] = {{"s", 0}};
    struct table *t = begin(true, 0);
    table_list(t, one, 1);
    table_str(t, (struct str){"a\xff"
                              "b\xc3",
                              4});
    table_row(t);
    end(t, "[{\"s\":\"a\xef\xbf\xbd"
           "b\xef\xbf\xbd\"}]\n");
}

static void empty(void **state) {
    (void)state;
    struct table *t = begin(true, 0);
    table_list(t, columns, 5);
    end(t, "[]\n");
    t = begin(false, 0);
    table_list(t, columns, 5);
    end(t, "");
    t = begin(false, 80); /* on a terminal one would wonder */
    table_list(t, columns, 5);
    end(t, "ID  FULL NAME  DUE AT  FLAGS\n");
}

static void object(bool json, const char *expected) {
    static const struct table_column show[] = {{"id", 0}, {"joined_at", 0}, {"list", 0}, {"text", TABLE_BLOCK}};
    struct table *t = begin(json, 0);
    json_t *list = json_array();
    assert_int_equal(json_array_append_new(list, table_json_str(STR("a"))), 0);
    table_object(t, show, 4);
    table_int(t, 3);
    table_null(t);
    table_json(t, list, STR("a, in words"));
    table_str(t, STR("one\ntwo\x1b\n"));
    table_row(t);
    end(t, expected);
}

static void objects(void **state) {
    (void)state;
    object(true, "{\"id\":3,\"joined_at\":null,\"list\":[\"a\"],\"text\":\"one\\ntwo\\u001B\\n\"}\n");
    object(false, "id         3\njoined at  -\nlist       a, in words\n\none\ntwo\n");
}

/* A full disk is told, and a listing can stop early. */
static void cannot_write(void **state) {
    (void)state;
    struct error err = {0};
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        skip();
    }
    struct table *t = table_new(full, true, 0);
    table_list(t, columns, 5);
    for (int i = 0; i < 1000; i++) {
        row(t, i, "somebody", 0);
    }
    assert_true(table_failed(t));
    assert_int_equal(table_end(t, &err), ERR_IO);
    assert_non_null(strstr(err.text, "can't be written"));
    table_free(t);
    (void)fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_list), cmocka_unit_test(text_wide), cmocka_unit_test(text_terminal),
        cmocka_unit_test(text_many), cmocka_unit_test(json_list), cmocka_unit_test(json_broken_text),
        cmocka_unit_test(empty),     cmocka_unit_test(objects),   cmocka_unit_test(cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
