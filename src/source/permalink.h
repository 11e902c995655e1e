/* Where an article of a folder stands on the site. */
#ifndef SOURCE_PERMALINK_H
#define SOURCE_PERMALINK_H

#include "base/arena.h"
#include "base/status.h"

/* What a pattern may name; absent ones are empty. */
struct permalink {
    struct str path;    /* folder and slug */
    struct str folder;  /* the file's, below the source's; of a bundle the one that its own stands in */
    struct str section; /* the first one of these */
    struct str slug;    /* how the article calls itself, else its file */
    struct str name;    /* how its file is called, without date and language */
    struct str language;
    int year, month, day; /* 0: not known */
};

/* PATTERN with "{slug}" and the like, and Jekyll's and Hugo's ":slug" and the like, filled in; runs of slashes behind
 * the host are one. Unknown names stay as they are. */
struct str permalink_fill(struct str pattern, const struct permalink *p, struct arena *a);

#endif
