/* Who and what stood in a source's query and does not any more. */
#ifndef STORE_MISSING_H
#define STORE_MISSING_H

#include "store/import.h"

struct import_count {
    int64_t people_before;  /* who stood in the query at the last sync */
    int64_t people_now;     /* who was taken or kept so far in this one */
    int64_t people_missing; /* who stood there and does not now */
    int64_t articles_now;
    int64_t articles_renamed; /* whose address came under another id, and that are there no more */
};
/* Counts, after all rows. */
enum status import_missing(struct import *im, struct import_count *out, struct error *err);

/* Makes those who are missing removed-by-source (unless another source of the same newsletter has them), resp.
 * withdraws the articles that are missing, and forgets what was refused before and is no more. *n: how many. */
enum status import_remove_missing(struct import *im, enum import_kind kind, int64_t *n, struct error *err);

/* The second half of that alone: for a source that shows its newest articles only. */
enum status import_forget_refused(struct import *im, enum import_kind kind, struct error *err);

#endif
