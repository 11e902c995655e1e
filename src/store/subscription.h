/* Subscriptions: a subscriber's relation to one newsletter. */
#ifndef STORE_SUBSCRIPTION_H
#define STORE_SUBSCRIPTION_H

#include "base/arena.h"
#include "store/store.h"

/* The numbers stand in courant.db. */
enum subscription_status {
    SUBSCRIPTION_PENDING = 0, /* not confirmed yet */
    SUBSCRIPTION_ACTIVE = 1,
    SUBSCRIPTION_PAUSED = 2,
    SUBSCRIPTION_LEFT = 3,
    SUBSCRIPTION_REMOVED = 4, /* removed-by-source */
    SUBSCRIPTION_NONE = 9     /* not in the database: there is no subscription */
};

/* "pending", "active", "paused", "left", "removed-by-source", "none". */
const char *subscription_status_name(enum subscription_status s);

/* What a reader wants to see; the numbers stand in courant.db. */
enum reader_format { READER_ANY = 0, READER_HTML = 1, READER_TEXT = 2 };

/* A cadence is enum config_schedule_kind's number (daily 0, weekly 1, monthly 2, immediately 3); this one: the reader
 * chose none, the newsletter's own schedule holds. */
#define CADENCE_DEFAULT (-1)
/* How much of an article's body is enum config_body's number (full 0, summary 1, titles 2); this one: the reader chose
 * nothing, as the newsletter has it. */
#define BODY_DEFAULT (-1)

/* A reader of a newsletter, as release needs it. */
struct subscription_row {
    int64_t subscriber;
    int cadence;         /* CADENCE_DEFAULT or enum config_schedule_kind */
    struct str topics;   /* separated by commas, trimmed; absent: all */
    struct str language; /* the subscription's, else the subscriber's; a list in order of preference, separated by
                            commas; absent: the site's */
    struct str timezone; /* the subscriber's, or absent */
    enum reader_format format;
    int body;               /* BODY_DEFAULT or enum config_body */
    int64_t joined_at;      /* first import or last join */
    int64_t joined_arrival; /* the highest arrival number at that moment */
};

/* Starts reading, in order of id, at most LIMIT active subscriptions of NEWSLETTER whose subscriber is active and has
 * an id above AFTER. One such reading at a time on a store; it holds a read transaction until its end, so keep LIMIT to
 * some thousands. */
enum status subscription_scan(struct store *s, int64_t newsletter, int64_t after, int64_t limit, struct error *err);
/* The next one; *more is false at the end. The slices are borrowed until the next call. */
enum status subscription_scan_next(struct store *s, struct subscription_row *row, bool *more, struct error *err);
/* Ends a reading before its end; harmless otherwise. */
void subscription_scan_end(struct store *s);

struct subscription {
    int64_t newsletter;
    struct str newsletter_name;
    int64_t subscriber;
    enum subscription_status status;
    int64_t status_at; /* since when */
    int cadence;
    struct str topics, language;
    enum reader_format format;
    int body;             /* BODY_DEFAULT or enum config_body */
    int64_t paused_until; /* of a paused one: when it resumes by itself; 0: it does not */
    int64_t joined_at, joined_arrival;
    int64_t source_joined_at; /* what the source says; history of consent. 0: nothing */
    struct str source;        /* whose import brought and may remove it; absent: by hand or by the reader */
};

/* All subscriptions of SUBSCRIBER, by newsletter's name; owned by A. */
enum status subscription_list(struct store *s, int64_t subscriber, struct arena *a, struct subscription **rows,
                              size_t *n, struct error *err);
/* Subscriber's subscription to NEWSLETTER. */
enum status subscription_get(struct store *s, int64_t newsletter, int64_t subscriber, struct arena *a, bool *found,
                             struct subscription *out, struct error *err);
/* How many active subscriptions of active subscribers NEWSLETTER has. */
enum status subscription_count(struct store *s, int64_t newsletter, int64_t *active, struct error *err);

enum subscription_verb {
    SUBSCRIPTION_JOIN,   /* becomes active. New, pending or left before: starts anew, joined NOW. Otherwise as RESUME */
    SUBSCRIPTION_INVITE, /* becomes pending, unless it is active or paused */
    SUBSCRIPTION_LEAVE,  /* becomes left */
    SUBSCRIPTION_PAUSE,  /* active becomes paused, until resumed */
    SUBSCRIPTION_RESUME  /* paused or removed-by-source becomes active again, what it had joined and its mark kept */
};

/* Does VERB for SUBSCRIBER and NEWSLETTER and writes an audit row ("reader", "admin", "source site" is ACTOR). *changed
 * (may be NULL) is false when it was so already or VERB does not apply: leaving a newsletter that was never joined,
 * resuming one that was left. What a reader or an administrator joins belongs to no source any more: no sync removes
 * it. In a transaction of its own unless one is under way. */
enum status subscription_change(struct store *s, int64_t newsletter, int64_t subscriber, enum subscription_verb verb,
                                const char *actor, int64_t now, bool *changed, struct error *err);
/* Pauses an active subscription, or moves the end of a pause: it resumes by itself at UNTIL (seconds), its mark kept.
 * 0: not by itself, as SUBSCRIPTION_PAUSE. ERR_DATA when UNTIL is not after NOW. Otherwise as subscription_change. */
enum status subscription_pause(struct store *s, int64_t newsletter, int64_t subscriber, int64_t until,
                               const char *actor, int64_t now, bool *changed, struct error *err);
/* Resumes those whose pause has ended. */
enum status subscription_lapse(struct store *s, int64_t now, struct error *err);

#endif
