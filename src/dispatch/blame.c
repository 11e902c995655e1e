#include "dispatch/blame.h"

#include "model/verdict.h"

#include <stdio.h>

enum { LEAST = 10 /* fewer may be chance */, SHARE = 20 /* one in so many */ };

void blame_count(struct blame *b, const struct journal_record *r, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (!r[i].issue || (r[i].verdict != VERDICT_POLICY && r[i].verdict != VERDICT_TOO_BIG)) {
            continue;
        }
        while (k < b->n && b->issues[k].issue != r[i].issue) {
            k++;
        }
        if (k == BLAME_ISSUES) {
            continue;
        }
        if (k == b->n) {
            b->issues[b->n++].issue = r[i].issue;
        }
        ++*(r[i].verdict == VERDICT_POLICY ? &b->issues[k].policy : &b->issues[k].too_big);
    }
}

void blame_tell(const struct blame *b, struct queue *q,
                void (*tell)(void *ctx, const char *about, const char *sentence), void *ctx) {
    for (size_t i = 0; i < b->n; i++) {
        int64_t counts[DELIVERY_STATES] = {0}, all = 0, n = b->issues[i].policy + b->issues[i].too_big;
        long long issue = b->issues[i].issue;
        char about[40], text[300];
        if (n < LEAST || issue_counts(q, b->issues[i].issue, counts, NULL) != OK) {
            continue;
        }
        for (size_t k = 0; k < DELIVERY_STATES; k++) {
            all += counts[k];
        }
        if (n * SHARE > all) {
            (void)snprintf(about, sizeof about, "refusals %lld", issue);
            (void)snprintf(text, sizeof text,
                           "issue %lld: %lld of its %lld messages were refused %s, which is no fault of the readers; "
                           "'courant queue list --issue %lld --state failed,deferred' shows the replies",
                           issue, (long long)n, (long long)all,
                           b->issues[i].policy ? "by policy (reputation, content or authentication)" : "as too big",
                           issue);
            tell(ctx, about, text);
        }
    }
}
