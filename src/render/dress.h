/* Clean HTML → the same with the styles that matter on the elements themselves: clients drop style sheets. */
#ifndef RENDER_DRESS_H
#define RENDER_DRESS_H

#include "base/buf.h"
#include "base/str.h"

struct dress {
    const char *link, *line; /* colours, "#rrggbb" */
    bool rtl;                /* the start is on the right */
    int raise;               /* headings, which are h4 to h6, become so much higher ones: 2 makes them h2 to h4 */
};

/* Appends HTML, which clean_html has made, with a style attribute on links, pictures, quotes, code, and the cells of
 * tables. */
void dress_html(struct str html, const struct dress *d, struct buf *out);

#endif
