/* Dates as feeds and pages have them in the wild. */
#ifndef TEXT_MOMENT_LOOSE_H
#define TEXT_MOMENT_LOOSE_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct zone;

/* Parses IN into *OUT: ISO 8601 as moment_parse, also cut short (2026, 2026-11, 20261123), with a day of the year
 * (2026-327), a two-digit year, slashes, wrong zone forms; the dates of mail as moment_parse_mail, with the parts in
 * any order, misspelt or foreign names of days and months (German, French, Spanish, Italian, Portuguese, Dutch), am and
 * pm, "1st", asctime's; 23.11.2026 and 11/23/2026 (month first, unless it can't be). Without a zone: ZONE's wall clock
 * (NULL: UTC). ERR_DATA with a reason when there is no date in it. */
enum status moment_parse_loose(struct str in, struct zone *zone, int64_t *out, struct error *err);

#endif
