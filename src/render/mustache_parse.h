/* A Mustache template's text to a tree of nodes. Private to the mustache files. */
#ifndef RENDER_MUSTACHE_PARSE_H
#define RENDER_MUSTACHE_PARSE_H

#include "base/arena.h"
#include "render/mustache.h"

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL, NODE_PARENT, NODE_BLOCK };

/* Where in HTML a value stands, found by mustache_html.c. */
enum place {
    PLACE_UNKNOWN,   /* not judged yet */
    PLACE_RAW,       /* as it is */
    PLACE_TEXT,      /* text or a quoted attribute */
    PLACE_URL,       /* a whole URL, or its start */
    PLACE_URL_PART,  /* behind a URL's start */
    PLACE_URL_QUERY, /* behind a literal ? or # */
    PLACE_CSS        /* in a style attribute */
};

/* INDENTATION. The specification wants a standalone partial's lines indented like its tag, and an overriding block's
 * lines freed of the indentation they were written with and given that of the place they come to. So a text knows
 * whether it begins a line of the template, `indent` is what a tag hands on to the lines of what it brings in, and
 * `strip` is what lines of a block were written with. */
struct node {
    enum node_kind kind;
    enum place place; /* VALUE */
    bool raw;         /* VALUE: {{{ }}} or {{& }} */
    bool dynamic;     /* PARTIAL, PARENT: name is looked up in the data */
    bool line_start;  /* TEXT: its first byte begins a line of the template; the text may be empty then */
    bool standalone;  /* PARTIAL, PARENT, BLOCK: alone on its line, which is not printed */
    int line;         /* from 1 */
    struct str text;  /* TEXT: the literal; else the name; both lie in the template's source */
    struct str indent;
    struct str strip;
    struct node *child; /* the first inside; a PARENT's are BLOCKs only */
    struct node *next;
};

struct mustache {
    struct arena *arena; /* owns all of it, this struct apart */
    enum mustache_kind kind;
    const char *file;
    struct str source; /* a copy of the text */
    struct node *root; /* the first node, or NULL */
    int last_line;
};

/* Fills T's root and last_line from its source. Nodes come from T's arena. ERR_DATA with FILE:LINE and a sentence. */
enum status mustache_parse(struct mustache *t, struct error *err);

#endif
