/* A bar that grows, on a terminal's standard error; nothing elsewhere. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "cmd/context.h"

struct progress {
    bool shown; /* standard error is a terminal, and neither -q nor --json */
    int last;   /* per cent */
    const char *what;
};

void progress_begin(struct progress *p, const struct context *c);
/* WHAT is being done, DONE of OF (0: unknown). */
void progress_tell(struct progress *p, const char *what, int64_t done, int64_t of);
/* Wipes the bar. */
void progress_end(struct progress *p);

#endif
