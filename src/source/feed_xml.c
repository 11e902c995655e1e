#include "source/feed_xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "render/clean.h"
#include "source/feed_text.h"
#include "source/link.h"

enum { ATTRIBUTES_MAX = 10000 };

struct builder {
    struct arena *a;
    struct str url;
    xmlParserCtxtPtr parser;
    struct feed_node *root;
    struct feed_node *open[FEED_XML_DEPTH]; /* what the parser has open */
    size_t depth, nodes;
    enum feed_ns plain; /* what no namespace means */
    struct str root_uri, root_name;
    struct buf text; /* since the last tag */
    const char *too;
};

static enum feed_ns namespace_of(const struct builder *b, struct str uri, struct str prefix) {
    static const struct {
        const char *uri, *prefix;
        enum feed_ns ns;
    } known[] = {{"http://www.w3.org/2005/Atom", "atom", NS_ATOM},
                 {"http://purl.org/atom/ns#", NULL, NS_ATOM},
                 {"http://purl.org/rss/1.0/modules/content/", "content", NS_CONTENT},
                 {"http://purl.org/dc/elements/1.1/", "dc", NS_DC},
                 {"http://purl.org/dc/elements/1.0/", NULL, NS_DC},
                 {"http://purl.org/dc/terms/", "dcterms", NS_DC},
                 {"http://search.yahoo.com/mrss", "media", NS_MEDIA},
                 {"http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes", NS_ITUNES},
                 {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf", NS_RDF},
                 {"http://www.w3.org/1999/xhtml", "xhtml", NS_XHTML},
                 {"http://purl.org/syndication/history/1.0", "fh", NS_HISTORY},
                 {"http://rssnamespace.org/feedburner/ext/1.0", "feedburner", NS_FEEDBURNER},
                 {"http://purl.org/rss/1.0/", NULL, NS_RSS},
                 {"http://my.netscape.com/rdf/simple/0.9/", NULL, NS_RSS},
                 {"http://channel.netscape.com/rdf/simple/0.9/", NULL, NS_RSS},
                 {"http://backend.userland.com/", NULL, NS_RSS},
                 {"http://blogs.law.harvard.edu/tech/rss", NULL, NS_RSS}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct str name = str_from(known[i].uri);
        /* as people write them: in any case, with and without the slash, with a version behind */
        bool open_end = known[i].ns == NS_MEDIA || known[i].ns == NS_RSS;
        if (str_eq_nocase(uri, name) || (open_end && str_starts_nocase(uri, name)) ||
            (!uri.len && prefix.len && known[i].prefix && str_eq_nocase(prefix, str_from(known[i].prefix)))) {
            return known[i].ns;
        }
    }
    return (!uri.len && !prefix.len) || (uri.len && str_eq(uri, b->root_uri)) ? b->plain : NS_OTHER;
}

static void stop(struct builder *b, const char *too) {
    b->too = too;
    xmlStopParser(b->parser);
}

static struct feed_node *add(struct builder *b, struct feed_node *parent) {
    if (++b->nodes > FEED_XML_NODES) {
        stop(b, "has too many elements");
        return NULL;
    }
    struct feed_node *n = arena_alloc(b->a, sizeof *n);
    n->parent = parent;
    if (parent) {
        n->base = parent->base;
        n->lang = parent->lang;
        if (parent->last) {
            parent->last->next = n;
        } else {
            parent->first = n;
        }
        parent->last = n;
    }
    return n;
}

static void flush(struct builder *b) {
    if (b->text.len && b->depth) {
        struct feed_node *n = add(b, b->open[b->depth - 1]);
        if (n) {
            n->text = arena_str(b->a, buf_str(&b->text));
        }
    }
    buf_clear(&b->text);
}

static bool is_entry(const struct feed_node *n) {
    return (n->ns == NS_RSS && str_eq(n->name, STR("item"))) || (n->ns == NS_ATOM && str_eq(n->name, STR("entry")));
}

static struct str from_xml(const xmlChar *s) {
    return str_from((const char *)s);
}

static void take_attribute(struct builder *b, struct feed_node *n, const xmlChar **at) {
    struct feed_attr *x = arena_alloc(b->a, sizeof *x);
    struct str prefix = from_xml(at[1]);
    bool xml = str_eq(prefix, STR("xml"));
    x->name = arena_str(b->a, from_xml(at[0]));
    x->value = arena_str(b->a, (struct str){(const char *)at[3], (size_t)(at[4] - at[3])});
    x->ns = xml ? NS_OTHER : prefix.len ? namespace_of(b, from_xml(at[2]), prefix) : NS_RSS;
    x->next = n->attrs;
    n->attrs = x;
    if (xml && str_eq(x->name, STR("lang"))) {
        n->lang = x->value;
    } else if (xml && str_eq(x->name, STR("base"))) {
        struct str base = n->base.ptr ? n->base : b->url;
        (void)link_resolve(str_trim(x->value), base, b->a, &n->base, NULL); /* else as around it */
    }
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces_n,
                     const xmlChar **namespaces, int n_attrs, int defaulted, const xmlChar **attrs) {
    struct builder *b = ctx;
    (void)namespaces_n, (void)namespaces, (void)defaulted;
    if (b->too) {
        return;
    }
    flush(b);
    if (b->depth == FEED_XML_DEPTH) {
        stop(b, "is nested too deep");
        return;
    }
    struct feed_node probe = {.name = from_xml(name)};
    if (!b->root) {
        b->root_name =
            arena_printf(b->a, "%s%s%s", prefix ? (const char *)prefix : "", prefix ? ":" : "", (const char *)name);
        b->plain = str_eq_nocase(probe.name, STR("feed")) ? NS_ATOM : NS_RSS;
        b->root_uri = arena_str(b->a, from_xml(uri));
    }
    probe.ns = namespace_of(b, from_xml(uri), from_xml(prefix));
    struct feed_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
    for (struct feed_node *p = is_entry(&probe) ? parent : NULL; p; p = p->parent) {
        if (is_entry(p)) { /* the one before was not closed */
            parent = p->parent;
            break;
        }
    }
    struct feed_node *n = add(b, parent);
    if (!n) {
        return;
    }
    n->ns = probe.ns;
    n->name = arena_str(b->a, probe.name);
    for (int i = 0; i < n_attrs; i++) {
        take_attribute(b, n, attrs + (ptrdiff_t)5 * i);
    }
    b->root = b->root ? b->root : n;
    b->open[b->depth++] = n;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    struct builder *b = ctx;
    (void)name, (void)prefix, (void)uri; /* ends come in the order opposite to the starts */
    if (!b->too && b->depth) {
        flush(b);
        b->depth--;
    }
}

static void on_text(void *ctx, const xmlChar *text, int len) {
    struct builder *b = ctx;
    if (!b->too && len > 0) {
        buf_add(&b->text, (struct str){(const char *)text, (size_t)len});
    }
}

/* The parser compares each attribute of a tag with all others of it. */
static bool attributes_are_few(struct str s) {
    size_t n = 0;
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] == '<') {
            n = 0;
        } else if (s.ptr[i] == '=' && (s.ptr[i + 1] == '"' || s.ptr[i + 1] == '\'' || s.ptr[i + 1] <= ' ')) {
            if (++n > ATTRIBUTES_MAX) {
                return false;
            }
        }
    }
    return true;
}

