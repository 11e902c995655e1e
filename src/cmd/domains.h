/* --check-mx: whether the domains of people on the command line take mail. */
#ifndef CMD_DOMAINS_H
#define CMD_DOMAINS_H

#include "cmd/batch.h"
#include "fetch/mx.h"

/* With --check-mx asks about the domain of every address of B, before a database is held; *out is to be given to
 * mx_free. Without it *out is NULL. ERR_UNAVAILABLE, ERR_OS. */
enum status domains_ask(const struct context *c, const struct batch *b, struct mx **out, struct error *err);
/* Why WORD, an address at DOMAIN, can't be taken, in A; absent when it can. Warns when no answer came. M may be NULL.
 */
struct str domains_refusal(const struct mx *m, struct str word, struct str domain, struct arena *a);

#endif
