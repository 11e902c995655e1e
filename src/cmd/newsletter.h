/* courant newsletter: list, show. */
#ifndef CMD_NEWSLETTER_H
#define CMD_NEWSLETTER_H

#include "cmd/context.h"

enum status newsletter_list_run(struct context *c, struct error *err);
enum status newsletter_show_run(struct context *c, struct error *err);

/* "daily", "weekly", "monthly", "immediately", "manual" for enum config_schedule_kind's number. */
const char *newsletter_cadence_name(unsigned kind);
/* Appends the schedule as the configuration writes it: "weekly mon,thu 07:00". */
void newsletter_schedule(const struct config_schedule *s, struct buf *out);

#endif
