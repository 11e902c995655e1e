/* Letters: single mails to one person, made of the templates mail/NAME.txt and mail/NAME.html in the reader's language.
 * A letter to a subscriber is frozen when it is queued, without what is personal: the address, the name and the links
 * are joined in when it is claimed, as with a digest. */
#ifndef DISPATCH_POST_H
#define DISPATCH_POST_H

#include "dispatch/site.h"
#include "message/notice.h"
#include "model/issue.h"
#include "queue/transactional.h"
#include "store/subscriber.h"

enum post_kind { POST_CONFIRM, POST_WELCOME, POST_KINDS };

/* "confirm", "welcome": the template's name, and the transactional message's kind. */
const char *post_name(enum post_kind kind);

struct post {
    enum post_kind kind;
    const struct config_newsletter *newsletter;
    int64_t subscriber, generation;
    const char *language; /* NULL: the site's */
    /* POST_CONFIRM: the question (store/consent) and until when it can be answered; whether we invite, or somebody
     * gave the address */
    int64_t consent, expires_at;
    bool invited;
};

/* Renders L. *frozen is what transactional_add keeps; *seen what the reader will read, subject and text with the
 * personal places named in braces. Both in A. ERR_CONFIG, ERR_DATA with FILE:LINE: a template of the site's own is
 * wrong. */
enum status post_freeze(struct site *s, const struct post *l, struct arena *a, struct str *frozen, struct str *seen,
                        struct error *err);
/* Queues what post_freeze made; the next delivery takes it along. */
enum status post_queue(struct site *s, const struct post *l, struct str frozen, int64_t *id, struct error *err);

/* What a letter that was claimed becomes: a whole message to ADDRESS, and its sender. The same for a second copy, but
 * for address and name. ERR_DATA when it can't be composed for good. */
enum status post_compose(struct site *s, int64_t id, const struct transactional *t,
                         const struct subscriber_delivery *reader, struct buf *message, struct buf *sender,
                         struct error *err);
/* Why a letter that was claimed must not go: CANCEL_NONE when it may. The address has changed since it was queued, the
 * question was answered or is too old, the reader can't be written to. */
enum status post_refuses(struct site *s, const struct transactional *t, const struct subscriber_delivery *reader,
                         enum cancel_cause *cause, struct error *err);

/* The token that answers question CONSENT with yes, NUL-terminated. */
void post_confirm_token(const struct site *s, int64_t consent, int64_t subscriber, int64_t generation,
                        int64_t expires_at, char out[TOKEN_SIZE]);
/* Reads such a token; false when it is none of ours. */
bool post_confirm_open(const struct site *s, struct str token, int64_t *consent, int64_t *subscriber,
                       int64_t *generation, int64_t *expires_at);

/* Judges the templates of all letters as `courant check` does: a sentence each for what is wrong. *bad: how many. */
enum status post_check(struct site *s, void (*note)(void *ctx, const char *sentence), void *ctx, int64_t *bad,
                       struct error *err);

#endif
