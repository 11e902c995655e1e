/* Double opt-in on the command line: subscriber add --invite, subscriber confirm. */
#ifndef CMD_INVITE_H
#define CMD_INVITE_H

#include "cmd/context.h"

/* `subscriber add --invite`: asks each ADDRESS ("-": the lines of standard input) by mail. */
enum status invite_add_run(struct context *c, struct error *err);
/* `subscriber confirm`: TOKEN, the link, or "-": a mail on standard input that has it. */
enum status invite_confirm_run(struct context *c, struct error *err);

#endif
