/* Taking a list of people in that the administrator gives: one import is one transaction. Nobody who left, is
 * suppressed or was erased comes back by it; who left or is suppressed elsewhere does so here. */
#ifndef STORE_ROLL_H
#define STORE_ROLL_H

#include "crypto/hash.h"
#include "store/consent.h"
#include "store/preference.h"
#include "store/subscriber.h"
#include "store/suppression.h"

/* What counts when somebody is known already. What reader or administrator set by hand (own) stays in any case. */
enum roll_conflict {
    ROLL_UPDATE, /* what the list tells; an empty cell tells nothing */
    ROLL_FILL,   /* what is there; the list fills gaps */
    ROLL_KEEP    /* what is there; of the list only new subscriptions, departures and suppressions */
};

struct roll_options {
    enum roll_conflict conflict;
    const struct hash_key *erased_key; /* for addresses of erased people */
    const char *actor;
    struct str origin; /* the list's name, for the record of consent; no personal data */
    int64_t now;
};

/* A row: a person, and at most one subscription. Absent slices tell nothing. */
struct roll_row {
    struct str email, key; /* address.text and address.key; or an erased one's "h:..." as key, email absent */
    struct str name, given_name, language, timezone;
    struct str attributes; /* a JSON object */
    enum reader_format format;
    int64_t newsletter; /* 0: no subscription */
    enum subscription_status status;
    int64_t status_at, paused_until, joined_at; /* INT64_MIN: not told */
    struct preferences preferences;             /* those told */
    struct consent consent;                     /* of the subscription; `how` absent: the list is all that is known */
    bool suppressed;                            /* the address must not be mailed */
    bool only;                                  /* and it is no person: a suppression alone */
    struct suppression suppression;             /* its key is not looked at; at 0: now */
};

enum roll_result {
    ROLL_ADDED,
    ROLL_UPDATED,
    ROLL_UNCHANGED,
    ROLL_ERASED /* a person who asked to be erased: nothing was kept */
};

struct roll; /* opaque: an import under way and its transaction */

/* Begins the transaction. *out is to be ended with roll_commit or roll_abort. */
enum status roll_begin(struct store *s, const struct roll_options *o, struct roll **out, struct error *err);
/* *stays (may be NULL): the list has as active whom we know as one who left. */
enum status roll_take(struct roll *r, const struct roll_row *row, enum roll_result *result, bool *stays,
                      struct error *err);
/* Writes an audit row with the counts and commits. R is freed in any case. */
enum status roll_commit(struct roll *r, struct error *err);
/* Undoes everything; NULL is harmless. */
void roll_abort(struct roll *r);

#endif
