/* Keeping house: what is kept for a time only goes, and counts stay. */
#ifndef DISPATCH_RETENTION_H
#define DISPATCH_RETENTION_H

#include "dispatch/site.h"

/* Details of finished deliveries and messages older than [queue] keep, at each call; once a day (by the calendar) also
 * the lines of the audit log older than log_keep, and name and attributes of people who left attributes_keep ago
 * ([database]). Stops early, OK, when the program is asked to end. */
enum status retention_keep(struct site *s, struct error *err);

#endif
