/* Claims become jobs: the reader's state, address and pace are joined in, the rendition is fetched. One thread. */
#ifndef DISPATCH_JOBS_H
#define DISPATCH_JOBS_H

#include "dispatch/opening.h"
#include "dispatch/pool.h"
#include "queue/delivery.h"

struct jobs;

enum status jobs_new(struct site *s, struct pool *p, struct journal *j, struct jobs **out, struct error *err);
/* NULL is harmless. */
void jobs_free(struct jobs *d);
/* What the site's clock would show had it not been pinned when this began: rules paced deliveries. Seconds. */
int64_t jobs_now(const struct jobs *d);
/* Puts a job for C into the pool, or notes why there is none: the reader left, the pace is used up, no room. ISSUE is
 * its opening; NULL for a transactional message, and for a claim whose issue may not go any more. SEEN: pool_seen
 * before the claim. On an error C is noted as untried. */
enum status jobs_make(struct jobs *d, const struct delivery_claim *c, const struct opening *issue, int64_t seen,
                      struct error *err);
/* Notes an outcome that needs no record on disk, since a crash undoes it. TEXT may be NULL. */
void jobs_note(struct jobs *d, const struct delivery_claim *c, enum outcome o, enum cancel_cause cause,
               const char *text, int64_t due_at);
/* Stores what pace the domains have used. */
enum status jobs_store_paces(struct jobs *d, struct error *err);

#endif
