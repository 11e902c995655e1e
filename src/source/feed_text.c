#include "source/feed_text.h"

#include <libxml/HTMLparser.h>

#include "base/utf8.h"
#include "text/charset.h"

enum { ENTITIES_MAX = 300, ENTITY_MAX = 2000, NAME_MAX_BYTES = 32, GROWTH_MAX = 4 << 20 };

/* The value of NAME="..." or NAME='...' in the XML declaration at the beginning of S; absent: none. */
static struct str declared(struct str s) {
    s = str_sub(s, 0, 400);
    if (!str_starts(str_trim(s), STR("<?xml"))) {
        return STR_NONE;
    }
    s = str_sub(s, 0, str_search(s, STR("?>"), 0));
    size_t at = str_search(s, STR("encoding"), 0) + 8;
    while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '=' || s.ptr[at] == '\t')) {
        at++;
    }
    if (at >= s.len || (s.ptr[at] != '"' && s.ptr[at] != '\'')) {
        return STR_NONE;
    }
    return str_sub(s, at + 1, str_find(s, s.ptr[at], at + 1));
}

/* UTF-16 and UTF-32 without a mark show by the zeros around '<'. */
static const char *by_zeros(struct str s) {
    static const struct {
        const char *start;
        size_t n;
        const char *name;
    } list[] = {{"\0\0\0<", 4, "UTF-32BE"},
                {"<\0\0\0", 4, "UTF-32LE"},
                {"\0<\0?", 4, "UTF-16BE"},
                {"<\0?\0", 4, "UTF-16LE"},
                {"\x4c\x6f\xa7\x94", 4, "ibm-37"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (str_starts(s, (struct str){list[i].start, list[i].n})) {
            return list[i].name;
        }
    }
    return NULL;
}

/* Whether it was decoded well; *out is as before when not. */
static bool try_it(struct str bytes, struct str name, struct buf *out) {
    size_t start = out->len;
    bool clean = false;
    if (name.len == 0 || charset_to_utf8(bytes, name, out, &clean, NULL) != OK || !clean) {
        buf_truncate(out, start);
        return false;
    }
    return true;
}

enum status feed_text_decode(struct str bytes, struct str charset, struct buf *out, struct error *err) {
    size_t mark;
    const char *name = charset_of_mark(bytes, &mark);
    struct str body = str_sub(bytes, mark, bytes.len);
    if (name && try_it(body, str_from(name), out)) {
        return OK;
    }
    const char *wide = by_zeros(body);
    struct str prolog = wide ? str_from(wide) : declared(body);
    /* A server's default beside a document that says UTF-8 and is: it can't be chance. ASCII is a guess too. */
    bool is_utf8 = str_eq_nocase(prolog, STR("UTF-8")) && utf8_valid(body);
    if (is_utf8 || str_eq_nocase(charset, STR("us-ascii"))) {
        charset = STR_NONE;
    }
    if ((wide && try_it(body, prolog, out)) || try_it(body, charset, out) || try_it(body, prolog, out) ||
        try_it(body, STR("UTF-8"), out)) {
        return out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
    }
    /* nothing reads it without a fault: as it says, else as the web's most frequent one; faults become U+FFFD */
    struct str best = prolog.len ? prolog : charset;
    if (best.len && !str_eq_nocase(best, STR("UTF-8")) && charset_to_utf8(body, best, out, NULL, NULL) == OK) {
        return OK;
    }
    size_t bad = 0, high = 0;
    for (size_t i = 0; i < body.len;) { /* a few broken characters in UTF-8, or another encoding? */
        high += (unsigned char)body.ptr[i] >= 0x80;
        bad += utf8_next(body, &i) == 0xfffd;
    }
    return charset_to_utf8(body, bad * 10 > high ? STR("windows-1252") : STR("UTF-8"), out, NULL, err);
}

struct entity {
    struct str name, value;
    bool outside; /* it lies elsewhere */
};

struct mend {
    struct str in;
    size_t at;
    struct buf *out;
    struct entity entities[ENTITIES_MAX];
    size_t n, grown;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t name_length(struct str s, size_t at) {
    size_t n = 0;
    while (at + n < s.len && (unsigned char)s.ptr[at + n] > ' ' && !strchr("<>&;\"'%=/", s.ptr[at + n])) {
        n++;
    }
    return n;
}

static void skip_space(struct str s, size_t *at) {
    while (*at < s.len && is_space(s.ptr[*at])) {
        ++*at;
    }
}

/* "...", '...' */
static bool quoted(struct str s, size_t *at, struct str *out) {
    skip_space(s, at);
    if (*at >= s.len || (s.ptr[*at] != '"' && s.ptr[*at] != '\'')) {
        return false;
    }
    size_t end = str_find(s, s.ptr[*at], *at + 1);
    *out = str_sub(s, *at + 1, end);
    *at = end + 1;
    return end < s.len;
}

/* What stands behind "<!ENTITY"; only general entities can be used by a feed. */
static enum status take_entity(struct mend *m, struct str s, struct error *err) {
    struct entity e = {0};
    size_t at = 0;
    skip_space(s, &at);
    if (at < s.len && s.ptr[at] == '%') {
        return OK;
    }
    size_t n = name_length(s, at);
    e.name = str_sub(s, at, at + n);
    at += n;
    if (!quoted(s, &at, &e.value)) {
        e.outside = true;
    } else if (str_find(e.value, '&', 0) < e.value.len) {
        struct str v = e.value;
        for (size_t i = 0; (i = str_find(v, '&', i)) < v.len; i++) { /* numbers stand for characters */
            if (i + 1 >= v.len || v.ptr[i + 1] != '#') {
                return error_set(err, ERR_DATA, "it declares entities that are made of entities, as only attacks do");
            }
        }
    }
    if (m->n == ENTITIES_MAX || e.value.len > ENTITY_MAX) {
        return error_set(err, ERR_DATA, "it declares too many or too large entities");
    }
    m->entities[m->n++] = e;
    return OK;
}

/* "<!DOCTYPE ... [ ... ]>" is left out; its entities are kept. */
static enum status take_doctype(struct mend *m, struct error *err) {
    struct str s = m->in;
    size_t i = m->at + 9;
    bool subset = false;
    enum status st = OK;
    for (; st == OK && i < s.len; i++) {
        struct str rest = str_sub(s, i, s.len);
        if (str_starts(rest, STR("<!--"))) {
            i = str_search(s, STR("-->"), i) + 2;
        } else if (str_starts(rest, STR("<!ENTITY"))) {
            size_t end = i + 8;
            for (char q = 0; end < s.len && (q || s.ptr[end] != '>'); end++) {
                q = q ? (s.ptr[end] == q ? 0 : q) : (s.ptr[end] == '"' || s.ptr[end] == '\'') ? s.ptr[end] : 0;
            }
            st = take_entity(m, str_sub(s, i + 8, end), err);
            i = end;
        } else if (s.ptr[i] == '"' || s.ptr[i] == '\'') {
            i = str_find(s, s.ptr[i], i + 1);
        } else if (s.ptr[i] == '[') {
            subset = true;
        } else if (s.ptr[i] == ']') {
            subset = false;
        } else if (s.ptr[i] == '>' && !subset) {
            break;
        }
    }
    m->at = i < s.len ? i + 1 : s.len;
    return st;
}

static void add_character(struct buf *out, uint32_t cp) {
    bool allowed = cp == '\t' || cp == '\n' || cp == '\r' || (cp >= ' ' && cp != 0xfffe && cp != 0xffff);
    if (cp >= 0x80 && cp < 0xa0) { /* meant as windows-1252 */
        char byte = (char)cp;
        if (charset_to_utf8((struct str){&byte, 1}, STR("windows-1252"), out, NULL, NULL) == OK) {
            return;
        }
    }
    if (cp == '<' || cp == '&' || cp == '"' || cp == '\'') { /* may stand in an attribute's value */
        buf_adds(out, cp == '<' ? "&lt;" : cp == '&' ? "&amp;" : cp == '"' ? "&quot;" : "&apos;");
    } else if (allowed) {
        buf_add_utf8(out, cp);
    }
}

/* "&#123;" or "&#x7b;" at AT; its length, 0: it is none. */
static size_t number(struct str s, size_t at, uint32_t *cp) {
    size_t i = at + 2, start;
    bool hex = i < s.len && (s.ptr[i] | 32) == 'x';
    i += hex;
    start = i;
    *cp = 0;
    for (; i < s.len && i - start < 8; i++) {
        char c = s.ptr[i];
        uint32_t d = c >= '0' && c <= '9'                        ? (uint32_t)(c - '0')
                     : hex && (c | 32) >= 'a' && (c | 32) <= 'f' ? (uint32_t)((c | 32) - 'a' + 10)
                                                                 : 99;
        if (d == 99) {
            break;
        }
        *cp = *cp * (hex ? 16 : 10) + d;
    }
    return i > start && i < s.len && s.ptr[i] == ';' ? i + 1 - at : 0;
}

static enum status use_entity(struct mend *m, const struct entity *e, struct error *err) {
    if (e->outside) {
        return error_set(err, ERR_DATA, "it asks for the external entity '%.*s', which is not fetched",
                         STR_ARG(str_sub(e->name, 0, 60)));
    }
    m->grown += e->value.len;
    if (m->grown > GROWTH_MAX) {
        return error_set(err, ERR_DATA, "its entities make it too large");
    }
    for (size_t i = 0; i < e->value.len;) {
        uint32_t cp;
        size_t n = e->value.ptr[i] == '&' ? number(e->value, i, &cp) : 0;
        if (n) {
            add_character(m->out, cp);
            i += n;
        } else {
            cp = utf8_next(e->value, &i);
            buf_add_utf8(m->out, cp); /* markup in an entity is markup */
        }
    }
    return OK;
}

static enum status take_ampersand(struct mend *m, struct error *err) {
    static const char *const own[] = {"amp", "lt", "gt", "quot", "apos"};
    struct str s = m->in;
    uint32_t cp;
    if (m->at + 1 < s.len && s.ptr[m->at + 1] == '#') {
        size_t n = number(s, m->at, &cp);
        if (n) {
            add_character(m->out, cp);
            m->at += n;
            return OK;
        }
    }
    size_t n = name_length(s, m->at + 1);
    struct str name = str_sub(s, m->at + 1, m->at + 1 + n);
    bool ends = m->at + 1 + n < s.len && s.ptr[m->at + 1 + n] == ';';
    if (ends && n > 0) {
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
            if (str_eq(name, str_from(own[i]))) {
                buf_add(m->out, str_sub(s, m->at, m->at + n + 2));
                m->at += n + 2;
                return OK;
            }
        }
        for (size_t i = 0; i < m->n; i++) {
            if (str_eq(m->entities[i].name, name)) {
                m->at += n + 2;
                return use_entity(m, &m->entities[i], err);
            }
        }
        char c[NAME_MAX_BYTES + 1];
        if (n <= NAME_MAX_BYTES) {
            memcpy(c, name.ptr, n);
            c[n] = 0;
            const htmlEntityDesc *html = htmlEntityLookup((const xmlChar *)c);
            if (html) {
                add_character(m->out, html->value);
                m->at += n + 2;
                return OK;
            }
        }
    }
    buf_adds(m->out, "&amp;");
    m->at++;
    return OK;
}

/* Copies up to and with END, or all that is left; FROM bytes of it are looked over. */
static void copy_to(struct mend *m, struct str end, size_t from) {
    size_t at = str_search(m->in, end, m->at + from);
    at = at < m->in.len ? at + end.len : m->in.len;
    for (size_t i = m->at; i < at; i++) {
        char c = m->in.ptr[i];
        buf_addc(m->out, (unsigned char)c < ' ' && !is_space(c) ? ' ' : c);
    }
    m->at = at;
}

enum status feed_text_mend(struct str xml, struct buf *out, struct error *err) {
    struct mend m = {.in = xml, .out = out};
    enum status st = OK;
    skip_space(xml, &m.at);                                      /* an XML declaration behind white space is none */
    if (str_starts(str_sub(xml, m.at, xml.len), STR("<?xml"))) { /* said already, and no longer true */
        size_t end = str_search(xml, STR("?>"), m.at);
        m.at = end < xml.len ? end + 2 : xml.len;
    }
    while (st == OK && m.at < xml.len) {
        struct str rest = str_sub(xml, m.at, xml.len);
        char c = rest.ptr[0];
        if (c == '&') {
            st = take_ampersand(&m, err);
        } else if (c == '<' && str_starts(rest, STR("<![CDATA["))) {
            copy_to(&m, STR("]]>"), 9);
        } else if (c == '<' && str_starts(rest, STR("<!--"))) {
            size_t end = str_search(xml, STR("-->"), m.at + 4);
            m.at = end < xml.len ? end + 3 : xml.len;
        } else if (c == '<' && str_starts_nocase(rest, STR("<!DOCTYPE"))) {
            st = take_doctype(&m, err);
        } else if (c == '<' && str_starts(rest, STR("<?"))) {
            size_t end = str_search(xml, STR("?>"), m.at);
            m.at = end < xml.len ? end + 2 : xml.len;
        } else {
            uint32_t cp = utf8_next(xml, &m.at);
            if (cp < 0x80) {
                buf_addc(out, cp < ' ' && !is_space((char)cp) ? ' ' : (char)cp);
            } else if (cp < 0xfffe || cp > 0xffff) {
                buf_add_utf8(out, cp);
            }
        }
    }
    return st == OK && out->failed ? error_set(err, ERR_OS, "out of memory") : st;
}
