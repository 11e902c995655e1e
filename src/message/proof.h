/* Proof: that a reader's mail is what every reader of its rendition gets, but for the places declared to be personal.
 * It reads the composed bytes as a stranger would and knows nothing of how they were made. */
#ifndef MESSAGE_PROOF_H
#define MESSAGE_PROOF_H

#include "message/compose.h"

/* The header fields that are personal as a whole; DKIM-Signature is besides: it is over all of a mail. */
#define PROOF_FIELDS "To, Message-ID, List-Unsubscribe"

struct message_proof {
    int64_t slots[SLOT_COUNT]; /* how often each slot's value stands in the bodies */
    bool differs;              /* somewhere else too */
    char where[160];           /* "the text part, byte 120" */
};

/* What is kept from mail to mail; all zero at first. */
struct message_prover {
    struct message_bytes mail, frame;
    struct buf values, frame_values, text, frame_text;
};

/* Composes READER's mail of R (unsigned) and compares it byte by byte, decoded, with one for a made-up reader of whom
 * the same is known. Fails as message_compose does. */
enum status message_prove(struct message_prover *p, const struct message_rendition *r, const struct token_keys *keys,
                          const struct message_reader *reader, struct message_proof *out, struct error *err);
/* The comparison alone: p->mail with VALUES against p->frame with FRAME_VALUES. Look at the buffers' `failed`. */
void message_compare(struct message_prover *p, const struct str frame_values[SLOT_COUNT],
                     const struct str values[SLOT_COUNT], struct message_proof *out);
void message_prover_release(struct message_prover *p);

#endif
