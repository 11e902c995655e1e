/* The options by which listings and exports choose people. */
#ifndef CMD_FIND_H
#define CMD_FIND_H

#include "cmd/context.h"
#include "store/search.h"

/* For the table of commands. */
#define FIND_OPTIONS                                                                                                   \
    {"newsletter", "NAME", "who has, or had, a subscription to it"},                                                   \
        {"status", "STATUSES",                                                                                         \
         "active, pending, paused, left, removed-by-source, suppressed, erased; several with commas"},                 \
        {"topic", "TOPIC", "who has chosen it"}, {"language", "TAG", "whose language it is; zh finds zh-Hans too"},    \
        {"attribute", "NAME[=VALUE]", "who has this attribute"}, {"joined-since", "TIME", "who joined then or later"}, \
        {"joined-before", "TIME", "who joined before"}, {                                                              \
        "all", NULL, "also those that were erased"                                                                     \
    }

/* What the command line asks for; argument 0, where there is one, is a part of the address. Slices are argv's or the
 * context's configuration's. ERR_USAGE, ERR_NOINPUT (there is no such newsletter). */
enum status find_options(struct context *c, struct search *out, struct error *err);
/* The id of newsletter NAME in courant.db; one that only the database still knows does as well. ERR_NOINPUT, naming the
 * nearest; 0 when nobody ever joined it. */
enum status find_newsletter(struct context *c, const char *name, int64_t *id, struct error *err);

#endif
