/* Proving: that the mails of an issue differ from reader to reader in the declared places and nowhere else. */
#ifndef DISPATCH_PROVE_H
#define DISPATCH_PROVE_H

#include "dispatch/site.h"
#include "message/proof.h"

struct prove_report {
    int64_t mails, renditions;
    int64_t left_out;                /* readers erased since, or without an address that can be mailed */
    int64_t slots_least[SLOT_COUNT]; /* how often a slot's value stands in a mail, */
    int64_t slots_most[SLOT_COUNT];  /* from and to */
    int64_t differing;               /* mails that differ elsewhere */
    int64_t first;                   /* the first of them, by its reader's id */
    char where[sizeof(((struct message_proof *)0)->where)]; /* in it */
};

/* Composes the mail of every delivery of ISSUE and compares it with its rendition's frame (message/proof.h). Writes
 * nothing. ERR_DATA when the issue has no deliveries yet, ERR_SOFTWARE when this program renders it otherwise than the
 * one that sent it. */
enum status prove(struct site *s, int64_t issue, struct prove_report *out, struct error *err);

#endif
