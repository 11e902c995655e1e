/* courant source: list, sync. */
#ifndef CMD_SOURCE_H
#define CMD_SOURCE_H

#include "cmd/context.h"

enum status source_list_run(struct context *c, struct error *err);
enum status source_sync_run(struct context *c, struct error *err);

#endif
