#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/moment.h"
#include "text/zone.h"

static struct zone *open_zone(const char *name) {
    struct zone *z = NULL;
    struct error err = {0};
    if (zone_open(str_from(name), &z, &err) != OK) {
        fail_msg("%s: %s", name, err.text);
    }
    return z;
}

static int64_t at(struct zone *z, int year, int month, int day, int hour, int minute) {
    struct civil c = {year, month, day, hour, minute, 0, 0};
    return zone_unix(z, &c);
}

static void expect_iso(int64_t t, const char *want) {
    char got[MOMENT_ISO_SIZE];
    moment_iso(t, got);
    assert_string_equal(got, want);
}

static void test_civil(void **state) {
    (void)state;
    struct civil c;
    civil_from_unix(0, &c);
    assert_int_equal(c.year, 1970);
    assert_int_equal(c.weekday, 3);
    civil_from_unix(1795417200, &c); /* date -u -d @1795417200 */
    assert_int_equal(c.year * 10000 + c.month * 100 + c.day, 20261123);
    assert_int_equal(c.hour * 10000 + c.minute * 100 + c.second, 70000);
    assert_int_equal(c.weekday, 0);
    civil_from_unix(-1, &c);
    assert_int_equal(c.year * 10000 + c.month * 100 + c.day, 19691231);
    assert_int_equal(c.hour * 10000 + c.minute * 100 + c.second, 235959);
    assert_int_equal(c.weekday, 2);
    /* Day by day over 800 years: dates follow each other, weekdays too, and the way back is the same. */
    int weekday = -1, year = 0, month = 0, day = 0;
    for (int64_t t = INT64_C(-12219292800); t < INT64_C(13026182400); t += 86400) {
        civil_from_unix(t, &c);
        assert_true(civil_is_valid(&c));
        if (weekday >= 0) {
            assert_int_equal(c.weekday, (weekday + 1) % 7);
            bool next_day = c.year == year && c.month == month && c.day == day + 1;
            bool next_month = c.day == 1 && day == civil_days_in_month(year, month) &&
                              (c.month == month + 1 || (c.month == 1 && month == 12 && c.year == year + 1));
            assert_true(next_day || next_month);
        }
        assert_int_equal(civil_to_unix(&c), t);
        weekday = c.weekday, year = c.year, month = c.month, day = c.day;
    }
    assert_int_equal(civil_days_in_month(2000, 2), 29);
    assert_int_equal(civil_days_in_month(2100, 2), 28);
    c = (struct civil){2026, 13, 32, 24, -1, 60, 0};
    civil_normalise(&c);
    assert_int_equal(c.year * 10000 + c.month * 100 + c.day, 20270202);
    assert_int_equal(c.hour * 100 + c.minute, 0);
    c = (struct civil){2026, -1, 0, 0, 0, 0, 0}; /* the day before 1 November 2025 */
    civil_normalise(&c);
    assert_int_equal(c.year * 10000 + c.month * 100 + c.day, 20251031);
    civil_from_unix(INT64_MAX, &c);
    assert_int_equal(c.year, 9999);
    civil_from_unix(INT64_MIN, &c);
    assert_int_equal(c.year, 1);
    c.month = 2, c.day = 30;
    assert_false(civil_is_valid(&c));
}

static void test_names(void **state) {
    (void)state;
    const char *good[] = {
        "Europe/Zurich", "Asia/Kolkata",   "Asia/Calcutta", "America/Argentina/Ushuaia", "UTC", "Etc/UTC", "Etc/GMT+3",
        "CET",           "Asia/Kathmandu", "Asia/Urumqi"};
    const char *bad[] = {"",       "Europe/Zurch", "europe",      "GMT+3",  "IST",           "BST", "PST",
                         "+01:00", "Etc/",         "Etc/Unknown", "Zürich", "../etc/passwd", "a\nb"};
    struct zone *z;
    struct error err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        z = open_zone(good[i]);
        assert_string_equal(zone_name(z), good[i]);
        zone_close(z);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (zone_open(str_from(bad[i]), &z, &err) != ERR_DATA) {
            fail_msg("%s was taken", bad[i]);
        }
        assert_null(z);
    }
    char longest[200];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(zone_open((struct str){longest, sizeof longest}, &z, NULL), ERR_DATA);
    zone_close(NULL);
}

