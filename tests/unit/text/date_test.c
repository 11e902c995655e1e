#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unicode/uloc.h>

#include "text/date.h"
#include "text/moment.h"
#include "text/zone.h"

enum { MONDAY = 1795417200 }; /* 2026-11-23T07:00:00Z */

static void expect(const char *lang, enum date_style style, const char *want) {
    struct buf b = BUF_INIT;
    date_format(MONDAY, NULL, lang, style, &b);
    assert_false(b.failed);
    if (strcmp(buf_cstr(&b), want) != 0) {
        fail_msg("%s: got \"%s\", want \"%s\"", lang, buf_cstr(&b), want);
    }
    buf_release(&b);
}

static void test_languages(void **state) {
    (void)state;
    expect("en", DATE_DAY, "23 November 2026");
    expect("en", DATE_SHORT, "23 Nov 2026");
    expect("en-US", DATE_DAY, "November 23, 2026");
    expect("en-GB", DATE_DAY, "23 November 2026");
    expect("de", DATE_DAY, "23. November 2026");
    expect("fr", DATE_DAY, "23 novembre 2026");
    expect("es", DATE_DAY, "23 de noviembre de 2026");
    expect("ru", DATE_DAY, "23 ноября 2026\u202fг.");
    expect("zh-Hans", DATE_DAY, "2026年11月23日");
    expect("ja", DATE_DAY, "2026年11月23日");
    expect("ko", DATE_DAY, "2026년 11월 23일");
    expect("ar", DATE_DAY, "٢٣ نوفمبر ٢٠٢٦");
    expect("he", DATE_DAY, "23 בנובמבר 2026");
    expect("iw", DATE_DAY, "23 בנובמבר 2026");
    expect("nb", DATE_DAY, "23. november 2026");
    expect("hi", DATE_DAY, "23 नवंबर 2026");
    expect("ug", DATE_DAY, "23-نويابىر، 2026");
    expect("bo", DATE_DAY, "སྤྱི་ལོ་2026 ཟླ་བ་བཅུ་གཅིག་པའི་ཚེས་23");
    expect("my", DATE_DAY, "၂၀၂၆၊ နိုဝင်ဘာ ၂၃");
    expect("vi", DATE_DAY, "23 tháng 11, 2026");
    /* calendars in daily use */
    expect("th", DATE_DAY, "23 พฤศจิกายน 2569");
    expect("fa", DATE_DAY, "۲ آذر ۱۴۰۵");
    expect("ar-SA", DATE_DAY, "٢٣ نوفمبر ٢٠٢٦");
    expect("de-u-ca-buddhist", DATE_DAY, "23. November 2026");
}

/* What ICU lacks doesn't become the process's language. */
static void test_unknown(void **state) {
    (void)state;
    UErrorCode code = U_ZERO_ERROR;
    uloc_setDefault("fr_FR", &code);
    expect("xx", DATE_DAY, "2026-11-23");
    expect("dv", DATE_SHORT, "2026-11-23");
    expect("", DATE_DAY, "2026-11-23");
    expect(NULL, DATE_DAY, "2026-11-23");
    expect("no tag", DATE_DAY, "2026-11-23");
    expect("en", DATE_DAY, "23 November 2026");
    expect("de-XX", DATE_DAY, "23. November 2026");
    uloc_setDefault("en_US", &code);
}

static void test_zone(void **state) {
    (void)state;
    struct zone *z = NULL;
    struct buf b = BUF_INIT;
    assert_int_equal(zone_open(STR("Pacific/Auckland"), &z, NULL), OK);
    date_format(MONDAY + 4 * 3600, z, "en", DATE_DAY, &b); /* there it is 24 November, 00:00 */
    assert_string_equal(buf_cstr(&b), "24 November 2026");
    zone_close(z);
    /* one formatter for several */
    struct date_formatter *f = date_formatter_open("en", DATE_SHORT);
    buf_clear(&b);
    date_formatter_add(f, 0, NULL, &b);
    date_formatter_add(f, -86400, NULL, &b);
    assert_string_equal(buf_cstr(&b), "1 Jan 197031 Dec 1969");
    date_formatter_close(f);
    date_formatter_close(NULL);
    buf_release(&b);
}

static void rfc5322(const char *zone, int64_t t, const char *want) {
    struct zone *z = NULL;
    struct buf b = BUF_INIT;
    int64_t back;
    assert_int_equal(zone_open(str_from(zone), &z, NULL), OK);
    date_rfc5322(t, z, &b);
    assert_string_equal(buf_cstr(&b), want);
    assert_int_equal(moment_parse_mail(buf_str(&b), &back, NULL), OK);
    assert_int_equal(back, t);
    zone_close(z);
    buf_release(&b);
}

static void test_mail(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    date_rfc5322(MONDAY, NULL, &b);
    assert_string_equal(buf_cstr(&b), "Mon, 23 Nov 2026 07:00:00 +0000");
    buf_release(&b);
    rfc5322("Etc/UTC", MONDAY, "Mon, 23 Nov 2026 07:00:00 +0000");
    rfc5322("Europe/Zurich", MONDAY, "Mon, 23 Nov 2026 08:00:00 +0100");
    rfc5322("America/St_Johns", MONDAY, "Mon, 23 Nov 2026 03:30:00 -0330");
    rfc5322("Asia/Kathmandu", MONDAY, "Mon, 23 Nov 2026 12:45:00 +0545");
    rfc5322("Pacific/Honolulu", MONDAY, "Sun, 22 Nov 2026 21:00:00 -1000");
    rfc5322("Europe/Zurich", MONDAY - 1000000000, "Fri, 17 Mar 1995 06:13:20 +0100");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_zone),
        cmocka_unit_test(test_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
