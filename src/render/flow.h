/* format=flowed; delsp=yes (RFC 3676): text that reads well as it stands and that a reader's program may wrap anew. */
#ifndef RENDER_FLOW_H
#define RENDER_FLOW_H

#include "base/buf.h"

#define FLOW_WIDTH 72 /* columns, the spaces at the end of a soft-broken line and the quote marks included */

struct flow {
    const char *lang;   /* the text's language, NULL: unknown */
    unsigned depth;     /* how deep it is quoted */
    struct str first;   /* what stands before the first line: indentation, a list's marker */
    struct str further; /* what stands before the lines that a line end in the text begins */
};

/* Appends TEXT as lines that end in LF. A line end in TEXT stays; where a line is longer than FLOW_WIDTH (in columns of
 * a terminal) it is broken softly wherever the language allows it: by one space and LF, which a reader's program takes
 * away together (delsp=yes), so the space between two words stands before it. A URL is never broken, nor is a link's
 * number parted from its word. Lines are quoted and space-stuffed (RFC 3676 section 4.4, 4.5). An empty line is
 * written for an empty TEXT. */
void flow_text(const struct flow *f, struct str text, struct buf *out);

/* The same for text that must keep its lines (program code): none is broken, all begin with `further`. */
void flow_verbatim(const struct flow *f, struct str text, struct buf *out);

#endif
