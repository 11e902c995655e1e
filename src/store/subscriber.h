/* Subscribers: people with an address. */
#ifndef STORE_SUBSCRIBER_H
#define STORE_SUBSCRIBER_H

#include "base/arena.h"
#include "store/store.h"
#include "store/subscription.h"

/* The numbers stand in courant.db. MERGED: another row took this one over; nothing is sent to it. */
enum subscriber_status {
    SUBSCRIBER_ACTIVE = 0,
    SUBSCRIBER_SUPPRESSED = 1,
    SUBSCRIBER_ERASED = 2,
    SUBSCRIBER_MERGED = 3
};

/* "active", "suppressed", "erased", "merged". */
const char *subscriber_status_name(enum subscriber_status s);

struct subscriber {
    int64_t id;
    struct str email;     /* as on the wire; absent when erased */
    struct str email_key; /* address.key; absent when erased */
    struct str name, given_name, language, timezone;
    enum reader_format format;
    int64_t generation;    /* counts changes of the address, from 1 */
    struct str attributes; /* a JSON object of what else the source tells; or absent */
    enum subscriber_status status;
    int64_t merged_into; /* 0: not merged */
    int64_t created_at, updated_at;
};

/* Subscriber ID, its text copied to A. */
enum status subscriber_get(struct store *s, int64_t id, struct arena *a, bool *found, struct subscriber *out,
                           struct error *err);
/* The one whose address has KEY (address.key). */
enum status subscriber_by_key(struct store *s, struct str key, struct arena *a, bool *found, struct subscriber *out,
                              struct error *err);
/* At most LIMIT with an id above AFTER in order of id; erased and merged ones left out unless ALL. */
enum status subscriber_list(struct store *s, int64_t after, size_t limit, bool all, struct arena *a,
                            struct subscriber **rows, size_t *n, struct error *err);
/* How many stand active. */
enum status subscriber_count(struct store *s, int64_t *active, struct error *err);

/* The languages of those who stand active, most spoken first, at most 200; "" is the site's. *out lies in A. */
struct subscriber_language {
    struct str tag;
    int64_t readers;
};
enum status subscriber_languages(struct store *s, struct arena *a, struct subscriber_language **out, size_t *n,
                                 struct error *err);

/* The time zones that subscribers have, each once, in the order of their names, up to 1,000; in A. */
enum status subscriber_zones(struct store *s, struct arena *a, struct str **zones, size_t *n, struct error *err);

/* What a message to a reader needs, in one look. */
struct subscriber_delivery {
    bool found;         /* false: no such subscriber */
    int64_t subscriber; /* the id after merges were resolved */
    bool merged;        /* it differs from the id asked for */
    struct str email;   /* absent when erased */
    struct str name, given_name, timezone, attributes;
    struct str language;       /* the subscription's, else the subscriber's, else absent */
    enum reader_format format; /* likewise */
    int64_t generation;
    enum subscriber_status status;
    enum subscription_status subscription; /* SUBSCRIPTION_NONE: has none to this newsletter */
};

/* Reads SUBSCRIBER as a reader of NEWSLETTER (0: of none). The slices are borrowed until the next call of this function
 * on S or the next change of its schema. */
enum status subscriber_for_delivery(struct store *s, int64_t subscriber, int64_t newsletter,
                                    struct subscriber_delivery *out, struct error *err);

#endif
