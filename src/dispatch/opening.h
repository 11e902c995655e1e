/* Openings: which issues may go now, and over which relays. */
#ifndef DISPATCH_OPENING_H
#define DISPATCH_OPENING_H

#include "dispatch/pool.h"
#include "queue/issue.h"

struct opening {
    int64_t issue, newsletter; /* newsletter: courant.db's id */
    uint32_t relays;           /* bits: which may carry it */
};

/* Whether deliveries of ISSUE may go at the site's time: it is sending, its hold is over, its send_window open. */
bool opening_is(const struct site *s, const struct issue_row *issue);
/* The relays of the pool that NAMES, with commas between, are names of; all when it is absent or none is there any
 * more. */
uint32_t opening_relays(const struct pool *p, struct str names);
/* The issues that may go, at most MAX of them, in the order of their ids. */
enum status opening_list(struct site *s, const struct pool *p, struct opening *list, size_t max, size_t *n,
                         struct error *err);

#endif
