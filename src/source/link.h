/* Links as sources give them, made absolute and safe to print. */
#ifndef SOURCE_LINK_H
#define SOURCE_LINK_H

#include "base/status.h"
#include "base/str.h"

struct arena;

/* Resolves IN against the site's address BASE (absolute, http or https) by RFC 3986 5.2; what is absolute already must
 * be http or https with a host and no user name. Bytes that no URI has (spaces, <>"{}|\^`, what is not ASCII) are
 * percent-encoded, except in the host. OUT is owned by A, with a NUL behind it. ERR_DATA with a reason in a few words:
 * "is not http or https", "has control characters". */
enum status link_resolve(struct str in, struct str base, struct arena *a, struct str *out, struct error *err);

#endif
