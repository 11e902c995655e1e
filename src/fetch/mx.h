/* Whether a domain takes mail, as the system's name servers (resolv.conf) tell: asked for MX, and where there is none
 * for A and AAAA (RFC 5321 5.1); a null MX refuses (RFC 7505). c-ares does the asking; it is loaded on first use, since
 * most commands never ask. Whether the servers that an MX names are there is not looked at. */
#ifndef FETCH_MX_H
#define FETCH_MX_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct mx; /* opaque: what was asked and answered; used by one thread at a time */

enum {
    MX_AT_ONCE = 32,         /* domains */
    MX_DOMAINS_MAX = 100000, /* remembered: names of them all, 253 bytes at most, stay below 32 MiB */
    MX_SILENCE_MAX = 64      /* so many in a row without an answer: the others are not asked any more */
};

enum mx_verdict {
    MX_UNASKED,   /* never given to mx_ask, or one more than MX_DOMAINS_MAX */
    MX_TAKES,     /* it has an MX, or an address */
    MX_NO_DOMAIN, /* NXDOMAIN */
    MX_NO_MAIL,   /* a null MX, or neither MX nor address */
    MX_NO_ANSWER  /* time-out, SERVFAIL, no name server; nothing is known */
};

/* ERR_UNAVAILABLE when c-ares is not installed. *out is to be given to mx_free. */
enum status mx_new(struct mx **out, struct error *err);
/* NULL is harmless. */
void mx_free(struct mx *m);

/* Begins to ask about DOMAIN (lower-case A-labels), unless that was done before; waits only while MX_AT_ONCE others are
 * under way. A name server gets 1.2 s and, asked once more, 2.4. ERR_TEMP when SIGTERM asked to stop. */
enum status mx_ask(struct mx *m, struct str domain, struct error *err);
/* Waits until all are answered or given up. ERR_TEMP as above. */
enum status mx_settle(struct mx *m, struct error *err);
/* What is known of DOMAIN; after mx_settle. */
enum mx_verdict mx_verdict(const struct mx *m, struct str domain);
/* Why V refuses a domain, to follow its name: "does not exist", "takes no mail"; NULL where it doesn't. */
const char *mx_refusal(enum mx_verdict v);

#endif
