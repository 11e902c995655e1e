/* A file that a command writes: there as a whole or not at all, and its owner's alone. */
#ifndef CMD_OUTFILE_H
#define CMD_OUTFILE_H

#include <stdio.h>

#include "base/buf.h"
#include "cmd/context.h"

struct outfile {
    FILE *f;
    const char *path; /* borrowed */
    struct buf new;   /* the name it has meanwhile, where the file system wants one */
    bool named;
};

/* Whether PATH may be written over: ERR_USAGE when it is a database, the secret or the configuration of C's. */
enum status outfile_may(struct context *c, const char *path, struct error *err);
/* Begins what will be PATH, mode 0600. It has no name until it is whole, so that a program that is killed leaves
 * nothing behind; where the file system has none such, it is called PATH.new, which the next one to PATH takes for its
 * own. ERR_USAGE, as above; ERR_CANTCREATE. *o is to be given to outfile_end, whatever this says. */
enum status outfile_begin(struct context *c, const char *path, struct outfile *o, struct error *err);
/* Ends it: with ST OK what was written is made durable and put at its path, over what stood there, and *size (may be
 * NULL) is set; else nothing is left of it. ST, or ERR_IO. */
enum status outfile_end(struct outfile *o, enum status st, int64_t *size, struct error *err);

#endif
