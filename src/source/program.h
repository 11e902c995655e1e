/* A program of the administrator's, run for what it prints. */
#ifndef SOURCE_PROGRAM_H
#define SOURCE_PROGRAM_H

#include "base/buf.h"
#include "base/status.h"

#include <stdint.h>

struct program {
    const char *command; /* split into words as a shell would; no shell runs, nothing is expanded */
    const char *folder;  /* where it runs */
    int64_t timeout_s;
    int out;           /* a file that gets what it prints */
    int64_t max_bytes; /* of that */
};

/* Runs P to its end: standard input empty, an environment of PATH, HOME, USER, LOGNAME, LANG, LC_ALL, TZ alone, no
 * descriptor but the three, a process group of its own, of which nothing is left when this returns. OK: it ended with 0
 * and its whole output is in the file. Else a sentence with how it ended and the last words of its standard error,
 * shortened, what looks like an address left out: ERR_NOINPUT when it can't be run, ERR_DATA when it failed, took too
 * long or printed too much, ERR_TEMP when SIGTERM came. */
enum status program_run(const struct program *p, struct error *err);

#endif
