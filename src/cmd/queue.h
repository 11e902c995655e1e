/* courant queue: who got it, who did not and why. */
#ifndef CMD_QUEUE_H
#define CMD_QUEUE_H

#include "cmd/context.h"

enum status queue_status_run(struct context *c, struct error *err);
enum status queue_list_run(struct context *c, struct error *err);
enum status queue_show_run(struct context *c, struct error *err);
enum status queue_retry_run(struct context *c, struct error *err);
enum status queue_hold_run(struct context *c, struct error *err);
enum status queue_release_run(struct context *c, struct error *err);

#endif
