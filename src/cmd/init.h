/* courant init. */
#ifndef CMD_INIT_H
#define CMD_INIT_H

#include "cmd/context.h"

enum status init_run(struct context *c, struct error *err);

#endif
