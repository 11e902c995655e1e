/* The elements of HTML as far as mail knows them: what is kept, what is taken away around its content, what goes with
 * its content. */
#ifndef RENDER_TAGS_H
#define RENDER_TAGS_H

#include "base/str.h"

enum tag {
    TAG_UNKNOWN, /* 0: not an element of ours */
    TAG_ROOT,    /* the tree's top */
    TAG_TEXT,
    TAG_A,
    TAG_ABBR,
    TAG_B,
    TAG_BDI,
    TAG_BDO,
    TAG_BLOCKQUOTE,
    TAG_BR,
    TAG_CAPTION,
    TAG_CITE,
    TAG_CODE,
    TAG_DD,
    TAG_DEL,
    TAG_DIV,
    TAG_DL,
    TAG_DT,
    TAG_EM,
    TAG_FIGCAPTION,
    TAG_FIGURE,
    TAG_H, /* h1 to h6: the level is kept apart */
    TAG_HR,
    TAG_I,
    TAG_IMG,
    TAG_INS,
    TAG_LI,
    TAG_MARK,
    TAG_OL,
    TAG_P,
    TAG_PRE,
    TAG_Q,
    TAG_RP,
    TAG_RT,
    TAG_RUBY,
    TAG_S,
    TAG_SMALL,
    TAG_SPAN,
    TAG_STRONG,
    TAG_SUB,
    TAG_SUP,
    TAG_TABLE,
    TAG_TBODY,
    TAG_TD,
    TAG_TH,
    TAG_THEAD,
    TAG_TIME,
    TAG_TR,
    TAG_U,
    TAG_UL
};

enum tag_kind {
    KIND_INLINE, /* kept, part of a line */
    KIND_BLOCK,  /* kept, stands by itself */
    KIND_SPAN,   /* taken away, its content stays in the line; also every unknown element */
    KIND_DIV,    /* taken away, its content stands by itself */
    KIND_VOID,   /* br, hr, img */
    KIND_DROP    /* taken away with its content */
};

struct tag_info {
    enum tag tag; /* what it becomes; TAG_UNKNOWN for SPAN, DIV and DROP */
    enum tag_kind kind;
    unsigned level; /* of a heading, 1 to 6; else 0 */
};

/* What the element NAME is; upper and lower case of ASCII letters are the same. */
struct tag_info tag_lookup(struct str name);
/* Whether HTML has, or had, an element NAME. */
bool tag_is_known(struct str name);
/* The name of a kept element in lower case; of TAG_H: "h4" (the writer puts the level). */
const char *tag_name(enum tag tag);
/* Whether it is one of those that stand by themselves (KIND_BLOCK, and hr). */
bool tag_is_block(enum tag tag);

#endif
