/* Dates of the wild, each beside the moment that is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/moment.h"
#include "text/moment_loose.h"
#include "text/zone.h"

static void reads(void **state) {
    static const struct {
        const char *in, *iso;
    } cases[] = {{"Mon, 23 Nov 2026 07:00:00 +0000", "2026-11-23T07:00:00Z"},
                 {"Mon, 23 Nov 2026 07:00:00 GMT", "2026-11-23T07:00:00Z"},
                 {"Tue, 23 Nov 2026 07:00:00 GMT", "2026-11-23T07:00:00Z"}, /* a wrong weekday */
                 {"23 Nov 26 7:00 EST", "2026-11-23T12:00:00Z"},
                 {"Monday, 23-Nov-26 07:00:00 UTC", "2026-11-23T07:00:00Z"},
                 {"Mon Nov 23 07:00:00 2026", "2026-11-23T06:00:00Z"}, /* asctime has no zone */
                 {"Mon, 23 Nov 2026 07:00:00 +01:00", "2026-11-23T06:00:00Z"},
                 {"Mon, 23 Nov 2026 07:00:00 +0100 (CET)", "2026-11-23T06:00:00Z"},
                 {"Mon, 23 Nov 2026 07:00:00 GMT+0100", "2026-11-23T06:00:00Z"},
                 {"Mon,23 Nov 2026 07:00:00 Z", "2026-11-23T07:00:00Z"},
                 {"Mon, 23 Nov 2026", "2026-11-22T23:00:00Z"},
                 {"November 23, 2026", "2026-11-22T23:00:00Z"},
                 {"Nov. 23rd, 2026 at 7:05 pm", "2026-11-23T18:05:00Z"},
                 {"12:30 AM, 23 November 2026 UTC", "2026-11-23T00:30:00Z"},
                 {"Mo, 23 Dez 2026 07:00:00 +0100", "2026-12-23T06:00:00Z"},
                 {"mar., 24 f\xc3\xa9vr. 2026 07:00:00 +0100", "2026-02-24T06:00:00Z"},
                 {"mardi 3 mars 2026 07:00 CET", "2026-03-03T06:00:00Z"},
                 {"martes, 03 ago 2026 07:00:00 GMT", "2026-08-03T07:00:00Z"},
                 {"23.11.2026 07:00", "2026-11-23T06:00:00Z"},
                 {"11/23/2026 7:00:00 AM", "2026-11-23T06:00:00Z"},
                 {"23/11/2026", "2026-11-22T23:00:00Z"},
                 {"2026/11/23 07:00:00", "2026-11-23T06:00:00Z"},
                 {"2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z"},
                 {"2026-11-23T07:00:00.123456+0530", "2026-11-23T01:30:00Z"},
                 {"2026-11-23T07:00+1:00", "2026-11-23T06:00:00Z"},
                 {"2026-11-23 07:00:00 UTC", "2026-11-23T07:00:00Z"},
                 {"2026-11", "2026-10-31T23:00:00Z"},
                 {"2026", "2025-12-31T23:00:00Z"},
                 {"2026-327T07:00:00Z", "2026-11-23T07:00:00Z"},
                 {"20261123T070000Z", "2026-11-23T07:00:00Z"},
                 {"26-11-23T07:00:00Z", "2026-11-23T07:00:00Z"},
                 {"2026\xe5\xb9\xb4"
                  "11\xe6\x9c\x88"
                  "23\xe6\x97\xa5 07:00 UTC",
                  "2026-11-23T07:00:00Z"},
                 {"Mon, 31 Nov 2026 07:00:00 GMT", "2026-12-01T07:00:00Z"}, /* carried over */
                 {"Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00:00Z"},
                 {"1795417200", "2026-11-23T07:00:00Z"}};
    struct zone *zone = NULL;
    (void)state;
    assert_int_equal(zone_open(STR("Europe/Zurich"), &zone, NULL), OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        int64_t t = 0;
        char iso[MOMENT_ISO_SIZE] = "";
        if (moment_parse_loose(str_from(cases[i].in), zone, &t, &err) == OK) {
            moment_iso(t, iso);
        }
        if (strcmp(iso, cases[i].iso) != 0) {
            fail_msg("%s: got '%s' %s, want %s", cases[i].in, iso, err.text, cases[i].iso);
        }
    }
    zone_close(zone);
}

static void refuses(void **state) {
    static const char *const bad[] = {"",
                                      "soon",
                                      "today",
                                      "12:00",
                                      "23",
                                      "Monday",
                                      "Nov",
                                      "1st",
                                      "99/99/2026",
                                      "2026-13-01",
                                      "2026-00-00",
                                      "-",
                                      "+0100",
                                      "45 Nov 2026",
                                      "Mon, 23 Nov",
                                      "Mon, 23 Nov 2026 27:00:00 GMT",
                                      "1234567890123456789012"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t t;
        if (moment_parse_loose(str_from(bad[i]), NULL, &t, NULL) == OK) {
            char iso[MOMENT_ISO_SIZE];
            moment_iso(t, iso);
            fail_msg("'%s' was read as %s", bad[i], iso);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
