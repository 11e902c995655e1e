/* courant subscriber import. */
#ifndef CMD_INTAKE_H
#define CMD_INTAKE_H

#include "cmd/context.h"

enum status intake_import_run(struct context *c, struct error *err);

#endif
