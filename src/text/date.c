#include "text/date.h"

#include "text/civil.h"
#include "text/language.h"
#include "text/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

enum { PATTERN_MAX = 128, DATE_MAX = 128 };

struct date_formatter {
    UDateFormat *format; /* NULL: ISO 8601 */
};

/* LOCALE with its calendar. */
static void choose(const char *locale, char out[LANGUAGE_LOCALE_SIZE]) {
    size_t n = strcspn(locale, "_@");
    bool own = strncmp(locale, "fa", 2) == 0 || strncmp(locale, "th", 2) == 0;
    const char *base = strcmp(locale, "en") == 0 ? "en_001" : locale;
    /* Keywords of the tag's own (-u-ca-, -u-nu-) are dropped. */
    (void)snprintf(out, LANGUAGE_LOCALE_SIZE, "%.*s%s", (int)strcspn(base, "@"), base,
                   n == 2 && own ? "" : "@calendar=gregorian");
}

struct date_formatter *date_formatter_open(const char *lang, enum date_style style) {
    char locale[LANGUAGE_LOCALE_SIZE], full[LANGUAGE_LOCALE_SIZE];
    UChar pattern[PATTERN_MAX];
    UErrorCode code = U_ZERO_ERROR;

    struct date_formatter *f = calloc(1, sizeof *f);
    language_locale(lang, locale);
    if (!f || !language_has_data(locale)) {
        return f;
    }
    choose(locale, full);
    const UChar *skeleton = style == DATE_DAY ? u"yMMMMd" : u"yMMMd";
    UDateTimePatternGenerator *generator = udatpg_open(full, &code);
    int32_t n = udatpg_getBestPattern(generator, skeleton, -1, pattern, PATTERN_MAX, &code);
    f->format = udat_open(UDAT_PATTERN, UDAT_PATTERN, full, u"Etc/UTC", -1, pattern, n, &code);
    if (U_FAILURE(code) && f->format) {
        udat_close(f->format);
        f->format = NULL;
    }
    if (generator) {
        udatpg_close(generator);
    }
    return f;
}

void date_formatter_close(struct date_formatter *f) {
    if (f) {
        if (f->format) {
            udat_close(f->format);
        }
        free(f);
    }
}

void date_formatter_add(struct date_formatter *f, int64_t t, struct zone *zone, struct buf *out) {
    UChar u[DATE_MAX];
    char utf8[DATE_MAX * 3 + 1];
    UErrorCode code = U_ZERO_ERROR;
    struct civil c;
    int32_t n = 0;

    if (zone) {
        zone_civil(zone, t, &c);
    } else {
        civil_from_unix(t, &c);
    }
    if (f->format) {
        n = udat_format(f->format, (double)civil_to_unix(&c) * 1000, u, DATE_MAX, NULL, &code);
        u_strToUTF8(utf8, sizeof utf8, &n, u, n, &code);
    }
    if (f->format && U_SUCCESS(code)) {
        buf_add(out, (struct str){utf8, (size_t)n});
    } else {
        buf_addf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
    }
}

void date_format(int64_t t, struct zone *zone, const char *lang, enum date_style style, struct buf *out) {
    struct date_formatter *f = date_formatter_open(lang, style);
    if (f) {
        date_formatter_add(f, t, zone, out);
    } else {
        out->failed = true;
    }
    date_formatter_close(f);
}

void date_rfc5322(int64_t t, struct zone *zone, struct buf *out) {
    static const char days[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c;
    int offset = zone ? zone_offset(zone, t) / 60 * 60 : 0; /* whole minutes: the field has no seconds */

    civil_from_unix(t + offset, &c);
    buf_addf(out, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", days[c.weekday], c.day, months[c.month - 1], c.year,
             c.hour, c.minute, c.second, offset < 0 ? '-' : '+', abs(offset) / 3600, abs(offset) / 60 % 60);
}
