/* courant check. */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include "cmd/context.h"

enum status check_run(struct context *c, struct error *err);

#endif
