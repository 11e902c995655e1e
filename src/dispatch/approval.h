/* Approval: drafts that are mailed to editors, approved, reminded of, and at their deadline sent or skipped. */
#ifndef DISPATCH_APPROVAL_H
#define DISPATCH_APPROVAL_H

#include "digest/edits.h"
#include "dispatch/run.h"

/* Lets issue ID go out as it is now: a hash over its inputs and what they are rendered to is recorded with it, and
 * nothing else is released. ERR_DATA when it is released already, or past. */
enum status approval_give(struct site *s, int64_t id, struct error *err);
/* *intact: the approved ISSUE is still what was approved (or was never hashed). */
enum status approval_check(struct site *s, const struct issue_row *issue, bool *intact, struct error *err);

/* What `issue set` changes in issue ID, a draft or an approved one, which is a draft afterwards and is mailed to the
 * editors again. Only what TOLD names is taken of EDITS. ERR_DATA with a sentence. */
enum { APPROVAL_SUBJECT = 1, APPROVAL_NOTE = 2, APPROVAL_ORDER = 4, APPROVAL_WITHOUT = 8 };
enum status approval_edit(struct site *s, int64_t id, unsigned told, struct edits *edits, struct error *err);

/* What a run does with drafts: mails new and changed ones to the editors, reminds them once in the last quarter of the
 * time there is, and at the deadline sends or skips. One that can't be mailed is told to O (may be NULL). */
enum status approval_tend(struct site *s, const struct run_options *o, struct error *err);

#endif
