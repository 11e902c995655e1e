/* Drafts: issues that are built and not released, which editors look at, change and approve. */
#ifndef QUEUE_DRAFT_H
#define QUEUE_DRAFT_H

#include "queue/issue.h"

/* A hash over what its inputs are, names and places included. */
enum status draft_hash(struct queue *q, int64_t id, uint8_t hash[32], struct error *err);

/* A draft or approved issue changed by hand, which is a draft afterwards: its frozen SETTINGS, subject and number of
 * articles as given, the articles of the CUT_N arrivals in CUT taken out. ERR_DATA when it is released. */
enum status draft_edit(struct queue *q, const struct issue_row *row, struct str settings, const int64_t *cut,
                       size_t cut_n, struct error *err);
/* The same issue with other inputs: ROW's state, built_at, arrival_from, arrival_to, subject and articles. ERR_DATA as
 * above. */
enum status draft_rebuild(struct queue *q, const struct issue_row *row, const struct issue_input *inputs, size_t n,
                          struct error *err);
/* Notes that the editors were told of a draft, resp. reminded, at NOW. */
enum status draft_mailed(struct queue *q, int64_t id, bool reminder, int64_t now, struct error *err);
/* It may be released. APPROVED: hash of what it is now (absent: none is kept), one transaction. ERR_DATA when it is
 * released already, or past. */
enum status draft_approve(struct queue *q, int64_t id, struct str approved, struct error *err);
/* An approved issue is a draft again: it isn't what was approved any more. */
enum status draft_unapprove(struct queue *q, int64_t id, struct error *err);

#endif