/* Whether the last tag is the root's: what was cut off on its way must not be taken for all. */
static bool is_whole(struct str s, struct str root) {
    s = str_trim(s);
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\0')) {
        s.len--;
    }
    s = str_ends(s, STR(">")) ? str_trim(str_sub(s, 0, s.len - 1)) : s;
    if (s.len > root.len + 2 && str_ends(s, root)) {
        return str_ends(str_sub(s, 0, s.len - root.len), STR("</"));
    }
    return str_ends(s, STR("/")); /* an empty root */
}

static enum status parse(struct builder *b, struct str text, struct error *err) {
    xmlInitParser();
    b->parser = xmlCreateMemoryParserCtxt(text.ptr, (int)text.len);
    if (!b->parser || !b->parser->sax) {
        return error_set(err, ERR_OS, "out of memory");
    }
    (void)xmlCtxtUseOptions(b->parser, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                           XML_PARSE_IGNORE_ENC);
    (void)xmlSwitchEncoding(b->parser, XML_CHAR_ENCODING_UTF8);
    *b->parser->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                                      .startElementNs = on_start,
                                      .endElementNs = on_end,
                                      .characters = on_text,
                                      .cdataBlock = on_text,
                                      .ignorableWhitespace = on_text};
    b->parser->userData = b;
    (void)xmlParseDocument(b->parser);
    if (b->too) {
        return error_set(err, ERR_DATA, "the feed %s", b->too);
    }
    if (!b->root) {
        return error_set(err, ERR_DATA, "that is no feed: there is no XML in it");
    }
    flush(b);
    if (!is_whole(text, b->root_name)) {
        return error_set(err, ERR_DATA, "the feed ends in the midst (its last tag is not </%.*s>)",
                         STR_ARG(str_sub(b->root_name, 0, 60)));
    }
    return b->text.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

