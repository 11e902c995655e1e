/* Collecting what is wrong with a configuration file. */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "config/config.h"

/* Where complaints about one file go. */
struct report {
    const char *file; /* as the administrator gave it */
    struct config_errors *errors;
};

/* Adds "FILE:LINE: sentence" (LINE 0: "FILE: sentence"), control characters made spaces. After 200 errors further ones
 * are dropped. */
void report_add(struct report *r, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts the errors in the order of their lines; those of one line keep theirs. */
void report_sort(struct report *r);

/* Of the N names in NAMES the one that WORD was most likely meant to be, or NULL when none is near: at most one wrong,
 * missing, extra or swapped letter, two from five letters on, three from nine on. */
const char *report_nearest(struct str word, const char *const *names, size_t n);

#endif
