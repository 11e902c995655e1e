#include "render/clean.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "render/entities.h"
#include "render/tree.h"
#include "render/url.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>

/* What was made of each element that is open in the source. */
struct cleaner {
    const struct clean_options *o;
    struct tree tree;
    struct arena *arena;
    struct buf scratch;
    htmlParserCtxtPtr parser;
    struct tree_mark *marks; /* a stack */
    size_t depth, cap;
    size_t dropped;  /* how many of the innermost open elements are dropped */
    const char *too; /* what there was too much of */
};

bool clean_visible(struct str s) {
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f ||
            c == 0x1160 || c == 0x1680 || c == 0x180e || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
            (c >= 0x205f && c <= 0x206f) || c == 0x2800 || c == 0x3000 || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) ||
            c == 0xfeff || c == 0xffa0)
            continue;
        return true;
    }
    return false;
}

void clean_escape(struct str s, bool attribute, struct buf *out) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *entity = s.ptr[i] == '&'                ? "&amp;"
                             : s.ptr[i] == '<'              ? "&lt;"
                             : s.ptr[i] == '>'              ? "&gt;"
                             : s.ptr[i] == '"' && attribute ? "&quot;"
                                                            : NULL;
        if (!entity)
            continue;
        buf_add(out, str_sub(s, from, i));
        buf_adds(out, entity);
        from = i + 1;
    }
    buf_add(out, str_sub(s, from, s.len));
}

/* What the web reads for U+0080 to U+009F, which "&#146;" names and which windows-1252 taken for Latin-1 leaves; 0:
 * nothing. */
static const uint16_t western[32] = {0x20ac, 0,      0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                     0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0,      0x17d,  0,
                                     0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                     0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0,      0x17e,  0x178};

/* The length of the character at S[i] that must not stand in text, or 0: controls but white space, what XML forbids.
 * *INSTEAD is what stands for it, 0: nothing. */
static size_t forbidden(struct str s, size_t i, uint32_t *instead) {
    unsigned char c = (unsigned char)s.ptr[i];
    unsigned char d = i + 1 < s.len ? (unsigned char)s.ptr[i + 1] : 0;
    unsigned char e = i + 2 < s.len ? (unsigned char)s.ptr[i + 2] : 0;
    *instead = 0;
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r' || c == '\f' ? 0 : 1;
    if (c == 0x7f)
        return 1;
    if (c == 0xc2 && d >= 0x80 && d <= 0x9f) {
        *instead = western[d - 0x80];
        return 2;
    }
    if (c == 0xef && d == 0xbf && (e == 0xbe || e == 0xbf))
        return 3;
    return 0;
}

static void add_text(struct cleaner *c, struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        uint32_t instead;
        size_t n = forbidden(s, i, &instead);
        if (n) {
            char one[4];
            tree_text(&c->tree, str_sub(s, from, i));
            if (instead)
                tree_text(&c->tree, (struct str){one, utf8_encode(instead, one)});
            from = i + n;
        }
        i += n ? n : 1;
    }
    tree_text(&c->tree, str_sub(s, from, s.len));
}

/* An attribute's text with white space folded and controls taken out, in the arena. */
static struct str folded(struct cleaner *c, struct str s) {
    bool space = false;
    buf_clear(&c->scratch);
    for (size_t i = 0; i < s.len;) {
        uint32_t instead;
        size_t n = forbidden(s, i, &instead);
        if (!n && strchr(" \t\n\r\f", s.ptr[i])) {
            space = c->scratch.len > 0;
        } else if (!n || instead) {
            if (space)
                buf_addc(&c->scratch, ' ');
            space = false;
            if (instead)
                buf_add_utf8(&c->scratch, instead);
            else
                buf_addc(&c->scratch, s.ptr[i]);
        }
        i += n ? n : 1;
    }
    return arena_str(c->arena, buf_str(&c->scratch));
}

/* BCP 47 in outline: letters and digits in groups of up to 8. */
static bool is_language(struct str s) {
    size_t group = 0;
    if (s.len == 0 || s.len > 35)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.ptr[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (ch == '-' ? group == 0 : !letter && !(ch >= '0' && ch <= '9' && i > 0))
            return false;
        group = ch == '-' ? 0 : group + 1;
        if (group > 8)
            return false;
    }
    return group > 0;
}

