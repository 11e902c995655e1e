/* Finding subscribers: what the administrator's listings and exports ask for. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/subscriber.h"

/* Whom a search finds: those for whom all that is told holds. Zeroed: everybody but the erased and merged. */
struct search {
    bool all;               /* the erased too */
    struct str part;        /* of the address, ASCII case ignored; absent: any */
    unsigned people;        /* bits 1 << enum subscriber_status; 0: any */
    unsigned subscriptions; /* bits 1 << enum subscription_status, of those whose person is active; 0: any. With PEOPLE:
                               one of both */
    int64_t newsletter;     /* has a subscription to it; 0: need not */
    struct str topic;       /* has chosen it, in a subscription */
    struct str language;    /* "zh" finds zh-Hans too */
    struct str attribute;   /* has it; */
    struct str value;       /* with this value, unless absent */
    int64_t joined_from;    /* a subscription joined at or after; INT64_MIN: any */
    int64_t joined_to;      /* and before; INT64_MAX: any */
};
#define SEARCH_INIT ((struct search){.joined_from = INT64_MIN, .joined_to = INT64_MAX})

/* At most LIMIT subscribers with an id above AFTER, in order of id. What was said of a subscription (newsletter, topic,
 * status, date) must hold of one and the same. The read transaction has ended when it
 * returns. */
enum status search_page(struct store *s, const struct search *what, int64_t after, size_t limit, struct arena *a,
                        struct subscriber **rows, size_t *n, struct error *err);
/* The same in order of address (address.key), behind AFTER (absent: from the first). The erased have none and don't
 * come. */
enum status search_by_key(struct store *s, const struct search *what, struct str after, size_t limit, struct arena *a,
                          struct subscriber **rows, size_t *n, struct error *err);
/* The names of all attributes, sorted; at most LIMIT. */
enum status search_attributes(struct store *s, size_t limit, struct arena *a, struct str **names, size_t *n,
                              struct error *err);
/* How many there are; it looks at everybody. */
enum status search_count(struct store *s, const struct search *what, int64_t *n, struct error *err);

#endif
