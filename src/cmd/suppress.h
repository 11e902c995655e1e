/* courant suppress: add, list, remove. */
#ifndef CMD_SUPPRESS_H
#define CMD_SUPPRESS_H

#include "cmd/context.h"

enum status suppress_add_run(struct context *c, struct error *err);
enum status suppress_list_run(struct context *c, struct error *err);
enum status suppress_remove_run(struct context *c, struct error *err);

#endif