/* A whole number of at most 6 digits. */
static bool number(struct str s, int *out) {
    bool minus = s.len > 0 && s.ptr[0] == '-';
    int n = 0;
    if (s.len == minus || s.len > 6)
        return false;
    for (size_t i = minus; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        n = n * 10 + (s.ptr[i] - '0');
    }
    *out = minus ? -n : n;
    return true;
}

static unsigned span_of(struct str s) {
    int n;
    return number(s, &n) && n > 1 && n <= 100 ? (unsigned)n : 0;
}

/* Whether a width or height says that the picture isn't there to be seen. */
static bool is_pixel(struct str s) {
    int n;
    if (str_ends(s, STR("px")))
        s = str_sub(s, 0, s.len - 2);
    return number(s, &n) && n <= 1;
}

struct raw {
    struct str href, src;
    struct str later; /* a picture's address that a script would have put into src */
    bool hidden, pixel;
};

/* What of a style counts here: that it hides the element, or makes a picture a pixel. */
static void read_style(struct str style, struct raw *raw) {
    struct str part;
    while (str_split(&style, ';', &part)) {
        size_t colon = str_find(part, ':', 0);
        struct str name = str_trim(str_sub(part, 0, colon)), value = str_trim(str_sub(part, colon + 1, part.len));
        value = str_trim(str_sub(value, 0, str_find(value, '!', 0)));
        if (str_eq_nocase(name, STR("display")))
            raw->hidden |= str_eq_nocase(value, STR("none"));
        else if (str_eq_nocase(name, STR("visibility")))
            raw->hidden |= str_eq_nocase(value, STR("hidden")) || str_eq_nocase(value, STR("collapse"));
        else if (str_eq_nocase(name, STR("width")) || str_eq_nocase(name, STR("height")) ||
                 str_eq_nocase(name, STR("max-width")) || str_eq_nocase(name, STR("max-height")))
            raw->pixel |= is_pixel(value);
    }
}

static struct str cleaned_url(struct cleaner *c, struct str raw, enum url_kind kind) {
    buf_clear(&c->scratch);
    struct str base = c->o ? c->o->base_url : STR_NONE;
    return url_clean(raw, base, kind, &c->scratch) ? arena_str(c->arena, buf_str(&c->scratch)) : STR_NONE;
}

static void read_attributes(struct cleaner *c, struct tag_info info, const xmlChar **atts, struct attributes *at,
                            struct raw *raw) {
    for (; atts && atts[0]; atts += 2) {
        struct str name = str_from((const char *)atts[0]), value = str_from((const char *)atts[1]);
        struct str v = str_trim(value);
        if (str_eq(name, STR("href")))
            raw->href = value;
        else if (str_eq(name, STR("src")))
            raw->src = value;
        else if (str_eq(name, STR("data-src")) || str_eq(name, STR("data-lazy-src")) ||
                 str_eq(name, STR("data-original")))
            raw->later = value;
        else if (str_eq(name, STR("alt")) && info.tag == TAG_IMG)
            at->alt = folded(c, value);
        else if (str_eq(name, STR("hidden")))
            raw->hidden = true;
        else if (str_eq(name, STR("style")))
            read_style(v, raw);
        else if (str_eq(name, STR("width")) || str_eq(name, STR("height")))
            raw->pixel |= is_pixel(v);
        else if (str_eq(name, STR("lang")) || (str_eq(name, STR("xml:lang")) && at->lang.len == 0))
            at->lang = is_language(v) ? arena_str(c->arena, v) : at->lang;
        else if (str_eq(name, STR("dir")))
            at->dir = str_eq_nocase(v, STR("ltr"))    ? DIR_LTR
                      : str_eq_nocase(v, STR("rtl"))  ? DIR_RTL
                      : str_eq_nocase(v, STR("auto")) ? DIR_AUTO
                                                      : DIR_NONE;
        else if (str_eq(name, STR("colspan")))
            at->colspan = span_of(v);
        else if (str_eq(name, STR("rowspan")))
            at->rowspan = span_of(v);
        else if (str_eq(name, STR("start")))
            at->has_start = number(v, &at->start);
        else if (str_eq(name, STR("scope")))
            at->scope = str_eq_nocase(v, STR("col"))        ? SCOPE_COL
                        : str_eq_nocase(v, STR("row"))      ? SCOPE_ROW
                        : str_eq_nocase(v, STR("colgroup")) ? SCOPE_COLGROUP
                        : str_eq_nocase(v, STR("rowgroup")) ? SCOPE_ROWGROUP
                                                            : SCOPE_NONE;
    }
}

