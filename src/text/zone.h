/* Time zones by their names in the tz database ("Europe/Zurich"). The system's database is asked first, since it is
 * kept up to date; ICU's copy, which in a stable distribution is years old, where the system has none. */
#ifndef TEXT_ZONE_H
#define TEXT_ZONE_H

#include "base/status.h"
#include "base/str.h"
#include "text/civil.h"

struct zone; /* opaque: it owns tables or an ICU calendar. For one thread at a time; open one a thread. */

/* Opens the zone NAME. *OUT is the caller's, to be closed with zone_close. ERR_DATA for a name that no
 * database has; three-letter names that only ICU knows and that mean several zones ("IST", "BST") are refused too. */
enum status zone_open(struct str name, struct zone **out, struct error *err);
/* UTC, never fails but for memory (NULL then). */
struct zone *zone_open_utc(void);
/* NULL is harmless. */
void zone_close(struct zone *z);
/* The name as it was given to zone_open; "Etc/UTC" for zone_open_utc. Lives as long as Z. */
const char *zone_name(const struct zone *z);

/* What a clock on the wall shows at T (seconds since 1970 UTC, clipped to CIVIL_FIRST to CIVIL_LAST). */
void zone_civil(struct zone *z, int64_t t, struct civil *out);
/* When a clock on the wall shows C, in seconds since 1970 UTC. Fields beyond their range carry over as in
 * civil_to_unix. A time that a clock put forward never shows gives the first moment after the gap; one that a clock put
 * back shows twice gives the first of both. */
int64_t zone_unix(struct zone *z, const struct civil *c);
/* Seconds to add to UTC at T: 3600 for Zurich in winter. */
int zone_offset(struct zone *z, int64_t t);

#endif
