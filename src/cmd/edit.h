/* `issue set` and `issue correct`: what an editor changes in an issue. */
#ifndef CMD_EDIT_H
#define CMD_EDIT_H

#include "cmd/context.h"

enum status edit_set_run(struct context *c, struct error *err);
enum status edit_correct_run(struct context *c, struct error *err);

#endif
