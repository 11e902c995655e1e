/* courant subscriber erase. */
#ifndef CMD_ERASE_H
#define CMD_ERASE_H

#include "cmd/context.h"

/* ADDRESS or ID each; "-": from standard input. With --forget not even a keyed hash of the address stays. */
enum status erase_run(struct context *c, struct error *err);

#endif
