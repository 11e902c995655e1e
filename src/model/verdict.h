/* What an SMTP reply, or a delivery report that quotes one, means for the reader it is about. */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "base/str.h"

enum verdict {
    VERDICT_ACCEPTED,       /* 2yz */
    VERDICT_LATER,          /* server or network: this delivery waits */
    VERDICT_RELAY_RESTS,    /* 421, 454: says nothing of the reader; the relay rests, no attempt is counted */
    VERDICT_SOFT_LATER,     /* mailbox full, said for now: waits; counts as soft when it ends so */
    VERDICT_SOFT_PERMANENT, /* never for this delivery, yet the address may live: full, disabled, ambiguous */
    VERDICT_HARD,           /* the address is dead */
    VERDICT_HARD_SURE,      /* dead, and both 5.1.1 and the text say the user is unknown */
    VERDICT_TOO_BIG,        /* our fault: the message is too big; alarm, the reader stays */
    VERDICT_POLICY,         /* our fault: policy, reputation, content, authentication; alarm, the reader stays */
    VERDICT_OPERATOR        /* the operator's error: this relay stops */
};

/* A reply's parts. */
struct reply {
    int code;        /* 200 to 599, or 0 when there is none */
    int status[3];   /* RFC 3463's class, subject, detail, or 0 0 0 when there is none */
    struct str text; /* what follows, borrowed */
};

/* Takes "550 5.1.1 text", "550-5.1.1 text", "5.1.1 text", "550 text", "#5.1.1 text" or only text apart; TEXT is a reply
 * or what remains of one. A status counts only with the class 2, 4 or 5 and numbers of at most three digits (RFC 3463
 * 2); a code is three digits from 200 to 599 with a space, a hyphen or the end behind. */
struct reply reply_parse(struct str text);

/* The verdict on a reply to RCPT, DATA or the final dot, or on a report's Status and Diagnostic-Code (RFC
 * 5321 4.2, RFC 3463, RFC 5248). CODE is 0 when there is none. STATUS is as "5.1.1"; when absent or
 * malformed it is looked for at TEXT's head. TEXT is the reply's text, of several lines too, in any encoding; only its
 * first 2,000 bytes are read. The first digit of CODE (of STATUS without a code) says whether it is 2yz, 4yz or 5yz;
 * with neither it is read as a 5yz. The first rule of the table in verdict.c that fits decides: exact codes, then
 * phrases, then wildcards. Addresses, host names and URLs in TEXT count for nothing. */
enum verdict verdict_of_reply(int code, struct str status, struct str text);

/* The same for a reply to MAIL, which is about the sender or the relay: 4yz: VERDICT_RELAY_RESTS, 5yz:
 * VERDICT_OPERATOR, but VERDICT_TOO_BIG when refused by size. */
enum verdict verdict_of_mail_reply(int code, struct str status, struct str text);

/* verdict_of_reply with what led to it. */
struct judgement {
    enum verdict verdict;
    const char *reason; /* a short name such as "userunknown", "mailboxfull", "blocked"; constant */
    const char *source; /* where the rule comes from; constant */
};
struct judgement verdict_judge(int code, struct str status, struct str text);

/* "accepted", "later" ...: for logs and listings. */
const char *verdict_name(enum verdict v);

#endif
