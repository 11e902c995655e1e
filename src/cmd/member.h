/* courant subscriber add, set, remove: people one by one, or by a list on standard input. */
#ifndef CMD_MEMBER_H
#define CMD_MEMBER_H

#include "cmd/context.h"

enum status member_add_run(struct context *c, struct error *err);
enum status member_set_run(struct context *c, struct error *err);
enum status member_remove_run(struct context *c, struct error *err);

#endif
