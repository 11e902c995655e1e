/* Untrusted HTML → the safe subset for mail. */
#ifndef RENDER_CLEAN_H
#define RENDER_CLEAN_H

#include "base/buf.h"
#include "base/status.h"

#define CLEAN_INPUT_MAX (1024 * 1024)      /* bytes of HTML taken */
#define CLEAN_OUTPUT_MAX (4 * 1024 * 1024) /* bytes of HTML made */
#define CLEAN_DEPTH_MAX 2000               /* elements open at once in the source */
#define CLEAN_NODES_MAX 100000             /* elements and pieces of text in the result */

enum clean_images {
    IMAGES_NONE, /* a picture's alternative text stands in its place */
    IMAGES_LINK, /* pictures keep their http or https address */
    IMAGES_EMBED /* `picture` says what stands for the address */
};

struct clean_options {
    struct str base_url; /* relative addresses are resolved against it; empty: they are dropped */
    enum clean_images images;
    /* For IMAGES_EMBED: gives what src becomes ("cid:…") for a picture's cleaned URL; empty: as with IMAGES_NONE. What
     * it returns must live until clean_html returns. */
    struct str (*picture)(void *arg, struct str url);
    void *picture_arg;
};

/* Appends to OUT what may be mailed of HTML (untrusted; taken as UTF-8, broken sequences become U+FFFD). O may be NULL:
 * no base, no pictures.
 *
 * The result is well-formed (also as XML), contains only the elements of render/tags.h in the shape of render/tree.h
 * and only the attributes href, src, alt, lang, dir, colspan, rowspan, scope, start and role="presentation" (on tables
 * without headers). Headings are shifted so that the first is h4 and none skips a level. Scripts, styles, forms'
 * controls, embedded and foreign content go with all that is in them, so does what is marked hidden and pictures of
 * one pixel. Cleaning the result again with the same options (but IMAGES_EMBED) gives the same bytes.
 *
 * ERR_DATA when the input is larger, deeper or more than the limits above. OUT is then as before. */
enum status clean_html(struct str html, const struct clean_options *o, struct buf *out, struct error *err);

/* Whether S has a character that can be seen (no white space, no invisible control). */
bool clean_visible(struct str s);
/* Appends S with & < > and, in attributes, " written as entities. */
void clean_escape(struct str s, bool attribute, struct buf *out);

#endif
