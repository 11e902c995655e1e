#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/moment.h"
#include "text/zone.h"

static void expect(struct zone *z, const char *in, const char *want) {
    char got[MOMENT_ISO_SIZE];
    int64_t t = -1;
    struct error err = {0};
    if (moment_parse(str_from(in), z, &t, &err) != OK) {
        fail_msg("%s: %s", in, err.text);
    }
    moment_iso(t, got);
    if (strcmp(got, want) != 0) {
        fail_msg("%s: got %s, want %s", in, got, want);
    }
}

static void test_taken(void **state) {
    (void)state;
    const char *noon[] = {
        "2026-11-23T12:00:00Z",
        "2026-11-23 12:00:00Z",
        "2026-11-23T12:00Z",
        "2026-11-23t12:00:00z",
        "2026-11-23T12:00:00.999Z",
        "2026-11-23T12:00:00,5Z",
        "2026-11-23T13:00:00+01:00",
        "2026-11-23T13:00:00+0100",
        "2026-11-23T13:00:00+01",
        "2026-11-23 12:00:00 UTC",
        "2026-11-23 13:00:00 +0100",
        "2026-11-23T06:30:00-05:30",
        "20261123T120000Z",
        "20261123T1200Z",
        "2026-11-23T12Z",
        "1795435200",
        " 2026-11-23T12:00:00Z \n",
        "2026-11-23  12:00 GMT",
        "1795435200.75",
        "2026-11-23T11:00:00\xe2\x88\x92"
        "01:00",
    };
    struct zone *z = NULL;
    assert_int_equal(zone_open(STR("Europe/Zurich"), &z, NULL), OK);
    for (size_t i = 0; i < sizeof noon / sizeof *noon; i++) {
        expect(z, noon[i], "2026-11-23T12:00:00Z");
        expect(NULL, noon[i], "2026-11-23T12:00:00Z");
    }
    /* No zone: the site's; without one, UTC. */
    expect(z, "2026-11-23T12:00:00", "2026-11-23T11:00:00Z");
    expect(z, "2026-11-23 12:00", "2026-11-23T11:00:00Z");
    expect(z, "2026-11-23", "2026-11-22T23:00:00Z");
    expect(z, "20261123", "2026-11-22T23:00:00Z");
    expect(z, "2026-03-29T02:30:00", "2026-03-29T01:00:00Z");
    expect(NULL, "2026-11-23T12:00:00", "2026-11-23T12:00:00Z");
    expect(z, "2026-11-23T24:00:00", "2026-11-23T23:00:00Z");
    expect(NULL, "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
    expect(NULL, "2024-02-29", "2024-02-29T00:00:00Z");
    expect(NULL, "0001-01-01", "0001-01-01T00:00:00Z");
    expect(NULL, "0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00Z"); /* clipped */
    expect(NULL, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z");
    expect(NULL, "-100000000", "1966-10-31T14:13:20Z");
    expect(NULL, "123456789", "1973-11-29T21:33:09Z");
    zone_close(z);
}

static void test_refused(void **state) {
    (void)state;
    const char *bad[] = {"",
                         "now",
                         "2026",
                         "2026-11",
                         "2026-13-01",
                         "2026-02-29",
                         "2026-00-01",
                         "2026-11-23T",
                         "2026-11-23T25:00",
                         "2026-11-23T24:01",
                         "2026-11-23T12:60",
                         "2026-11-23T12:00:61",
                         "2026-11-23T12:00:00.",
                         "2026-11-23T12:00:00+",
                         "2026-11-23T12:00:00+1",
                         "2026-11-23T12:00:00+01:",
                         "2026-11-23T12:00:00+24:00",
                         "2026-11-23T12:00:00 Europe/Zurich",
                         "2026-11-23x",
                         "2026/11/23",
                         "23.11.2026",
                         "2026-W48-1",
                         "1795435200000",
                         "12345678.5",
                         "-1",
                         "99999999999999999999",
                         "999999999999",
                         "12345",
                         "2026-11-233",
                         "2026-11-23T12:00:000",
                         "2026-1123",
                         "-2026-11-23",
                         "0000-01-01",
                         "2026-11-23T12:",
                         "2026-11-23T1200:00",
                         "2026-11-23T12:00Z Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t t;
        struct error err = {0};
        if (moment_parse(str_from(bad[i]), NULL, &t, &err) != ERR_DATA) {
            fail_msg("%s was taken as %lld", bad[i], (long long)t);
        }
        assert_true(err.text[0] != 0);
    }
}

static void test_mail(void **state) {
    (void)state;
    const char *cases[][2] = {
        {"Mon, 23 Nov 2026 07:00:00 +0000", "2026-11-23T07:00:00Z"},
        {"Mon, 23 Nov 2026 07:00:00 +0130", "2026-11-23T05:30:00Z"},
        {"23 Nov 2026 07:00 GMT", "2026-11-23T07:00:00Z"},
        {"Mon,23 Nov 26 07:00:00 EST", "2026-11-23T12:00:00Z"},
        {"  Thu,\r\n 13\r\n Feb\r\n 1969 (a (nested\\) comment)) 23:32 -0330 (Newfoundland Time)",
         "1969-02-14T03:02:00Z"},
        {"21 Nov 97 09:55:06 -0600", "1997-11-21T15:55:06Z"},
        {"Monday, 23 November 2026 7:00:00 PDT", "2026-11-23T14:00:00Z"},
        {"23-Nov-2026 07:00:00 XYZ", "2026-11-23T07:00:00Z"},
        {"23 Nov 126 07:00:00", "2026-11-23T07:00:00Z"},
    };
    const char *bad[] = {"",
                         "Mon",
                         "Mon, 23",
                         "Mon, 23 Foo 2026 07:00",
                         "31 Feb 2026 07:00",
                         "23 Nov 2026",
                         "23 Nov 2026 25:00",
                         "23 Nov 2026 07:00:0",
                         "(",
                         "((\\",
                         "23 Nov 12345 07:00"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t t;
        char got[MOMENT_ISO_SIZE];
        struct error err = {0};
        if (moment_parse_mail(str_from(cases[i][0]), &t, &err) != OK) {
            fail_msg("%s: %s", cases[i][0], err.text);
        }
        moment_iso(t, got);
        assert_string_equal(got, cases[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t t;
        if (moment_parse_mail(str_from(bad[i]), &t, NULL) != ERR_DATA) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
