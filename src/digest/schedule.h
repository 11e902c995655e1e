/* Schedule arithmetic: when a newsletter is due, for each cadence. */
#ifndef DIGEST_SCHEDULE_H
#define DIGEST_SCHEDULE_H

#include "config/config.h"
#include "text/zone.h"

/* "daily", "weekly" ... as the queue and the command line name a cadence. */
const char *schedule_cadence_name(enum config_schedule_kind k);

/* The last due time of CADENCE at or before NOW (seconds since 1970 UTC) in ZONE; 0 when there is none (manual,
 * immediately). All cadences are at the schedule's time of day: weekly on its first day, else on Monday; monthly on its
 * day N, else on the 1st; a schedule's own kind follows it in all (several weekdays; 31: the month's last day). */
int64_t schedule_last_due(const struct config_schedule *s, enum config_schedule_kind cadence, struct zone *zone,
                          int64_t now);
/* The first due time after NOW; 0 when there is none. */
int64_t schedule_next_due(const struct config_schedule *s, enum config_schedule_kind cadence, struct zone *zone,
                          int64_t now);
/* The moment at which it is in zone LOCAL what it is in ZONE at T: the same date and hour. */
int64_t schedule_local(struct zone *zone, struct zone *local, int64_t t);
/* One schedule period before T: a day, a week, a month; T itself for manual and immediately. */
int64_t schedule_period_before(const struct config_schedule *s, struct zone *zone, int64_t t);

#endif
