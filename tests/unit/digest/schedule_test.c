#include "digest/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct zone *zone(const char *name) {
    struct zone *z = NULL;
    assert_int_equal(zone_open(str_from(name), &z, NULL), OK);
    return z;
}

/* Seconds since 1970 of a time in UTC. */
static int64_t utc(int year, int month, int day, int hour, int minute) {
    return civil_to_unix(&(struct civil){.year = year, .month = month, .day = day, .hour = hour, .minute = minute});
}

static struct config_schedule weekly(unsigned days, int first, int minute) {
    return (struct config_schedule){CONFIG_SCHEDULE_WEEKLY, days, first, 0, minute};
}
static struct config_schedule monthly(int day, int minute) {
    return (struct config_schedule){CONFIG_SCHEDULE_MONTHLY, 0, -1, day, minute};
}
static struct config_schedule daily(int minute) {
    return (struct config_schedule){CONFIG_SCHEDULE_DAILY, 0, -1, 0, minute};
}

static void days(void **state) {
    (void)state;
    struct zone *z = zone("UTC");
    struct config_schedule s = daily(7 * 60);
    int64_t due = utc(2026, 11, 23, 7, 0);
    assert_int_equal(schedule_last_due(&s, s.kind, z, due), due);
    assert_int_equal(schedule_last_due(&s, s.kind, z, due - 1), due - 86400);
    assert_int_equal(schedule_next_due(&s, s.kind, z, due - 1), due);
    assert_int_equal(schedule_next_due(&s, s.kind, z, due), due + 86400);
    assert_int_equal(schedule_period_before(&s, z, due), due - 86400);
    /* the other cadences at the same time of day: Monday, the 1st */
    assert_int_equal(schedule_last_due(&s, CONFIG_SCHEDULE_WEEKLY, z, utc(2026, 11, 29, 12, 0)), due);
    assert_int_equal(schedule_last_due(&s, CONFIG_SCHEDULE_MONTHLY, z, utc(2026, 11, 29, 12, 0)),
                     utc(2026, 11, 1, 7, 0));
    zone_close(z);
}

static void weeks(void **state) {
    (void)state;
    struct zone *z = zone("UTC");
    /* Tuesday and Friday, Friday named first */
    struct config_schedule s = weekly(1u << 1 | 1u << 4, 4, 18 * 60 + 30);
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 11, 23, 0, 0)), utc(2026, 11, 24, 18, 30));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 11, 24, 18, 30)), utc(2026, 11, 27, 18, 30));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 11, 27, 18, 30)), utc(2026, 12, 1, 18, 30));
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2026, 11, 24, 18, 29)), utc(2026, 11, 20, 18, 30));
    assert_int_equal(schedule_period_before(&s, z, utc(2026, 11, 24, 18, 30)), utc(2026, 11, 17, 18, 30));
    /* over the end of a year */
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 12, 29, 19, 0)), utc(2027, 1, 1, 18, 30));
    zone_close(z);
}

static void months(void **state) {
    (void)state;
    struct zone *z = zone("UTC");
    struct config_schedule s = monthly(31, 9 * 60);
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2027, 1, 31, 9, 0)), utc(2027, 2, 28, 9, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2027, 2, 28, 9, 0)), utc(2027, 3, 31, 9, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2027, 3, 31, 9, 0)), utc(2027, 4, 30, 9, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2028, 2, 1, 0, 0)), utc(2028, 2, 29, 9, 0));
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2027, 3, 31, 8, 59)), utc(2027, 2, 28, 9, 0));
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2027, 1, 1, 0, 0)), utc(2026, 12, 31, 9, 0));
    s = monthly(1, 0);
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2027, 1, 1, 0, 0)), utc(2027, 1, 1, 0, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 12, 1, 0, 0)), utc(2027, 1, 1, 0, 0));
    /* a reader's daily and weekly one */
    s = monthly(15, 8 * 60);
    assert_int_equal(schedule_last_due(&s, CONFIG_SCHEDULE_DAILY, z, utc(2026, 11, 23, 9, 0)), utc(2026, 11, 23, 8, 0));
    assert_int_equal(schedule_last_due(&s, CONFIG_SCHEDULE_WEEKLY, z, utc(2026, 11, 26, 9, 0)),
                     utc(2026, 11, 23, 8, 0));
    zone_close(z);
}