enum status feed_xml_parse(struct str bytes, struct str charset, struct str url, struct arena *a,
                           struct feed_node **root, struct error *err) {
    struct builder b = {.a = a, .url = url, .text = BUF_INIT};
    struct buf utf8 = BUF_INIT;
    struct buf xml = BUF_INIT;
    enum status st = OK;
    *root = NULL;
    if (bytes.len > FEED_XML_MAX) {
        st = error_set(err, ERR_DATA, "the feed is larger than %d MB", FEED_XML_MAX >> 20);
    } else if ((st = feed_text_decode(bytes, charset, &utf8, err)) == OK &&
               (st = feed_text_mend(buf_str(&utf8), &xml, err)) == OK) {
        st = !attributes_are_few(buf_str(&xml))
                 ? error_set(err, ERR_DATA, "the feed has a tag with too many attributes")
             : xml.len > 2 * FEED_XML_MAX ? error_set(err, ERR_DATA, "the feed is too large")
                                          : parse(&b, buf_str(&xml), err);
    }
    if (b.parser) {
        xmlFreeParserCtxt(b.parser);
    }
    buf_release(&b.text);
    buf_release(&utf8);
    buf_release(&xml);
    *root = st == OK ? b.root : NULL;
    return st;
}

static struct feed_node *from(struct feed_node *n, enum feed_ns ns, const char *name) {
    while (n && (n->ns != ns || !n->name.ptr || !str_eq_nocase(n->name, str_from(name)))) {
        n = n->next;
    }
    return n;
}

struct feed_node *feed_first(const struct feed_node *parent, enum feed_ns ns, const char *name) {
    return parent ? from(parent->first, ns, name) : NULL;
}

struct feed_node *feed_next(const struct feed_node *n, enum feed_ns ns, const char *name) {
    return n ? from(n->next, ns, name) : NULL;
}

struct str feed_attr_ns(const struct feed_node *n, enum feed_ns ns, const char *name) {
    for (const struct feed_attr *x = n ? n->attrs : NULL; x; x = x->next) {
        if (x->ns == ns && str_eq(x->name, str_from(name))) {
            return x->value;
        }
    }
    return STR_NONE;
}

struct str feed_attr(const struct feed_node *n, const char *name) {
    return feed_attr_ns(n, NS_RSS, name);
}

bool feed_has_elements(const struct feed_node *n) {
    for (const struct feed_node *c = n ? n->first : NULL; c; c = c->next) {
        if (c->name.ptr) {
            return true;
        }
    }
    return false;
}

/* The node behind N in document order, within TOP; *up: how many elements end before it. */
static const struct feed_node *step(const struct feed_node *n, const struct feed_node *top, unsigned *up) {
    *up = 0;
    if (n->first) {
        return n->first;
    }
    while (n != top && !n->next) {
        n = n->parent;
        ++*up;
    }
    return n == top ? NULL : n->next;
}

struct str feed_text(const struct feed_node *n, struct arena *a) {
    struct buf b = BUF_INIT;
    unsigned up;
    if (!n) {
        return STR_NONE;
    }
    if (n->first && n->first == n->last && !n->first->name.ptr) {
        return n->first->text;
    }
    for (const struct feed_node *c = n->first; c; c = step(c, n, &up)) {
        buf_add(&b, c->text);
    }
    struct str out = b.failed ? STR("") : arena_str(a, buf_str(&b));
    buf_release(&b);
    return out;
}

static bool is_void(struct str name) {
    static const char *const list[] = {"br", "hr", "img", "wbr", "input", "col", "area", "source", "embed", "track"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (str_eq(name, str_from(list[i]))) {
            return true;
        }
    }
    return false;
}

static void open_tag(const struct feed_node *n, struct arena *a, struct buf *b) {
    buf_addc(b, '<');
    buf_add(b, n->name);
    for (const struct feed_attr *x = n->attrs; x; x = x->next) {
        struct str value = x->value;
        if (x->ns != NS_RSS && !str_eq(x->name, STR("lang"))) {
            continue;
        }
        if ((str_eq(x->name, STR("href")) || str_eq(x->name, STR("src"))) && n->base.ptr) {
            (void)link_resolve(str_trim(value), n->base, a, &value, NULL); /* else as it is: mailto: */
        }
        buf_addc(b, ' ');
        buf_add(b, x->name);
        buf_adds(b, "=\"");
        clean_escape(value, true, b);
        buf_addc(b, '"');
    }
    buf_addc(b, '>');
}

struct str feed_markup(const struct feed_node *n, bool escaped, struct arena *a) {
    struct buf b = BUF_INIT;
    unsigned up = 0;
    if (!n) {
        return STR_NONE;
    }
    for (const struct feed_node *c = n->first; c;) {
        if (!c->name.ptr && escaped) {
            buf_add(&b, c->text);
        } else if (!c->name.ptr) {
            clean_escape(c->text, false, &b);
        } else {
            open_tag(c, a, &b);
            if (!c->first && !is_void(c->name)) {
                buf_addf(&b, "</%.*s>", STR_ARG(c->name));
            }
        }
        const struct feed_node *next = step(c, n, &up);
        for (const struct feed_node *p = c->parent; up > 0 && p != n; up--, p = p->parent) {
            if (!is_void(p->name)) {
                buf_addf(&b, "</%.*s>", STR_ARG(p->name));
            }
        }
        c = next;
    }
    struct str out = b.failed ? STR("") : arena_str(a, buf_str(&b));
    buf_release(&b);
    return out;
}