static void add_picture(struct cleaner *c, struct attributes *at, const struct raw *raw) {
    enum clean_images images = c->o ? c->o->images : IMAGES_NONE;
    if (raw->pixel)
        return;
    at->url = images == IMAGES_NONE ? STR_NONE : cleaned_url(c, raw->later, URL_PICTURE);
    if (at->url.len == 0 && images != IMAGES_NONE)
        at->url = cleaned_url(c, raw->src, URL_PICTURE);
    if (at->url.len > 0 && images == IMAGES_EMBED)
        at->url = c->o->picture ? c->o->picture(c->o->picture_arg, at->url) : STR_NONE;
    if (at->url.len > 0)
        tree_image(&c->tree, at);
    else
        tree_text(&c->tree, at->alt);
}

static void stop(struct cleaner *c, const char *too) {
    c->too = too;
    xmlStopParser(c->parser);
}

static void on_start(void *arg, const xmlChar *name, const xmlChar **atts) {
    struct cleaner *c = arg;
    struct attributes at = {0};
    struct raw raw = {0};
    struct tree_mark mark = {MARK_NONE, 0, 0};
    if (c->too)
        return;
    if (c->depth >= CLEAN_DEPTH_MAX) {
        stop(c, "is nested too deep");
        return;
    }
    if (c->depth == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 64;
        struct tree_mark *more = reallocarray(c->marks, cap, sizeof *more);
        if (!more) {
            stop(c, "needs more memory than there is");
            return;
        }
        c->marks = more;
        c->cap = cap;
    }
    if (c->dropped > 0) {
        c->dropped++;
    } else {
        struct tag_info info = tag_lookup(str_from((const char *)name));
        read_attributes(c, info, atts, &at, &raw);
        if (info.tag == TAG_A) {
            at.url = cleaned_url(c, raw.href, URL_LINK);
            if (at.url.len == 0)
                info = (struct tag_info){TAG_UNKNOWN, KIND_SPAN, 0};
        }
        at.level = info.level;
        if (info.kind == KIND_DROP || (raw.hidden && info.kind != KIND_VOID))
            c->dropped = 1;
        else if (info.kind != KIND_VOID)
            mark = tree_open(&c->tree, info, &at);
        else if (info.tag == TAG_BR)
            tree_break(&c->tree);
        else if (info.tag == TAG_HR)
            tree_rule(&c->tree);
        else if (!raw.hidden)
            add_picture(c, &at, &raw);
    }
    c->marks[c->depth++] = mark;
    if (c->tree.failed)
        stop(c, "has too many elements");
}

static void on_end(void *arg, const xmlChar *name) {
    struct cleaner *c = arg;
    (void)name; /* the parser ends elements in the order opposite to their starts */
    if (c->too || c->depth == 0)
        return;
    struct tree_mark mark = c->marks[--c->depth];
    if (c->dropped > 0)
        c->dropped--;
    else
        tree_close(&c->tree, mark);
}

static void on_text(void *arg, const xmlChar *text, int len) {
    struct cleaner *c = arg;
    if (c->too || c->dropped > 0 || len <= 0)
        return;
    add_text(c, (struct str){(const char *)text, (size_t)len});
    if (c->tree.failed)
        stop(c, "has too many elements");
}

/* The parser compares each attribute of a tag with all before it, and reads a tag to its end before it says anything:
 * tags with very many attributes are refused first. Where a tag begins can't be known here (comments, scripts), so each
 * place that may be one is tried, and text with unlikely many of them is refused too. */
static bool attributes_are_few(struct str s) {
    size_t budget = 64 * s.len + 65536;
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] != '<' || !((s.ptr[i + 1] | 32) >= 'a' && (s.ptr[i + 1] | 32) <= 'z'))
            continue;
        size_t j = i + 1, count = 0;
        while (j < s.len && !strchr(" \t\r\n\f/>", s.ptr[j]))
            j++;
        while (j < s.len && s.ptr[j] != '>') {
            if (strchr(" \t\r\n\f/", s.ptr[j])) {
                j++;
                continue;
            }
            if (++count > 1000)
                return false;
            while (j < s.len && !strchr(" \t\r\n\f=>/", s.ptr[j]))
                j++;
            while (j < s.len && strchr(" \t\r\n\f", s.ptr[j]))
                j++;
            if (j >= s.len || s.ptr[j] != '=')
                continue;
            j++;
            while (j < s.len && strchr(" \t\r\n\f", s.ptr[j]))
                j++;
            if (j < s.len && (s.ptr[j] == '"' || s.ptr[j] == '\''))
                j = str_find(s, s.ptr[j], j + 1) + 1;
            else
                while (j < s.len && !strchr(" \t\r\n\f>", s.ptr[j]))
                    j++;
        }
        if (j - i > budget)
            return false;
        budget -= j - i;
    }
    return true;
}

