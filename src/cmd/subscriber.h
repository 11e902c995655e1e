/* courant subscriber list; and what a person's line is, for show. */
#ifndef CMD_SUBSCRIBER_H
#define CMD_SUBSCRIBER_H

#include "cmd/context.h"
#include "store/subscriber.h"

enum { SUBSCRIBER_COLUMNS = 6 };
extern const struct table_column subscriber_columns[SUBSCRIBER_COLUMNS];

/* Prints the values of these columns; DETAILS: subscriptions with all that show tells. WORDS is work space. */
enum status subscriber_values(struct context *c, const struct subscriber *s, bool details, struct buf *words,
                              struct error *err);

enum status subscriber_list_run(struct context *c, struct error *err);

#endif
