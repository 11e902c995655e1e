/* courant stats: readers, growth, issues. */
#ifndef CMD_STATS_H
#define CMD_STATS_H

#include "cmd/context.h"

enum status stats_run(struct context *c, struct error *err);

#endif
