/* Reading cleaned HTML: the tags and texts that clean_html wrote, one after the other. Anything else is read somehow
 * and never past the end. */
#ifndef RENDER_SCAN_H
#define RENDER_SCAN_H

#include "base/buf.h"
#include "render/tags.h"

enum scan_kind { SCAN_TEXT, SCAN_OPEN, SCAN_CLOSE };

struct scan {
    struct str html; /* borrowed */
    size_t at;
};

struct scan_token {
    enum scan_kind kind;
    enum tag tag;   /* TAG_UNKNOWN for what isn't kept by clean_html */
    unsigned level; /* of a heading */
    bool is_void;   /* br, hr, img: there is no SCAN_CLOSE for it */
    struct str raw; /* the text, or the attributes: as written, borrowed */
};

/* The next token; false at the end. */
bool scan_next(struct scan *s, struct scan_token *t);
/* Appends a text or a value with its entities (&amp; &lt; &gt; &quot;) decoded. */
void scan_decode(struct str raw, struct buf *out);
/* The raw value of an attribute of an SCAN_OPEN token; STR_NONE when it has none of that name. */
struct str scan_attribute(const struct scan_token *t, struct str name);

#endif
