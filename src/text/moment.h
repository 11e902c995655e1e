/* Points in time as people and programs write them. */
#ifndef TEXT_MOMENT_H
#define TEXT_MOMENT_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct zone;

enum { MOMENT_ISO_SIZE = 32 };

/* Parses IN into *OUT, seconds since 1970 UTC, years 1 to 9999; fractions of a second are dropped. White space around
 * IN is dropped. Taken are
 *   - ISO 8601 calendar dates and date-times: 2026-11-23, 2026-11-23T07:00, 2026-11-23 07:00:00.25, 20261123T070000; T,
 * t or spaces between; then, after at most one space, Z, UTC, GMT, +hh, +hhmm or +hh:mm (or -), else ZONE's wall clock
 *     (NULL: UTC), by zone_unix's rules for clock changes. A date alone is its first moment in ZONE. 24:00 is the next
 *     day's 00:00, a second 60 the next minute's 0.
 *   - Unix seconds: 9 to 12 digits, with an optional - before and an optional fraction behind. Eight digits are a date
 *     (20261123), 13 and more are refused, since they are likely milliseconds.
 * ERR_DATA with a reason otherwise. */
enum status moment_parse(struct str in, struct zone *zone, int64_t *out, struct error *err);

/* Parses a date of mail and RSS feeds into *OUT: RFC 5322 3.3 with the obsolete forms of 4.3 (no weekday, no seconds,
 * years of two or three digits, zone names), "Mon, 23 Nov 2026 07:00:00 +0000". Comments are dropped. A zone it does
 * not know counts as UTC, as the RFC asks. ERR_DATA with a reason otherwise. */
enum status moment_parse_mail(struct str in, int64_t *out, struct error *err);

/* "2026-11-23T07:00:00Z", NUL-terminated. T is clipped to years 1 to 9999. */
void moment_iso(int64_t t, char out[MOMENT_ISO_SIZE]);

#endif
