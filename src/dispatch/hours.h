/* Local hours: when each reader of a newsletter with local_hour is written to. An issue is one, built and released when
 * the first of its readers is due; the others' deliveries wait for their own hour. */
#ifndef DISPATCH_HOURS_H
#define DISPATCH_HOURS_H

#include "dispatch/site.h"

struct hours; /* opaque: the zones met so far, for one due time */

/* How long before DUE, N's due time by the site's clock, the first reader is due; 0 without local_hour. */
enum status hours_lead(struct site *s, const struct config_newsletter *n, int64_t due, int64_t *lead,
                       struct error *err);

/* For the release of an issue of N that is due at DUE. NULL: all go at once (no local_hour, or an extra issue, which
 * has no hour). */
enum status hours_new(struct site *s, const struct config_newsletter *n, int64_t due, struct hours **out,
                      struct error *err);
/* NULL is harmless. */
void hours_free(struct hours *h);
/* When a reader in ZONE (absent or unknown: the site's) is due. */
int64_t hours_due(struct hours *h, struct str zone);

#endif
