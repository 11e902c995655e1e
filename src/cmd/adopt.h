/* courant adopt: confirm that these databases are the ones that send. */
#ifndef CMD_ADOPT_H
#define CMD_ADOPT_H

#include "cmd/context.h"

/* --moved or --restored. ERR_TEMP while a run is at work. */
enum status adopt_run(struct context *c, struct error *err);

#endif
