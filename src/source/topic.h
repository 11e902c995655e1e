/* One topic out of an article's categories. */
#ifndef SOURCE_TOPIC_H
#define SOURCE_TOPIC_H

#include "base/str.h"
#include "config/config.h"

/* Begun with all zero. */
struct topic {
    struct str name; /* the one to take; absent: none was offered */
    bool known;      /* a newsletter names it */
};

/* Offers LABEL: the first one is taken, unless a later one is among TOPICS (a newsletter's, may be NULL; ASCII case
 * ignored), as it is spelled there. Borrowed from LABEL or TOPICS. */
void topic_offer(struct topic *t, const struct config_list *topics, struct str label);

#endif