static bool is_shown(const struct node *n) {
    return n->tag == TAG_TEXT || n->tag == TAG_BR || n->full || n->tag == TAG_TD || n->tag == TAG_TH;
    /* an empty cell holds its place; its row was looked at before it */
}

/* A link that nobody could hear the name of gets its host as its text; around a picture alone it goes. */
static void name_link(struct tree *t, uint32_t link) {
    unsigned up;
    bool picture = false;
    uint32_t end = tree_next(t, link, true, &up);
    for (uint32_t i = t->nodes[link].first; i && i != end; i = tree_next(t, i, false, &up)) {
        const struct node *n = &t->nodes[i];
        if (n->tag == TAG_IMG ? clean_visible(n->at.alt) : n->tag == TAG_TEXT && clean_visible(tree_text_of(t, n)))
            return;
        picture |= n->tag == TAG_IMG;
    }
    struct str host = url_host(t->nodes[link].at.url);
    if (picture || !clean_visible(host))
        t->nodes[link].unwrap = true;
    else
        tree_set_text(t, link, host);
}

/* Headings, tables and links: what can be said only when all is known. */
static void finish(struct tree *t) {
    unsigned up, levels[8], n = 0;
    for (uint32_t i = t->nodes[1].first; i;) {
        struct node *node = &t->nodes[i];
        bool shown = is_shown(node);
        if (shown && node->tag == TAG_H) {
            while (n > 0 && levels[n - 1] >= node->at.level)
                n--;
            levels[n++] = node->at.level;
            node->at.level = n < 3 ? 3 + n : 6;
        } else if (shown && node->tag == TAG_TH) {
            uint32_t table = node->parent;
            while (t->nodes[table].tag != TAG_TABLE)
                table = t->nodes[table].parent;
            t->nodes[table].data = true;
        } else if (shown && node->tag == TAG_A) {
            name_link(t, i);
        }
        i = tree_next(t, i, !shown, &up);
    }
}

static void write_attribute(const char *name, struct str value, struct buf *out) {
    buf_addf(out, " %s=\"", name);
    clean_escape(value, true, out);
    buf_addc(out, '"');
}

static void write_start(const struct node *n, struct buf *out) {
    static const char *const dirs[] = {NULL, "ltr", "rtl", "auto"};
    static const char *const scopes[] = {NULL, "col", "row", "colgroup", "rowgroup"};
    const struct attributes *at = &n->at;
    buf_addc(out, '<');
    if (n->tag == TAG_H)
        buf_addf(out, "h%u", at->level);
    else
        buf_adds(out, tag_name(n->tag));
    if (n->tag == TAG_A)
        write_attribute("href", at->url, out);
    if (n->tag == TAG_IMG) {
        write_attribute("src", at->url, out);
        write_attribute("alt", at->alt, out);
    }
    if (n->tag == TAG_TABLE && !n->data)
        buf_adds(out, " role=\"presentation\"");
    if (n->tag == TAG_OL && at->has_start && at->start != 1)
        buf_addf(out, " start=\"%d\"", at->start);
    if ((n->tag == TAG_TD || n->tag == TAG_TH) && at->colspan)
        buf_addf(out, " colspan=\"%u\"", at->colspan);
    if ((n->tag == TAG_TD || n->tag == TAG_TH) && at->rowspan)
        buf_addf(out, " rowspan=\"%u\"", at->rowspan);
    if (n->tag == TAG_TH && at->scope)
        write_attribute("scope", str_from(scopes[at->scope]), out);
    if (n->tag != TAG_HR && n->tag != TAG_BR) {
        if (at->lang.len > 0)
            write_attribute("lang", at->lang, out);
        if (at->dir)
            write_attribute("dir", str_from(dirs[at->dir]), out);
    }
    bool is_void = n->tag == TAG_HR || n->tag == TAG_BR || n->tag == TAG_IMG;
    buf_adds(out, is_void ? " />" : ">");
    /* Containers of blocks only. */
    if (n->tag == TAG_UL || n->tag == TAG_OL || n->tag == TAG_DL || n->tag == TAG_TABLE || n->tag == TAG_THEAD ||
        n->tag == TAG_TBODY || n->tag == TAG_TR || n->tag == TAG_BLOCKQUOTE || n->tag == TAG_DIV || n->tag == TAG_HR)
        buf_addc(out, '\n');
}

