/* Links: whether what an issue points to is there. */
#ifndef DISPATCH_LINKS_H
#define DISPATCH_LINKS_H

#include "dispatch/site.h"
#include "queue/issue.h"

enum { LINKS_MAX = 60 };

struct links_report {
    int64_t checked, broken;
    int64_t unchecked; /* for want of time, or the address is a private one */
    struct str lines;  /* a line for each broken one, the article's title and why; in the arena */
};

/* Asks for the articles among INPUTS, at most LINKS_MAX of them and some 20 s in all, as the machine that sends:
 * nothing of a reader is told. Private addresses only of sources that allow them. Never fails: what can't be asked is
 * counted as unchecked. ERR_TEMP when SIGTERM came. */
enum status links_check(struct site *s, const struct issue_input *inputs, size_t n, struct arena *a,
                        struct links_report *out, struct error *err);

#endif
