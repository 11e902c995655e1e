/* courant run, courant send. */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/context.h"

enum status run_run(struct context *c, struct error *err);
enum status send_run(struct context *c, struct error *err);

/* Appends "built 1 issue, sent 213, deferred 2, failed 1 in 3.2 s": what is 0 is left out, nothing when all is. */
struct run_report;
void run_words(const struct run_report *r, struct buf *out);

#endif
