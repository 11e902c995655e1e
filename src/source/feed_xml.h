/* The XML of a feed → a small tree. Only libxml2 looks at tags; it never sees a DTD or an entity: what a feed has of
 * these is resolved or refused before, so nothing can be fetched and nothing can grow. */
#ifndef SOURCE_FEED_XML_H
#define SOURCE_FEED_XML_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

enum feed_ns {
    NS_OTHER,
    NS_RSS, /* RSS of all versions, and no namespace */
    NS_ATOM,
    NS_DC,
    NS_CONTENT,
    NS_MEDIA,
    NS_ITUNES,
    NS_RDF,
    NS_XHTML,
    NS_HISTORY,   /* RFC 5005 */
    NS_FEEDBURNER /* which keeps the original links */
};

struct feed_attr {
    const struct feed_attr *next;
    enum feed_ns ns; /* NS_RSS: none */
    struct str name, value;
};

struct feed_node {
    enum feed_ns ns;
    struct str name; /* the local name; absent: this is text */
    struct str text; /* of a text node */
    const struct feed_attr *attrs;
    struct feed_node *parent, *first, *last, *next;
    struct str base; /* xml:base in force, resolved; absent: none was given */
    struct str lang; /* xml:lang in force; absent: none */
};

enum {
    FEED_XML_MAX = 10 << 20, /* bytes of a document */
    FEED_XML_DEPTH = 150,
    FEED_XML_NODES = 400000
};

/* Parses BYTES, whose transport named the encoding CHARSET (absent: it did not) and the address URL (absent: none, then
 * xml:base must be absolute); see feed_text_decode for what is believed. Small mistakes (bare &, HTML's entities, tags
 * not closed, control characters) are forgiven. *root and what it leads to are A's. ERR_DATA: no XML, cut off, too
 * large or deep, or a DTD that asks for external entities or nests them. */
enum status feed_xml_parse(struct str bytes, struct str charset, struct str url, struct arena *a,
                           struct feed_node **root, struct error *err);

/* The next element behind N (its first child when N is its parent: feed_first) of that name; NULL: none. */
struct feed_node *feed_first(const struct feed_node *parent, enum feed_ns ns, const char *name);
struct feed_node *feed_next(const struct feed_node *n, enum feed_ns ns, const char *name);
/* The value of an attribute without namespace (or of NS); absent: none. */
struct str feed_attr(const struct feed_node *n, const char *name);
struct str feed_attr_ns(const struct feed_node *n, enum feed_ns ns, const char *name);
/* All text below N, tags left out, as it stands. */
struct str feed_text(const struct feed_node *n, struct arena *a);
/* What is in N as HTML: markup in it is written again, addresses made absolute by xml:base. ESCAPED: its texts are HTML
 * themselves (an escaped text in an element that should not be there). */
struct str feed_markup(const struct feed_node *n, bool escaped, struct arena *a);
bool feed_has_elements(const struct feed_node *n);

#endif
