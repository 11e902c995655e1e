/* Dates for readers, in their language and their calendar, and for mail headers. */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "base/buf.h"

#include <stdint.h>

struct zone;

enum date_style {
    DATE_DAY,  /* 23 November 2026, 2026年11月23日, ٢٣ نوفمبر ٢٠٢٦ */
    DATE_SHORT /* 23 Nov 2026 */
};

struct date_formatter; /* opaque: it owns an ICU formatter. For one thread at a time. */

/* A formatter for the language LANG (a tag), with its digits; Persian and Thai in the calendar their readers use, every
 * other in the Gregorian one. English without a region has the day before the month. A language that ICU does not know,
 * NULL and malformed tags give 2026-11-23. What comes out never depends on the process's locale. Opening costs about
 * 0.4 ms: keep it for several dates. NULL when memory ran out. */
struct date_formatter *date_formatter_open(const char *lang, enum date_style style);
/* NULL is harmless. */
void date_formatter_close(struct date_formatter *f);
/* Appends the day of T (seconds since 1970 UTC) in ZONE (NULL: UTC). */
void date_formatter_add(struct date_formatter *f, int64_t t, struct zone *zone, struct buf *out);
/* The three in one, for a single date. */
void date_format(int64_t t, struct zone *zone, const char *lang, enum date_style style, struct buf *out);

/* Appends T for a Date header (RFC 5322 3.3) in ZONE (NULL: UTC): "Mon, 23 Nov 2026 07:00:00 +0000". */
void date_rfc5322(int64_t t, struct zone *zone, struct buf *out);

#endif
