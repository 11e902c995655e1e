/* A message as the client hands it over: the envelope of a mail transaction and the bytes of the message. */
#ifndef SINK_MESSAGE_H
#define SINK_MESSAGE_H

#include "sink/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct message {
    bool open;                        /* MAIL was accepted */
    bool eightbit, chunked;           /* BODY=8BITMIME was said; it comes by BDAT */
    struct bytes sender, mail_params; /* the path without its brackets; what stood behind it */
    struct bytes rcpts, rcpt_params;  /* the same for each RCPT that was accepted, each with its NUL */
    unsigned nrcpts;
    struct bytes body; /* without transparency's dots and the final one; empty where nobody keeps it */
    size_t size;       /* of the body, also where it isn't kept */
};

/* All zero is a message that was not begun. Ends the transaction; keeps the memory unless it is much. */
void message_reset(struct message *m);
void message_release(struct message *m);

/* Reads "<path> params", which stands behind MAIL FROM: or RCPT TO: (RFC 5321 4.1.2), and appends the path without its
 * brackets and the parameters. False, with nothing appended, when it is no such thing. */
bool message_path(const char *p, struct bytes *path, struct bytes *params);
/* The first recipient, NULL when there is none; borrowed. */
const char *message_first(const struct message *m);
/* The value of Message-ID in the header, cut to SIZE - 1 bytes; "" when there is none. */
void message_id(const struct message *m, char *id, size_t size);

/* What a client may not do to a message (RFC 5321 2.3.8 and 4.5.3.1.6, RFC 6152): a sentence for each breach goes to
 * BREACHES. Returns their number. */
#define MESSAGE_BREACHES 5
size_t message_inspect(const struct message *m, const char *breaches[static MESSAGE_BREACHES]);

#endif
