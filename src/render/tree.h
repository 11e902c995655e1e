/* A small tree of kept elements, always in one canonical shape whatever order of tags built it: paragraphs and headings
 * hold lines only, lines never hold blocks (an inline element that spans blocks is repeated in each), lists hold items,
 * tables rows and cells, spaces stand between elements and not inside their ends. What is written from it and read
 * again gives the same tree. */
#ifndef RENDER_TREE_H
#define RENDER_TREE_H

#include "base/buf.h"
#include "render/tags.h"

#include <stdint.h>

enum dir { DIR_NONE, DIR_LTR, DIR_RTL, DIR_AUTO };
enum scope { SCOPE_NONE, SCOPE_COL, SCOPE_ROW, SCOPE_COLGROUP, SCOPE_ROWGROUP };

/* What an element may bear. The slices are borrowed: they must live as long as the tree. */
struct attributes {
    struct str url;  /* a's href, img's src: cleaned */
    struct str alt;  /* of img */
    struct str lang; /* empty: none */
    enum dir dir;
    enum scope scope;          /* of th */
    unsigned colspan, rowspan; /* of cells, 0: not given */
    bool has_start;            /* of ol */
    int start;
    unsigned level; /* of a heading */
};

/* Nodes are named by index; 0 is none, 1 the root. */
struct node {
    enum tag tag;
    uint32_t parent, first, last, next;
    struct attributes at;
    size_t text, text_len; /* of TAG_TEXT: where in the tree's text */
    bool full;             /* something is to be seen in it */
    bool ends_in_line;     /* the last that is to be seen in it is part of a line, not a block */
    bool unwrap;           /* written without its own tags */
    bool data;             /* of a table: it has headers */
};

#define TREE_BLOCKS 64 /* open at once */
#define TREE_NESTED 48 /* what may hold other blocks is opened no deeper than this */
#define TREE_LINES 32

struct tree {
    struct node *nodes; /* owned */
    uint32_t count, cap, max;
    struct buf text;                         /* owned: the bytes of all text nodes */
    bool failed;                             /* too many nodes, or memory ran out */
    uint32_t blocks[TREE_BLOCKS];            /* the open blocks, the root first */
    size_t depth;                            /* how many */
    struct attributes wanted_at[TREE_LINES]; /* inline elements that are open in the source */
    enum tag wanted[TREE_LINES];             /* … their tags */
    uint32_t wanted_id[TREE_LINES];          /* … and what tells them apart */
    size_t wanted_n;
    uint32_t made[TREE_LINES];    /* inline nodes that are open in the tree */
    uint32_t made_id[TREE_LINES]; /* … and whose they are */
    size_t made_n;
    uint32_t last_id;
    bool line;         /* the current line has content */
    bool space;        /* a space is due before the next content */
    unsigned breaks;   /* line breaks due before the next content */
    struct buf blanks; /* in pre: white space due before the next content */
};

/* What an open element was made to; for tree_close. */
struct tree_mark {
    enum { MARK_NONE, MARK_BLOCK, MARK_LINE, MARK_EDGE } kind;
    uint32_t id;
    size_t wanted_n;
};

/* At most MAX nodes: beyond, `failed` is set and what is added is lost. */
void tree_init(struct tree *t, uint32_t max);
void tree_release(struct tree *t);

/* Opens an element of KIND_INLINE, KIND_BLOCK, KIND_SPAN or KIND_DIV; the last two stay only as carriers of a language
 * or direction. Elements are closed in the order opposite to opening. */
struct tree_mark tree_open(struct tree *t, struct tag_info info, const struct attributes *at);
void tree_close(struct tree *t, struct tree_mark mark);
/* Text in UTF-8; white space is folded outside of pre. */
void tree_text(struct tree *t, struct str s);
/* A picture (AT's url and alt), a line break, a rule. */
void tree_image(struct tree *t, const struct attributes *at);
void tree_break(struct tree *t);
void tree_rule(struct tree *t);

/* Replaces all that is in NODE by the text S. */
void tree_set_text(struct tree *t, uint32_t node, struct str s);

/* The next node in document order inside of the tree, going down first; 0 at the end. *up gets how many elements end
 * before it. With SKIP the node's children are passed over. */
uint32_t tree_next(const struct tree *t, uint32_t node, bool skip, unsigned *up);

static inline struct str tree_text_of(const struct tree *t, const struct node *n) {
    return str_sub(buf_str(&t->text), n->text, n->text + n->text_len);
}

#endif
