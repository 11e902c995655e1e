/* A person's rights on the command line: subscriber erase, subscriber export --person. */
#ifndef CMD_RIGHTS_H
#define CMD_RIGHTS_H

#include "cmd/context.h"

/* `subscriber erase`: ADDRESS or ID each; "-": from standard input. With --forget not even a keyed hash of the address
 * stays. */
enum status rights_erase_run(struct context *c, struct error *err);
/* `subscriber export --person WORD`: all that is held on somebody, as one JSON document; WORD is an address, an id, or
 * "-" for a line of standard input. */
enum status rights_export_run(struct context *c, struct error *err);

#endif
