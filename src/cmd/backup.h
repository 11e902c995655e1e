/* courant backup: both databases as they are, into a file or to standard output. */
#ifndef CMD_BACKUP_H
#define CMD_BACKUP_H

#include "cmd/context.h"

/* FILE is replaced as a whole or not at all, mode 0600; "-" is standard output, which must not be a terminal. */
enum status backup_run(struct context *c, struct error *err);

#endif
