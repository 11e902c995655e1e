/* Mail addresses (RFC 5321, 6531) and mailboxes with a display name. */
#ifndef TEXT_ADDRESS_H
#define TEXT_ADDRESS_H

#include "base/status.h"
#include "base/str.h"
#include "text/domain.h"

struct arena;

/* All slices are owned by the arena they were parsed into and have a NUL behind them or behind the whole. */
struct address {
    struct str local;  /* as it was given, with its quotes if it had any */
    struct str domain; /* lower-case A-labels */
    struct str text;   /* local@domain, as on the wire */
    struct str key;    /* the same for all spellings of one person: see address_parse */
    bool smtputf8;     /* the local part isn't ASCII: a relay must offer SMTPUTF8 (RFC 6531) */
};

/* Parses IN, one address and nothing else: RFC 5321's Mailbox with a dot-string or a quoted string before the @, UTF-8
 * allowed in both (RFC 6531 3.3), and a host name after it, of at least two labels or a
 * country's own two letters; no address literal, no comment, no
 * display name, no space around it. Local part at most 64 bytes, the whole at most 254 (RFC 5321 4.5.3.1). Control
 * characters, line ends and NUL are refused wherever they stand.
 * KEY: the local part with its quotes and backslashes taken off where they weren't needed, ASCII letters in lower case;
 * a local part that isn't ASCII is case-folded and in NFC; then @ and the domain. Two addresses are one person's
 * exactly when their keys are equal. ERR_DATA with a reason in a few words that does not repeat the address: "local
 * part is longer than 64 bytes". */
enum status address_parse(struct str in, struct arena *a, struct address *out, struct error *err);

/* What stands behind the last @ of an addr-spec (a quoted local part may hold others); all of it when there is none. */
struct str address_domain(struct str text);

/* The big provider's domain that DOMAIN (lower case) is one slip away from ("gmial.com": "gmail.com"); NULL when none
 * is. A guess: to be told to people, never acted on. */
const char *address_near(struct str domain);

/* The address with most of it hidden, for pages that others might see: "r•••@e•••.org". Owned by A. */
struct str address_mask(const struct address *address, struct arena *a);

/* Parses IN as one mailbox, "Name <local@domain>", "\"Name\" <local@domain>", "<local@domain>" or "local@domain" (RFC
 * 5322 3.4, but the name may be plain UTF-8 and needs no quotes unless it has one of <>"@ or a backslash). White space
 * around the parts is dropped. *NAME is absent when there is none, else UTF-8 without quotes and control characters,
 * owned by A. ERR_DATA as address_parse. */
enum status mailbox_parse(struct str in, struct arena *a, struct str *name, struct address *out, struct error *err);

#endif
