/* courant subscriber export: a list that `import` takes back. */
#ifndef CMD_EXTRACT_H
#define CMD_EXTRACT_H

#include "cmd/context.h"

enum status extract_export_run(struct context *c, struct error *err);

#endif
