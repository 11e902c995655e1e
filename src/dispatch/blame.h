/* Blame: refusals of an issue that are no reader's fault but the sender's: by policy, or for its size. */
#ifndef DISPATCH_BLAME_H
#define DISPATCH_BLAME_H

#include "queue/issue.h"
#include "queue/journal.h"

enum { BLAME_ISSUES = 32 };

struct blame { /* of one run; all zero at first */
    struct {
        int64_t issue, policy, too_big;
    } issues[BLAME_ISSUES];
    size_t n;
};

/* Counts the N records R of outcomes. */
void blame_count(struct blame *b, const struct journal_record *r, size_t n);
/* Calls TELL with a sentence, and what it is about in a word or two, for each issue of which more than one in twenty
 * messages, and ten at least, were refused so. */
void blame_tell(const struct blame *b, struct queue *q,
                void (*tell)(void *ctx, const char *about, const char *sentence), void *ctx);

#endif
