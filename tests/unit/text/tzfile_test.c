#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "text/civil.h"
#include "text/tzfile.h"

static void add32(struct buf *b, uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        buf_addc(b, (char)(v >> shift));
    }
}

static void add_header(struct buf *b, uint32_t leap, uint32_t times, uint32_t types, uint32_t chars) {
    buf_adds(b, "TZif2");
    buf_add(b, STR("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    add32(b, 0);
    add32(b, 0);
    add32(b, leap);
    add32(b, times);
    add32(b, types);
    add32(b, chars);
}

/* A zone with an empty first block, one transition at AT from +1:00 to +2:00, and RULE after it. */
static void make(struct buf *b, int64_t at, const char *rule) {
    buf_clear(b);
    add_header(b, 0, 0, 1, 1);
    buf_add(b, STR("\0\0\0\0\0\0\0"));
    add_header(b, 0, 1, 2, 4);
    add32(b, (uint32_t)((uint64_t)at >> 32));
    add32(b, (uint32_t)(uint64_t)at);
    buf_addc(b, 1);
    add32(b, 3600);
    buf_add(b, STR("\0\0"));
    add32(b, 7200);
    buf_add(b, STR("\0\0AAA\0\n"));
    buf_adds(b, rule);
    buf_addc(b, '\n');
}

static int64_t utc(int year, int month, int day, int hour, int minute) {
    struct civil c = {year, month, day, hour, minute, 0, 0};
    return civil_to_unix(&c);
}

static struct tzfile *parse(struct buf *b) {
    struct tzfile *f = NULL;
    struct error err = {0};
    if (tzfile_parse(buf_str(b), &f, &err) != OK) {
        fail_msg("%s", err.text);
    }
    return f;
}

/* After 2000 by RULE: the offset changes to FIRST at A and to SECOND at B. */
static void rule_changes(const char *rule, int64_t a, int first, int64_t b, int second) {
    struct buf bytes = BUF_INIT;
    make(&bytes, utc(2000, 1, 1, 0, 0), rule);
    struct tzfile *f = parse(&bytes);
    if (tzfile_offset(f, a - 1) != second || tzfile_offset(f, a) != first || tzfile_offset(f, b - 1) != first ||
        tzfile_offset(f, b) != second) {
        fail_msg("%s: %d %d %d %d", rule, tzfile_offset(f, a - 1), tzfile_offset(f, a), tzfile_offset(f, b - 1),
                 tzfile_offset(f, b));
    }
    tzfile_free(f);
    buf_release(&bytes);
}

static void test_transitions(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    make(&b, -1000, "");
    struct tzfile *f = parse(&b);
    assert_int_equal(tzfile_offset(f, INT64_MIN / 4), 3600);
    assert_int_equal(tzfile_offset(f, -1001), 3600);
    assert_int_equal(tzfile_offset(f, -1000), 7200);
    assert_int_equal(tzfile_offset(f, INT64_MAX / 4), 7200);
    tzfile_free(f);
    make(&b, 0, "<+0530>-5:30");
    f = parse(&b);
    assert_int_equal(tzfile_offset(f, -1), 3600);
    assert_int_equal(tzfile_offset(f, 0), 19800);
    tzfile_free(f);
    buf_release(&b);
}

static void test_rules(void **state) {
    (void)state;
    rule_changes("CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 3, 29, 1, 0), 7200, utc(2026, 10, 25, 1, 0), 3600);
    rule_changes("EST5EDT,M3.2.0,M11.1.0", utc(2026, 3, 8, 7, 0), -14400, utc(2026, 11, 1, 6, 0), -18000);
    /* south of the equator the year begins in summer */
    rule_changes("AEST-10AEDT,M10.1.0,M4.1.0/3", utc(2026, 10, 3, 16, 0), 39600, utc(2027, 4, 3, 16, 0), 36000);
    rule_changes("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", utc(2026, 10, 3, 15, 30), 39600, utc(2027, 4, 3, 15, 0),
                 37800);
    /* winter time as the exception, negative times of day, times beyond a day */
    rule_changes("IST-1GMT0,M10.5.0,M3.5.0/1", utc(2026, 10, 25, 1, 0), 0, utc(2027, 3, 28, 1, 0), 3600);
    rule_changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", utc(2026, 3, 29, 1, 0), -3600, utc(2026, 10, 25, 1, 0), -7200);
    rule_changes("IST-2IDT,M3.4.4/26,M10.5.0", utc(2026, 3, 27, 0, 0), 10800, utc(2026, 10, 24, 23, 0), 7200);
    /* by day of the year, counting 29 February and not; 2028 has one */
    rule_changes("A0B,J60/0,J300/0", utc(2028, 3, 1, 0, 0), 3600, utc(2028, 10, 26, 23, 0), 0);
    rule_changes("A0B,59/0,300/0", utc(2028, 2, 29, 0, 0), 3600, utc(2028, 10, 26, 23, 0), 0);
}

static void test_damaged(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    struct tzfile *f;
    const char *bad[] = {"5",
                         "CET",
                         "CET-1CEST",
                         "CET-1CEST,M3.5.0",
                         "CET-1CEST,M13.5.0,M10.5.0",
                         "CET-1CEST,M3.6.0,M10.5.0",
                         "CET-1CEST,M3.5.7,M10.5.0",
                         "CET-1CEST,M3.5.0,M10.5.0/200",
                         "CET-1CEST,M3.5.0,M10.5.0x",
                         "<CET-1",
                         "CET-99",
                         "CET-1CEST,J0,J1",
                         "CET-1CEST,366,1",
                         "CET-1:60"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        make(&b, 0, bad[i]);
        if (tzfile_parse(buf_str(&b), &f, NULL) != ERR_DATA) {
            fail_msg("%s was taken", bad[i]);
        }
        assert_null(f);
    }
    make(&b, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t n = 0; n < b.len; n++) {
        assert_int_equal(tzfile_parse(str_sub(buf_str(&b), 0, n), &f, NULL), ERR_DATA);
    }
    assert_int_equal(tzfile_parse(buf_str(&b), &f, NULL), OK);
    tzfile_free(f);
    b.ptr[4] = '1';
    assert_int_equal(tzfile_parse(buf_str(&b), &f, NULL), ERR_DATA);
    assert_int_equal(tzfile_open(STR("../passwd"), &f, NULL), ERR_NOINPUT);
    assert_int_equal(tzfile_open(STR("Europe/../Europe/Zurich"), &f, NULL), ERR_NOINPUT);
    assert_int_equal(tzfile_open(STR("Europe"), &f, NULL), ERR_DATA);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