static void none(void **state) {
    (void)state;
    struct zone *z = zone("UTC");
    struct config_schedule s = {.kind = CONFIG_SCHEDULE_MANUAL, .first_weekday = -1};
    int64_t t = utc(2026, 11, 23, 7, 0);
    assert_int_equal(schedule_last_due(&s, s.kind, z, t), 0);
    assert_int_equal(schedule_next_due(&s, s.kind, z, t), 0);
    assert_int_equal(schedule_period_before(&s, z, t), t);
    s.kind = CONFIG_SCHEDULE_IMMEDIATELY;
    assert_int_equal(schedule_last_due(&s, s.kind, z, t), 0);
    assert_int_equal(schedule_next_due(&s, s.kind, z, t), 0);
    zone_close(z);
}

/* Zurich: clocks go forward on 2026-03-29 at 02:00 (01:00 UTC) and back on 2026-10-25 at 03:00 (01:00 UTC). */
static void summer_time(void **state) {
    (void)state;
    struct zone *z = zone("Europe/Zurich");
    struct config_schedule s = daily(7 * 60);
    /* seven o'clock stays seven o'clock */
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 3, 28, 6, 0)), utc(2026, 3, 29, 5, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 10, 24, 5, 0)), utc(2026, 10, 25, 6, 0));
    struct config_schedule w = weekly(1u << 6, 6, 7 * 60);
    assert_int_equal(schedule_next_due(&w, w.kind, z, utc(2026, 3, 22, 6, 0)), utc(2026, 3, 29, 5, 0));
    /* a time that is not shown that day: once, at the first moment behind the gap */
    s = daily(2 * 60 + 30);
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 3, 28, 1, 30)), utc(2026, 3, 29, 1, 0));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 3, 29, 1, 0)), utc(2026, 3, 30, 0, 30));
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2026, 3, 29, 12, 0)), utc(2026, 3, 29, 1, 0));
    /* one that is shown twice: once, the first */
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 10, 24, 0, 30)), utc(2026, 10, 25, 0, 30));
    assert_int_equal(schedule_next_due(&s, s.kind, z, utc(2026, 10, 25, 0, 30)), utc(2026, 10, 26, 1, 30));
    assert_int_equal(schedule_last_due(&s, s.kind, z, utc(2026, 10, 25, 1, 45)), utc(2026, 10, 25, 0, 30));
    zone_close(z);
}

/* Through five years: last is never after now, next always, and nothing lies between. */
static void consistent(void **state) {
    (void)state;
    static const char *const zones[] = {"Europe/Zurich", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"};
    const struct config_schedule all[] = {daily(2 * 60 + 15), weekly(1u << 6 | 1u << 2, 6, 1),
                                          monthly(31, 23 * 60 + 59), monthly(29, 150)};
    for (size_t k = 0; k < sizeof zones / sizeof *zones; k++) {
        struct zone *z = zone(zones[k]);
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            for (int64_t t = utc(2024, 1, 1, 0, 0); t < utc(2029, 1, 1, 0, 0); t += 7 * 3600 + 11) {
                int64_t last = schedule_last_due(&all[i], all[i].kind, z, t);
                int64_t next = schedule_next_due(&all[i], all[i].kind, z, t);
                assert_true(last <= t && next > t);
                assert_int_equal(schedule_last_due(&all[i], all[i].kind, z, next - 1), last);
                assert_int_equal(schedule_last_due(&all[i], all[i].kind, z, next), next);
            }
        }
        zone_close(z);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days), cmocka_unit_test(weeks),       cmocka_unit_test(months),
        cmocka_unit_test(none), cmocka_unit_test(summer_time), cmocka_unit_test(consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
