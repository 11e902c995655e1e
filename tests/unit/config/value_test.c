/* What counts as a duration, size, rate, time, schedule, date, host, address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/value.h"

static void test_numbers(void **state) {
    (void)state;
    int64_t n;
    size_t size;
    bool yes;
    assert_true(value_int(STR("0042"), &n) && n == 42);
    assert_false(value_int(STR(""), &n) || value_int(STR("+1"), &n) || value_int(STR("1 "), &n));
    assert_false(value_int(STR("9999999999999999"), &n));
    assert_true(value_duration(STR("90s"), &n) && n == 90);
    assert_true(value_duration(STR("5m"), &n) && n == 300);
    assert_true(value_duration(STR("1h"), &n) && n == 3600);
    assert_true(value_duration(STR("3d"), &n) && n == 259200);
    assert_true(value_duration(STR("0"), &n) && n == 0);
    assert_false(value_duration(STR("s"), &n) || value_duration(STR("5"), &n) || value_duration(STR("5w"), &n) ||
                 value_duration(STR(""), &n) || value_duration(STR("36526d"), &n) || value_duration(STR("1.5h"), &n));
    assert_true(value_size(STR("64K"), &size) && size == 65536);
    assert_true(value_size(STR("1m"), &size) && size == 1048576);
    assert_true(value_size(STR("2G"), &size) && size == INT64_C(2) << 30);
    assert_true(value_size(STR("7"), &size) && size == 7);
    assert_false(value_size(STR("K"), &size) || value_size(STR(""), &size) || value_size(STR("1025G"), &size));
    assert_true(value_bool(STR("YES"), &yes) && yes);
    assert_true(value_bool(STR("off"), &yes) && !yes);
    assert_false(value_bool(STR("1"), &yes));
}

static void test_rates(void **state) {
    (void)state;
    struct config_rate r;
    assert_true(value_rate(STR(""), &r) && r.n == 0);
    assert_true(value_rate(STR("100/s 2000/h 50000/d"), &r) && r.n == 3);
    assert_int_equal(r.limit[0].count, 100);
    assert_int_equal(r.limit[0].period_s, 1);
    assert_int_equal(r.limit[2].count, 50000);
    assert_int_equal(r.limit[2].period_s, 86400);
    assert_true(value_rate(STR("1/s,2/m, 3/h,4/d"), &r) && r.n == 4);
    assert_false(value_rate(STR("0/s"), &r) || value_rate(STR("1/w"), &r) || value_rate(STR("/s"), &r) ||
                 value_rate(STR("1/"), &r) || value_rate(STR("1"), &r) || value_rate(STR("1/s 2/s"), &r) ||
                 value_rate(STR("1 / s"), &r) || value_rate(STR("1000000001/d"), &r));
}

static void test_times(void **state) {
    (void)state;
    int m, to;
    assert_true(value_time(STR("07:05"), false, &m) && m == 425);
    assert_true(value_time(STR("7:05"), false, &m) && m == 425);
    assert_true(value_time(STR("24:00"), true, &m) && m == 1440);
    assert_false(value_time(STR("24:00"), false, &m) || value_time(STR("24:01"), true, &m) ||
                 value_time(STR("12:60"), false, &m) || value_time(STR("12"), false, &m) ||
                 value_time(STR("12:5"), false, &m) || value_time(STR(":05"), false, &m) ||
                 value_time(STR(""), false, &m) || value_time(STR("-1:00"), false, &m));
    assert_true(value_window(STR("07:00 - 24:00"), &m, &to) && m == 420 && to == 1440);
    assert_false(value_window(STR("07:00-07:00"), &m, &to) || value_window(STR("07:00"), &m, &to) ||
                 value_window(STR("07:00-08:00-09:00"), &m, &to));
}

static void test_schedules(void **state) {
    (void)state;
    struct config_schedule s;
    assert_true(value_schedule(STR("daily 06:30"), &s));
    assert_int_equal(s.kind, CONFIG_SCHEDULE_DAILY);
    assert_int_equal(s.minute, 390);
    assert_int_equal(s.first_weekday, -1);
    assert_true(value_schedule(STR("Weekly thu, Monday  7:00"), &s));
    assert_int_equal(s.kind, CONFIG_SCHEDULE_WEEKLY);
    assert_int_equal(s.weekdays, 1 | 8);
    assert_int_equal(s.first_weekday, 3);
    assert_true(value_schedule(STR("weekly sun 00:00"), &s) && s.weekdays == 64 && s.minute == 0);
    assert_true(value_schedule(STR("monthly 31 23:59"), &s) && s.month_day == 31);
    assert_true(value_schedule(STR("immediately"), &s) && s.kind == CONFIG_SCHEDULE_IMMEDIATELY);
    assert_true(value_schedule(STR("manual"), &s) && s.kind == CONFIG_SCHEDULE_MANUAL);
    static const struct str wrong[] = {STR(""),
                                       STR("daily"),
                                       STR("daily 24:00"),
                                       STR("daily mon 07:00"),
                                       STR("weekly 07:00"),
                                       STR("weekly mon"),
                                       STR("weekly mon,mon 07:00"),
                                       STR("weekly mo 07:00"),
                                       STR("monthly 0 07:00"),
                                       STR("monthly 32 07:00"),
                                       STR("monthly 1 2 07:00"),
                                       STR("monthly 07:00"),
                                       STR("manual 07:00"),
                                       STR("yearly 07:00"),
                                       STR("07:00")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_schedule(wrong[i], &s));
    unsigned bits;
    assert_true(value_cadences(STR("monthly,Daily"), &bits));
    assert_int_equal(bits, CONFIG_CADENCE(CONFIG_SCHEDULE_DAILY) | CONFIG_CADENCE(CONFIG_SCHEDULE_MONTHLY));
    assert_false(value_cadences(STR("manual"), &bits) || value_cadences(STR(" , "), &bits));
}

static void test_dates(void **state) {
    (void)state;
    static const struct str right[] = {STR("2026-11-23"),           STR("2024-02-29"),
                                       STR("2026-11-23T07:00"),     STR("2026-11-23 07:00"),
                                       STR("2026-11-23T07:00:59Z"), STR("2026-11-23T07:00+05:45")};
    static const struct str wrong[] = {STR(""),
                                       STR("2026-11"),
                                       STR("2026-13-01"),
                                       STR("2026-11-31"),
                                       STR("2025-02-29"),
                                       STR("1900-02-29"),
                                       STR("2026-11-23T"),
                                       STR("2026-11-23T24:00"),
                                       STR("2026-11-23T07:00+0545"),
                                       STR("2026-11-23T07:00Zx"),
                                       STR("23.11.2026"),
                                       STR("2026-11-23T07:00:")};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(value_date(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_date(wrong[i]));
}

static void test_hosts(void **state) {
    (void)state;
    assert_true(value_domain(STR("news.example.org")) && value_domain(STR("_dmarc.a-b.org")) && value_domain(STR("x")));
    assert_false(value_domain(STR("")) || value_domain(STR("a..b")) || value_domain(STR("a.")) ||
                 value_domain(STR("-a.org")) || value_domain(STR("a b")) || value_domain(STR("\xc3\xbc.org")));
    assert_true(value_address(STR("192.0.2.1")) && value_address(STR("2001:db8::1")));
    assert_false(value_address(STR("192.0.2.256")) || value_address(STR("[::1]")) || value_address(STR("")));
    static const struct str here[] = {STR("localhost"), STR("LOCALHOST."), STR("a.localhost"),     STR("127.0.0.1"),
                                      STR("127.9.9.9"), STR("::1"),        STR("::ffff:127.0.0.1")};
    static const struct str there[] = {STR("localhost.example.org"), STR("128.0.0.1"),    STR("::2"),
                                       STR("127.example.org"),       STR("notlocalhost"), STR(""),
                                       STR("::ffff:128.0.0.1")};
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        assert_true(value_is_loopback(here[i]));
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        assert_false(value_is_loopback(there[i]));
    assert_true(value_mailbox(STR("a@b")) && value_mailbox(STR("\xc3\xa4@b.org")));
    assert_false(value_mailbox(STR("a@")) || value_mailbox(STR("@b")) || value_mailbox(STR("a b@c")) ||
                 value_mailbox(STR("<a@b>")) || value_mailbox(STR("a")) || value_mailbox(STR("")));
    assert_true(value_colour(STR("#fff")) && value_colour(STR("#00AAff")) && value_colour(STR("navy")) &&
                value_colour(STR("RebeccaPurple")));
    assert_false(value_colour(STR("#ffff")) || value_colour(STR("#ggg")) || value_colour(STR("a b")) ||
                 value_colour(STR("navi")) || value_colour(STR("")) || value_colour(STR("#")));
}

static void test_urls(void **state) {
    (void)state;
    struct value_url u;
    assert_true(value_url(STR("https://news.example.org:8443/mail/x?y#z"), &u));
    assert_true(str_eq(u.scheme, STR("https")) && str_eq(u.host, STR("news.example.org")));
    assert_true(str_eq(u.port, STR("8443")) && str_eq(u.path, STR("/mail/x?y#z")) && !u.is_address);
    assert_true(value_url(STR("http://[2001:db8::1]"), &u) && u.is_address && str_eq(u.host, STR("2001:db8::1")));
    assert_true(!u.port.ptr && u.path.len == 0);
    assert_true(value_url(STR("http://192.0.2.1?x"), &u) && u.is_address && str_eq(u.path, STR("?x")));
    static const struct str wrong[] = {STR(""),
                                       STR("news.example.org"),
                                       STR("https://"),
                                       STR("https:///x"),
                                       STR("://a"),
                                       STR("https://u:p@a.org"),
                                       STR("https://a b"),
                                       STR("https://a/\"x"),
                                       STR("https://a/<x"),
                                       STR("https://a:0"),
                                       STR("https://a:65536"),
                                       STR("https://a:"),
                                       STR("https://[::1"),
                                       STR("https://[1.2.3.4]"),
                                       STR("https://[::1]x"),
                                       STR("https://\xc3\xbc.org")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_url(wrong[i], &u));
    struct str host;
    int port;
    assert_true(value_listen(STR("[::]:80"), &host, &port) && port == 80 && str_eq(host, STR("::")));
    assert_false(value_listen(STR("8080"), &host, &port) || value_listen(STR(":80"), &host, &port) ||
                 value_listen(STR("a"), &host, &port));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_rates), cmocka_unit_test(test_times),
        cmocka_unit_test(test_schedules), cmocka_unit_test(test_dates), cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
