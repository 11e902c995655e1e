/* courant article: list, show, remove, pin, exclude. */
#ifndef CMD_ARTICLE_H
#define CMD_ARTICLE_H

#include "cmd/context.h"

enum status article_list_run(struct context *c, struct error *err);
enum status article_show_run(struct context *c, struct error *err);
enum status article_remove_run(struct context *c, struct error *err);
enum status article_pin_run(struct context *c, struct error *err);
enum status article_exclude_run(struct context *c, struct error *err);

#endif
