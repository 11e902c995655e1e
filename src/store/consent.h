/* Consent: who agreed to get a newsletter, when, how, and to which text; the questions that wait for an answer. */
#ifndef STORE_CONSENT_H
#define STORE_CONSENT_H

#include "base/arena.h"
#include "crypto/hash.h"
#include "store/store.h"
#include "store/subscription.h"

/* A record of it. Texts that come out are the arena's; absent where there is none. */
struct consent {
    int64_t id; /* 0: told by the subscription alone (a source's people) */
    int64_t subscriber;
    int64_t newsletter; /* courant.db's id */
    struct str newsletter_name;
    struct str how;         /* "invitation", "by hand", "import", "source", "page" */
    struct str origin;      /* an import's file, a source's name; no personal data */
    struct str actor;       /* who recorded it: "admin NAME", "reader", "source NAME" */
    int64_t at;             /* when it was recorded; of an invitation, when the reader was asked; 0: not known */
    int64_t expires_at;     /* until when the question can be answered; 0: nobody was asked */
    int64_t answered_at;    /* when the reader confirmed; 0: not (yet) */
    struct str answered_by; /* who brought the answer: "reader" or "admin NAME" */
    int64_t ended_at;       /* when the question was closed, by the answer, a later question or expiry; 0: it is open */
    int64_t generation;     /* of the address that was asked */
    struct str text_hash;   /* hexadecimal SHA-256 of the text the reader saw; absent: none is known */
    struct str text_language, text; /* that text */
};

/* Records C and gives its id. A subscriber of 0: of all whom an import brings, whose subscriptions then name it. Its
 * text, if it has one, is kept once for all who saw the same. In a transaction of its own unless one is under way. */
enum status consent_add(struct store *s, const struct consent *c, int64_t *id, struct error *err);
/* What SUBSCRIBER's subscriptions rest on, oldest first: own records, imports', and what sources tell. */
enum status consent_list(struct store *s, int64_t subscriber, struct arena *a, struct consent **rows, size_t *n,
                         struct error *err);
enum status consent_get(struct store *s, int64_t id, struct arena *a, bool *found, struct consent *out,
                        struct error *err);
/* The letter of question ID is queued. */
enum status consent_mailed(struct store *s, int64_t id, struct error *err);
/* When SUBSCRIBER was last asked by mail, whatever for; 0: never. */
enum status consent_last_asked(struct store *s, int64_t subscriber, int64_t *at, struct error *err);

/* Asks: SUBSCRIBER's subscription to C's newsletter becomes pending, open questions for it are closed, C is recorded.
 * *already: it is active or paused, and nothing was done. */
enum status consent_ask(struct store *s, const struct consent *c, bool *already, int64_t *id, struct error *err);
/* The question ID was answered with yes: the subscription becomes active, joined NOW. */
enum status consent_confirm(struct store *s, int64_t id, const char *actor, int64_t now, struct error *err);

/* Questions open whose time was over at NOW, and that were asked at least a day ago: at most LIMIT. */
enum status consent_expired(struct store *s, int64_t now, size_t limit, struct arena *a, struct consent **rows,
                            size_t *n, struct error *err);
/* Closes question C, which nobody answered: a pending subscription becomes what it was before the question, or goes; a
 * person who then has no subscription, no source and no other row goes too (*gone), the id never to be given again. */
enum status consent_forget(struct store *s, const struct consent *c, int64_t now, bool *gone, struct error *err);
/* Whether consent_forget would make the person go: what queue.db holds must go first. */
enum status consent_is_all(struct store *s, const struct consent *c, bool *all, struct error *err);

#endif
