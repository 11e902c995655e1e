/* courant subscriber: list, show. */
#ifndef CMD_SUBSCRIBER_H
#define CMD_SUBSCRIBER_H

#include "cmd/context.h"

enum status subscriber_list_run(struct context *c, struct error *err);
enum status subscriber_show_run(struct context *c, struct error *err);

#endif
