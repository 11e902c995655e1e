/* Whether a message can go over the wire as it is: no smuggling, no injection, nothing that libesmtp would change. */
#ifndef TRANSPORT_FORM_H
#define TRANSPORT_FORM_H

#include "transport/session.h"

/* NULL when M may be sent; else a sentence that says what is wrong and names no address. *dots (may be NULL): a line of
 * it begins with a dot, which must be doubled on the wire (RFC 5321 4.5.2). */
const char *form_fault(const struct transport_message *m, bool *dots);
/* Whether S can stand as ENVID: printable, and at most 100 characters as xtext (RFC 3461 4.4). */
bool form_is_envid(struct str s);

#endif
