/* courant article add. */
#ifndef CMD_HAND_H
#define CMD_HAND_H

#include "cmd/context.h"

enum status article_add_run(struct context *c, struct error *err);

#endif
