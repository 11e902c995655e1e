/* Letters: plain-text messages of our own to the administrator or an editor, queued as transactional messages. */
#ifndef DISPATCH_LETTER_H
#define DISPATCH_LETTER_H

#include "dispatch/site.h"

struct letter {
    const struct config_newsletter *n; /* whose sender and relays; NULL: the first one's sender, any relay */
    const char *kind;                  /* "alarm", "draft" */
    const char *to;                    /* an address as the configuration has it */
    struct str subject, text;          /* UTF-8, text with LF */
};

/* Queues it. ERR_CONFIG when there is no sender or the address is none that can be written to. */
enum status letter_send(struct site *s, const struct letter *l, struct error *err);
/* The names of N's relays with commas between, as queue.db keeps them; absent: all. In A. */
struct str letter_relays(const struct config *c, const struct config_newsletter *n, struct arena *a);

#endif
