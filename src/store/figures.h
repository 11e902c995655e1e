/* Figures: what stats counts, row by row and without names. */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "store/subscriber.h"
#include "store/suppression.h"

/* A subscription as it is counted. */
struct figure {
    int64_t newsletter;
    enum subscription_status status;
    enum subscriber_status person;
    int cadence; /* CADENCE_DEFAULT: the newsletter's own */
    enum reader_format format;
    struct str language; /* absent: the site's; borrowed */
    int64_t joined_at, status_at;
};

/* Calls FN for every subscription to NEWSLETTER (0: to any). One read transaction, FN must not wait. */
enum status figures_subscriptions(struct store *s, int64_t newsletter, void (*fn)(void *ctx, const struct figure *f),
                                  void *ctx, struct error *err);
/* Calls FN for every suppression; with NEWSLETTER for those of its subscribers alone. */
enum status figures_suppressions(struct store *s, int64_t newsletter,
                                 void (*fn)(void *ctx, enum suppression_reason reason, int64_t at), void *ctx,
                                 struct error *err);

#endif