static void write_end(const struct node *n, struct buf *out) {
    if (n->tag == TAG_H)
        buf_addf(out, "</h%u>\n", n->at.level);
    else
        buf_addf(out, "</%s>%s", tag_name(n->tag), tag_is_block(n->tag) ? "\n" : "");
}

static bool write_tree(const struct tree *t, struct buf *out) {
    size_t start = out->len;
    unsigned up;
    for (uint32_t i = t->nodes[1].first; i;) {
        const struct node *n = &t->nodes[i];
        bool shown = is_shown(n);
        if (n->tag == TAG_TEXT)
            clean_escape(tree_text_of(t, n), false, out);
        else if (shown && !n->unwrap)
            write_start(n, out);
        if (shown && n->tag != TAG_TEXT && n->tag != TAG_BR && n->tag != TAG_HR && n->tag != TAG_IMG && !n->first)
            write_end(n, out);
        if (out->len - start > CLEAN_OUTPUT_MAX)
            return false;
        uint32_t next = tree_next(t, i, !shown, &up);
        for (uint32_t p = n->parent; up > 0 && p > 1; up--, p = t->nodes[p].parent)
            if (!t->nodes[p].unwrap)
                write_end(&t->nodes[p], out);
        i = next;
    }
    return true;
}

static enum status parse(struct cleaner *c, struct str html, struct error *err) {
    xmlInitParser();
    c->parser = htmlCreateMemoryParserCtxt(html.ptr, (int)html.len);
    if (!c->parser || !c->parser->sax)
        return error_set(err, ERR_OS, "no memory to parse an article's HTML");
    htmlCtxtUseOptions(c->parser, HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER |
                                      HTML_PARSE_IGNORE_ENC | HTML_PARSE_NOIMPLIED);
    xmlSwitchEncoding(c->parser, XML_CHAR_ENCODING_UTF8);
    /* Nothing but these: no tree, no comments, no instructions. */
    *c->parser->sax = (xmlSAXHandler){.startElement = on_start,
                                      .endElement = on_end,
                                      .characters = on_text,
                                      .cdataBlock = on_text,
                                      .ignorableWhitespace = on_text};
    c->parser->userData = c;
    htmlParseDocument(c->parser);
    if (!c->too && c->tree.failed)
        c->too = "has too many elements";
    return c->too ? error_set(err, ERR_DATA, "the HTML %s", c->too) : OK;
}

enum status clean_html(struct str html, const struct clean_options *o, struct buf *out, struct error *err) {
    struct cleaner c = {.o = o};
    struct buf text = BUF_INIT, whole = BUF_INIT;
    size_t start = out->len;
    enum status status = OK;
    tree_init(&c.tree, CLEAN_NODES_MAX);
    c.arena = arena_new();
    if (!c.arena || c.tree.failed) {
        status = error_set(err, ERR_OS, "no memory to clean an article's HTML");
        goto done;
    }
    if (html.len > CLEAN_INPUT_MAX) {
        status = error_set(err, ERR_DATA, "the HTML is larger than %d KiB", CLEAN_INPUT_MAX / 1024);
        goto done;
    }
    if (str_starts(html, STR("\xef\xbb\xbf")))
        html = str_sub(html, 3, html.len);
    utf8_repair(html, &whole);
    entities_mend(buf_str(&whole), &text);
    text.failed |= whole.failed;
    if (text.len == 0 && !text.failed)
        goto done;
    if (!attributes_are_few(buf_str(&text))) {
        status = error_set(err, ERR_DATA, "the HTML has a tag with too many attributes");
        goto done;
    }
    status = parse(&c, buf_str(&text), err);
    if (status != OK)
        goto done;
    finish(&c.tree);
    if (!write_tree(&c.tree, out))
        status = error_set(err, ERR_DATA, "the cleaned HTML is larger than %d KiB", CLEAN_OUTPUT_MAX / 1024);
    else if (out->failed || text.failed || c.tree.failed)
        status = error_set(err, ERR_OS, "no memory to clean an article's HTML");
done:
    if (status != OK)
        buf_truncate(out, start);
    if (c.parser)
        htmlFreeParserCtxt(c.parser);
    free(c.marks);
    buf_release(&c.scratch);
    buf_release(&text);
    buf_release(&whole);
    tree_release(&c.tree);
    arena_free(c.arena);
    return status;
}
