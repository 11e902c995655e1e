/* Invitations: asking somebody by mail whether a newsletter is wanted (double opt-in), the answer, and forgetting who
 * did not answer. */
#ifndef DISPATCH_INVITE_H
#define DISPATCH_INVITE_H

#include "dispatch/site.h"
#include "store/person.h"

struct inviter; /* keeps the letter from one invitation to the next */

enum status inviter_new(struct site *s, struct inviter **out, struct error *err);
/* NULL is harmless. */
void inviter_free(struct inviter *v);

struct invite {
    struct str email;
    struct person_fields fields; /* what is told of the person */
    const struct config_newsletter *newsletter;
    struct str language; /* of the subscription, if it has its own: a list in order of preference */
    struct str how;      /* of store/consent: "invitation", "page" */
    struct str origin;   /* or absent */
    bool again;          /* even when the address was asked within a day */
    bool dry;            /* say what would be done, and do nothing */
};

enum invite_result {
    INVITE_ASKED,
    INVITE_ALREADY,   /* reads it already: nothing is mailed */
    INVITE_RECENT,    /* was asked less than a day ago, whatever for: nobody can be flooded through this */
    INVITE_SUPPRESSED /* must not be mailed */
};

/* Makes a pending subscription and queues the letter that asks, in the reader's language. *result says what became of
 * it, *subscriber (0 in a dry run of a new one) who it is; WHY gets a sentence, without the address, when it is another
 * than INVITE_ASKED. ERR_DATA: EMAIL is no address that can be mailed. A crash leaves at worst a pending subscription
 * that was not asked, and may be asked at once. */
enum status invite_ask(struct inviter *v, const struct invite *in, enum invite_result *result, int64_t *subscriber,
                       struct buf *why, struct error *err);

/* What an answer did. Texts are in the arena given. */
struct invite_answer {
    int64_t subscriber;
    struct str newsletter; /* its name */
    int64_t answered_at;   /* it was confirmed before: nothing was done now */
};

/* Looks for a token in TEXT (the token itself, the link, or a mail that holds it) and confirms what it stands for: the
 * subscription becomes active from this moment, an `erased` suppression is lifted, a letter of welcome is queued.
 * ACTOR: who brings the answer. ERR_DATA: there is no token of ours in it, or it is too old, or was followed by another
 * question; ERR_NOPERM: the address must not be mailed. */
enum status invite_confirm(struct site *s, struct str text, const char *actor, struct arena *a,
                           struct invite_answer *out, struct error *err);

/* Forgets those who were asked and did not answer in time: the subscription becomes what it was before, and a person of
 * whom nothing else is known goes from both databases. *n: how many questions were closed. */
enum status invite_forget(struct site *s, int64_t *n, struct error *err);

#endif
