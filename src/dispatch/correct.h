/* Correcting an issue that is on its way, or was. */
#ifndef DISPATCH_CORRECT_H
#define DISPATCH_CORRECT_H

#include "digest/edits.h"
#include "dispatch/site.h"

struct correct_result {
    int64_t issue;   /* the one corrected, or the correction */
    int64_t readers; /* who get the correction */
    int64_t articles;
    int64_t hold_until; /* the correction is not sent before; 0: it may go at once */
    struct str subject; /* in the arena given */
};

/* `issue correct`: freezes what the articles of issue ID, the templates and settings are now; withdrawn and excluded
 * articles go. Of EDITS what TOLD names (APPROVAL_*) is taken, else what the issue has stays. Without TO_SERVED what is
 * not sent yet of ID, which is paused, becomes that; with it those who got ID are sent it as an issue of its own.
 * ERR_DATA with a sentence. */
enum status correct(struct site *s, int64_t id, bool to_served, unsigned told, struct edits *edits, struct arena *a,
                    struct correct_result *out, struct error *err);

#endif
