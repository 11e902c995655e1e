/* Release: approved issues get their deliveries, marks moved in the same transaction, chunk by chunk. */
#ifndef DISPATCH_RELEASE_H
#define DISPATCH_RELEASE_H

#include "dispatch/site.h"

#include <signal.h>

/* Releases every approved issue and goes on with those whose release was cut short. STOP (may be NULL) ends it between
 * two chunks. *released counts issues finished. */
enum status release_all(struct site *s, const volatile sig_atomic_t *stop, int64_t *released, struct error *err);

#endif
