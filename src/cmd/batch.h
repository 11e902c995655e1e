/* Changes to several people at once: their words collected first, so that one can be asked before anything is done. */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include "cmd/context.h"

enum { BATCH_ASK = 10 };

struct batch {
    struct buf words; /* each with a NUL behind it */
    size_t n, at;
    int64_t pending; /* changes of the transaction under way */
    bool dry, open;
};

/* Collects the command's words from place FROM on, "-" standing for the lines of standard input. *b is to be given to
 * batch_release. --dry-run is heeded where the command has it. ERR_OS when memory ran out. */
enum status batch_read(struct context *c, size_t from, struct batch *b, struct error *err);
void batch_release(struct batch *b);
/* The next word; false at the end. */
bool batch_next(struct batch *b, struct str *word);

/* Whether batch_confirm would ask. */
bool batch_asks(const struct context *c, int64_t n);
/* On a terminal: asks whether N people (more than BATCH_ASK) shall be changed, unless --force or --dry-run. ERR_NOPERM
 * when the answer is not yes. Without a terminal nobody is asked. */
enum status batch_confirm(const struct context *c, int64_t n, const char *what, struct error *err);

/* Before each change: begins a transaction of courant.db where none is under way, and commits after every thousand; a
 * dry run never commits. */
enum status batch_step(struct context *c, struct batch *b, struct error *err);
/* Commits, or for a dry run or a failure ST takes all back. Returns ST or the commit's failure. */
enum status batch_end(struct context *c, struct batch *b, enum status st, struct error *err);

#endif
