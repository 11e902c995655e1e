/* courant log: who changed what. */
#ifndef CMD_LOG_H
#define CMD_LOG_H

#include "cmd/context.h"

enum status log_run(struct context *c, struct error *err);
/* Adds what COMMAND did to the audit log, once it is done: what was changed in queue.db is on record too. Numbers and
 * names of the command line go with it, addresses do not. */
void log_command(struct context *c);

#endif