static void test_zurich(void **state) {
    (void)state;
    struct zone *z = open_zone("Europe/Zurich");
    expect_iso(at(z, 2026, 11, 23, 7, 0), "2026-11-23T06:00:00Z");
    expect_iso(at(z, 2026, 7, 1, 7, 0), "2026-07-01T05:00:00Z");
    /* 29 March 2026, 02:00 to 03:00 do not exist: the first moment after is 03:00 summer time, 01:00 UTC. */
    expect_iso(at(z, 2026, 3, 29, 1, 59), "2026-03-29T00:59:00Z");
    expect_iso(at(z, 2026, 3, 29, 2, 0), "2026-03-29T01:00:00Z");
    expect_iso(at(z, 2026, 3, 29, 2, 30), "2026-03-29T01:00:00Z");
    expect_iso(at(z, 2026, 3, 29, 2, 59), "2026-03-29T01:00:00Z");
    expect_iso(at(z, 2026, 3, 29, 3, 0), "2026-03-29T01:00:00Z");
    expect_iso(at(z, 2026, 3, 29, 3, 1), "2026-03-29T01:01:00Z");
    /* 25 October 2026, 02:00 to 03:00 come twice: the first, in summer time. */
    expect_iso(at(z, 2026, 10, 25, 1, 59), "2026-10-24T23:59:00Z");
    expect_iso(at(z, 2026, 10, 25, 2, 30), "2026-10-25T00:30:00Z");
    expect_iso(at(z, 2026, 10, 25, 3, 0), "2026-10-25T02:00:00Z");
    struct civil c;
    zone_civil(z, at(z, 2026, 10, 25, 2, 30), &c);
    assert_int_equal(c.hour * 100 + c.minute, 230);
    zone_civil(z, at(z, 2026, 10, 25, 2, 30) + 3600, &c);
    assert_int_equal(c.hour * 100 + c.minute, 230);
    assert_int_equal(c.weekday, 6);
    /* Fields carry over by the calendar, not by 24 hours: the day after at the same hour. */
    expect_iso(at(z, 2026, 10, 24 + 1, 7, 0), "2026-10-25T06:00:00Z");
    expect_iso(at(z, 2026, 10, 32, 7, 0), "2026-11-01T06:00:00Z");
    assert_int_equal(zone_offset(z, at(z, 2026, 1, 1, 0, 0)), 3600);
    assert_int_equal(zone_offset(z, at(z, 2026, 7, 1, 0, 0)), 7200);
    zone_close(z);
}

static void test_elsewhere(void **state) {
    (void)state;
    struct civil c;
    struct zone *z = open_zone("Asia/Kathmandu");
    expect_iso(at(z, 2026, 11, 23, 7, 0), "2026-11-23T01:15:00Z");
    zone_close(z);
    z = open_zone("America/New_York");
    expect_iso(at(z, 2026, 3, 8, 2, 30), "2026-03-08T07:00:00Z");
    expect_iso(at(z, 2026, 11, 1, 1, 30), "2026-11-01T05:30:00Z");
    zone_close(z);
    z = open_zone("Australia/Lord_Howe"); /* half an hour */
    expect_iso(at(z, 2026, 10, 4, 2, 15), "2026-10-03T15:30:00Z");
    zone_close(z);
    z = open_zone("Pacific/Apia"); /* 30 December 2011 was left out */
    expect_iso(at(z, 2011, 12, 30, 12, 0), "2011-12-30T10:00:00Z");
    zone_civil(z, at(z, 2011, 12, 30, 12, 0), &c);
    assert_int_equal(c.day, 31);
    zone_close(z);
    z = open_zone("America/Sao_Paulo"); /* the clock went forward at midnight: a day that begins at 01:00 */
    expect_iso(at(z, 2018, 11, 4, 0, 0), "2018-11-04T03:00:00Z");
    zone_civil(z, at(z, 2018, 11, 4, 0, 0), &c);
    assert_int_equal(c.hour, 1);
    zone_close(z);
    z = open_zone("SystemV/EST5EDT"); /* only ICU has it */
    assert_int_equal(zone_offset(z, at(z, 2026, 1, 1, 0, 0)), -18000);
    assert_int_equal(zone_offset(z, at(z, 2026, 7, 1, 0, 0)), -14400);
    zone_close(z);
    z = zone_open_utc();
    expect_iso(at(z, 2026, 3, 29, 2, 30), "2026-03-29T02:30:00Z");
    assert_int_equal(zone_offset(z, 0), 0);
    zone_close(z);
    z = open_zone("Europe/Zurich");
    zone_civil(z, INT64_MAX, &c);
    assert_int_equal(c.year, 9999);
    zone_civil(z, INT64_MIN, &c);
    assert_int_equal(c.year, 1);
    zone_close(z);
}

static void test_round_trip(void **state) {
    (void)state;
    const char *names[] = {"Europe/Zurich", "America/St_Johns", "Asia/Tehran", "Australia/Lord_Howe",
                           "Africa/Casablanca"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *z = open_zone(names[i]);
        for (int64_t t = INT64_C(-3000000000); t < INT64_C(4000000000); t += 999331) {
            struct civil c;
            zone_civil(z, t, &c);
            int64_t back = zone_unix(z, &c);
            /* Equal, or the earlier of two moments with the same wall clock. */
            if (back != t) {
                struct civil d;
                assert_true(back < t && t - back <= 2 * 3600);
                zone_civil(z, back, &d);
                assert_memory_equal(&c, &d, sizeof c);
            }
        }
        zone_close(z);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civil),     cmocka_unit_test(test_names),      cmocka_unit_test(test_zurich),
        cmocka_unit_test(test_elsewhere), cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
