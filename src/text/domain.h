/* Host names: checked, in lower-case A-labels (RFC 5890), mapped by UTS 46 (non-transitional). */
#ifndef TEXT_DOMAIN_H
#define TEXT_DOMAIN_H

#include "base/status.h"
#include "base/str.h"

struct arena;

/* Checks the host name IN (UTF-8 or ASCII) and gives its form for the wire in *OUT: lower case, labels that aren't
 * ASCII as A-labels (RFC 5891; mapped by UTS 46, non-transitional, so that "ß" stays a letter of its own). A single dot
 * at the end is dropped. Each label has 1 to 63 letters, digits and hyphens, no hyphen at its ends (RFC 1123 2.1); the
 * whole has at most 253 bytes. One label alone ("localhost") is allowed. Not for IP addresses: a dotted quad passes
 * unchanged, an IPv6 address fails. OUT is owned by A, with a NUL behind it. ERR_DATA with a few words of reason, which
 * do not repeat the name: "domain has an empty label". */
enum status domain_normalise(struct str in, struct arena *a, struct str *out, struct error *err);

/* For people's eyes: the name with its A-labels as Unicode where they are well-formed, else as it is. OUT is owned by A
 * or is DOMAIN itself. Never put this form on the wire or compare it. */
void domain_display(struct str domain, struct arena *a, struct str *out);

#endif
