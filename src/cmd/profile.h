/* courant subscriber show: a person's whole history on one screen. */
#ifndef CMD_PROFILE_H
#define CMD_PROFILE_H

#include "cmd/context.h"

enum status profile_show_run(struct context *c, struct error *err);

#endif
