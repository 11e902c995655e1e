#include "render/plain.h"

#include "render/clean.h"
#include "render/flow.h"
#include "render/plain_table.h"
#include "render/scan.h"
#include "render/textbody.h"

#include <stdlib.h>

#define NEST_MAX 128 /* more than clean_html ever opens */

/* One open element. */
struct level {
    enum tag tag;
    size_t indent; /* columns before its lines */
    int number;    /* of ol: the next item's; of ul: 0 */
    bool is_lang;  /* it bears a language */
    char lang[36];
};

struct plain {
    const struct plain_options *o;
    struct plain_links *links;
    struct scan scan;
    struct buf *out;
    size_t start;      /* where our output begins in it */
    struct buf line;   /* the current paragraph */
    struct buf marker; /* of a list's item whose first line has not come yet, indentation included */
    struct buf value;  /* scratch: an attribute */
    struct buf href;   /* the open link's */
    size_t link_at;    /* where its text begins in the line */
    bool in_link;
    bool blank;           /* an empty line is due */
    bool gap;             /* … and one more: something was left out */
    unsigned quotes;      /* how deep quoted */
    unsigned last_quotes; /* … the last line that was written */
    unsigned skip;        /* open elements that are left out */
    struct level levels[NEST_MAX];
    size_t depth;
    size_t lost; /* open elements beyond NEST_MAX */
    struct plain_table table;
};

static size_t indent_of(const struct plain *p) {
    return p->depth ? p->levels[p->depth - 1].indent : 0;
}

static const char *lang_of(const struct plain *p) {
    for (size_t i = p->depth; i-- > 0;)
        if (p->levels[i].is_lang)
            return p->levels[i].lang;
    return p->o ? p->o->lang : NULL;
}

static bool is_in(const struct plain *p, enum tag tag) {
    for (size_t i = 0; i < p->depth; i++)
        if (p->levels[i].tag == tag)
            return true;
    return false;
}

static void add_spaces(struct buf *b, size_t n) {
    while (n-- > 0)
        buf_addc(b, ' ');
}

/* The empty line between two blocks. Inside of a quote it is quoted too, or there would be two quotes. */
static void write_blank(struct plain *p, unsigned quotes) {
    if (!p->blank || p->out->len == p->start)
        return;
    unsigned marks = quotes < p->last_quotes ? quotes : p->last_quotes;
    for (unsigned i = 0; i < marks; i++)
        buf_addc(p->out, '>');
    buf_adds(p->out, p->gap ? "\n\n" : "\n");
}

static struct str trim_spaces(struct str s) {
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\n'))
        s = str_sub(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\n'))
        s.len--;
    return s;
}

/* Writes the current paragraph, if there is one. */
static void flush(struct plain *p, bool verbatim) {
    struct str text = verbatim ? buf_str(&p->line) : trim_spaces(buf_str(&p->line));
    bool unwrapped = p->o && p->o->unwrapped;
    p->in_link = false;
    if (trim_spaces(text).len == 0) {
        buf_clear(&p->line);
        return;
    }
    write_blank(p, unwrapped ? 0 : p->quotes);
    struct buf indent = BUF_INIT;
    add_spaces(&indent, indent_of(p));
    if (unwrapped) {
        if (!(p->o->prose))
            buf_add(p->out, p->marker.len ? buf_str(&p->marker) : buf_str(&indent));
        buf_add(p->out, text);
        buf_addc(p->out, '\n');
    } else {
        struct flow f = {lang_of(p), p->quotes, p->marker.len ? buf_str(&p->marker) : buf_str(&indent),
                         buf_str(&indent)};
        if (verbatim && p->marker.len) {
            flow_text(&f, STR(""), p->out);
            buf_clear(&p->marker);
        }
        if (verbatim)
            flow_verbatim(&f, text, p->out);
        else
            flow_text(&f, text, p->out);
    }
    p->out->failed |= indent.failed;
    buf_release(&indent);
    buf_clear(&p->marker);
    buf_clear(&p->line);
    p->blank = p->gap = false;
    p->last_quotes = p->quotes;
}

/* A block begins or ends: what came before is written, and an empty line stands between. */
static void part(struct plain *p) {
    flush(p, false);
    if (p->marker.len == 0)
        p->blank = true;
}

/* Whether a link's text is its URL, so that a number behind it would say nothing. */
static bool is_own_text(struct str text, struct str url) {
    static const struct str starts[] = {{"https://", 8}, {"http://", 7}, {"mailto:", 7}, {"tel:", 4}, {"www.", 4}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (str_starts_nocase(text, starts[i]))
            text = str_sub(text, starts[i].len, text.len);
        if (str_starts_nocase(url, starts[i]))
            url = str_sub(url, starts[i].len, url.len);
    }
    if (str_ends(text, STR("/")))
        text.len--;
    if (str_ends(url, STR("/")))
        url.len--;
    return str_eq_nocase(text, url);
}

static void end_link(struct plain *p) {
    if (!p->in_link)
        return;
    p->in_link = false;
    struct str url = buf_str(&p->href), text = str_sub(buf_str(&p->line), p->link_at, p->line.len);
    if (!p->links || url.len == 0)
        return;
    if (is_own_text(trim_spaces(text), url)) {
        /* An address is known by its look; a web page is by its scheme. */
        if (str_starts(url, STR("http")) && !str_starts_nocase(trim_spaces(text), STR("http"))) {
            buf_truncate(&p->line, p->link_at);
            buf_add(&p->line, url);
        }
        return;
    }
    buf_addf(&p->line, "%s[%zu]", text.len ? " " : "", plain_links_number(p->links, url));
}

static void begin_item(struct plain *p, struct level *item) {
    struct level *list = p->depth ? &p->levels[p->depth - 1] : NULL;
    flush(p, false);
    size_t before = indent_of(p);
    buf_clear(&p->marker);
    add_spaces(&p->marker, before);
    if (list && list->tag == TAG_OL)
        buf_addf(&p->marker, "%d. ", list->number++);
    else
        buf_adds(&p->marker, "- ");
    item->indent = p->marker.len;
}

static bool is_left_out(const struct plain *p, enum tag tag) {
    if (tag == TAG_RP)
        return true;
    if (!p->o || !p->o->prose)
        return false;
    return tag == TAG_H || tag == TAG_PRE || tag == TAG_TABLE || tag == TAG_FIGURE || tag == TAG_UL || tag == TAG_OL ||
           tag == TAG_DL;
}

static void open_tag(struct plain *p, const struct scan_token *t) {
    struct level level = {.tag = t->tag, .indent = indent_of(p)};
    if (t->is_void) {
        if (p->skip > 0)
            return;
        if (t->tag == TAG_BR) {
            buf_addc(&p->line, '\n');
        } else if (t->tag == TAG_HR) {
            part(p);
        } else if (t->tag == TAG_IMG && !(p->o && p->o->prose)) {
            buf_clear(&p->value);
            scan_decode(scan_attribute(t, STR("alt")), &p->value);
            if (p->value.len > 0)
                buf_addf(&p->line, "[%s]", buf_cstr(&p->value));
        }
        return;
    }
    if (p->depth == NEST_MAX) {
        p->lost++;
        return;
    }
    if (p->skip > 0 || is_left_out(p, t->tag)) {
        if (tag_is_block(t->tag) && p->skip == 0) {
            part(p);
            p->gap = true;
        }
        p->skip++;
        p->levels[p->depth++] = level;
        return;
    }
    struct str lang = scan_attribute(t, STR("lang"));
    if (lang.len > 0 && lang.len < sizeof level.lang) {
        memcpy(level.lang, lang.ptr, lang.len);
        level.is_lang = true;
    }
    switch (t->tag) {
    case TAG_A:
        buf_clear(&p->href);
        scan_decode(scan_attribute(t, STR("href")), &p->href);
        p->link_at = p->line.len;
        p->in_link = true;
        break;
    case TAG_Q:
        buf_adds(&p->line, "“");
        break;
    case TAG_RT:
        buf_addc(&p->line, '(');
        break;
    case TAG_UL:
    case TAG_OL:
        /* A list in an item follows it without an empty line. */
        if (is_in(p, TAG_LI))
            flush(p, false);
        else
            part(p);
        level.number = 1;
        if (t->tag == TAG_OL) {
            struct str start = scan_attribute(t, STR("start"));
            if (start.len > 0 && start.len < 8) {
                buf_clear(&p->value);
                buf_add(&p->value, start);
                level.number = (int)strtol(buf_cstr(&p->value), NULL, 10);
            }
        }
        break;
    case TAG_LI:
        begin_item(p, &level);
        break;
    case TAG_DD:
        flush(p, false);
        level.indent += 2;
        break;
    case TAG_DT:
    case TAG_DIV:
        flush(p, false);
        break;
    case TAG_BLOCKQUOTE:
        part(p);
        p->quotes++;
        break;
    case TAG_TABLE:
        part(p);
        if (!p->table.open)
            plain_table_begin(&p->table, p->scan);
        break;
    case TAG_TR:
        if (p->table.open)
            plain_table_row(&p->table);
        else
            flush(p, false);
        break;
    case TAG_TD:
    case TAG_TH:
        if (p->table.open)
            plain_table_cell(&p->table, t, &p->line);
        else
            part(p);
        break;
    case TAG_THEAD:
    case TAG_TBODY:
        break;
    default:
        if (!tag_is_block(t->tag))
            break;
        if (p->table.open && t->tag != TAG_CAPTION) {
            if (p->line.len > 0)
                buf_addc(&p->line, ' ');
        } else {
            part(p);
        }
    }
    p->levels[p->depth++] = level;
}

static void close_tag(struct plain *p, const struct scan_token *t) {
    if (p->lost > 0) {
        p->lost--;
        return;
    }
    if (p->depth == 0 || p->levels[p->depth - 1].tag != t->tag)
        return;
    if (p->skip > 0) {
        p->skip--;
        p->depth--;
        return;
    }
    switch (t->tag) {
    case TAG_A:
        end_link(p);
        break;
    case TAG_Q:
        buf_adds(&p->line, "”");
        break;
    case TAG_RT:
        buf_addc(&p->line, ')');
        break;
    case TAG_LI:
        flush(p, false);
        buf_clear(&p->marker);
        break;
    case TAG_UL:
    case TAG_OL:
        p->depth--;
        if (!is_in(p, TAG_LI))
            p->blank = true;
        return;
    case TAG_DD:
    case TAG_DT:
    case TAG_DIV:
        flush(p, false);
        break;
    case TAG_BLOCKQUOTE:
        part(p);
        p->quotes--;
        break;
    case TAG_PRE:
        flush(p, true);
        p->blank = true;
        break;
    case TAG_TD:
    case TAG_TH:
        if (p->table.open)
            plain_table_cell_end(&p->table, &p->line);
        else
            part(p);
        break;
    case TAG_TR:
        if (p->table.open && plain_table_row_end(&p->table, &p->line)) {
            bool headed = p->table.header_n > 0;
            flush(p, false);
            p->blank |= headed;
        }
        break;
    case TAG_THEAD:
    case TAG_TBODY:
        break;
    case TAG_TABLE:
        p->table.open = false;
        part(p);
        break;
    default:
        if (tag_is_block(t->tag) && !(p->table.open && t->tag != TAG_CAPTION))
            part(p);
    }
    p->depth--;
}

/* The digits behind FROM in the line are a power, a note's number or part of a formula: 10² is not 102. Letters stay as
 * they are: 1st. */
static void raise_digits(struct plain *p, size_t from, bool below) {
    static const char *const above[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    static const char *const under[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    char text[16];
    size_t n = p->line.len - from;
    if (n == 0 || n > sizeof text) {
        return;
    }
    memcpy(text, p->line.ptr + from, n);
    for (size_t i = 0; i < n; i++)
        if ((text[i] < '0' || text[i] > '9') && !(i == 0 && n > 1 && (text[i] == '-' || text[i] == '+')))
            return;
    buf_truncate(&p->line, from);
    for (size_t i = 0; i < n; i++)
        buf_adds(&p->line, text[i] == '-'   ? (below ? "₋" : "⁻")
                           : text[i] == '+' ? (below ? "₊" : "⁺")
                           : below          ? under[text[i] - '0']
                                            : above[text[i] - '0']);
}

static void add_text(struct plain *p, struct str raw) {
    if (p->skip > 0)
        return;
    bool pre = p->depth > 0 && is_in(p, TAG_PRE);
    if (!pre && p->line.len == 0) {
        while (raw.len > 0 && strchr(" \n\t\r", raw.ptr[0]))
            raw = str_sub(raw, 1, raw.len);
    }
    size_t from = p->line.len;
    scan_decode(raw, &p->line);
    /* Line ends between blocks are the writer's own. */
    for (size_t i = from; !pre && i < p->line.len; i++)
        if (p->line.ptr[i] == '\n')
            p->line.ptr[i] = ' ';
    if (!pre && is_in(p, TAG_SUP))
        raise_digits(p, from, false);
    else if (!pre && is_in(p, TAG_SUB))
        raise_digits(p, from, true);
}

enum status plain_from_html(struct str clean_html, const struct plain_options *o, struct plain_links *links,
                            struct buf *out, struct error *err) {
    struct plain *p = calloc(1, sizeof *p);
    struct scan_token t;
    enum status status = OK;
    if (!p)
        return error_set(err, ERR_OS, "no memory to make plain text");
    p->o = o;
    p->links = links;
    p->scan.html = clean_html;
    p->out = out;
    p->start = out->len;
    while (scan_next(&p->scan, &t)) {
        if (t.kind == SCAN_TEXT)
            add_text(p, t.raw);
        else if (t.kind == SCAN_OPEN)
            open_tag(p, &t);
        else
            close_tag(p, &t);
    }
    flush(p, false);
    if (out->failed || p->line.failed || p->marker.failed || p->href.failed || p->value.failed ||
        p->table.cells.failed || p->table.headers.failed)
        status = error_set(err, ERR_OS, "no memory to make plain text");
    buf_release(&p->line);
    buf_release(&p->marker);
    buf_release(&p->href);
    buf_release(&p->value);
    plain_table_release(&p->table);
    free(p);
    return status;
}

enum status plain_from_text(struct str text, const struct plain_options *o, struct buf *out, struct error *err) {
    struct buf html = BUF_INIT, clean = BUF_INIT;
    textbody_to_html(text, &html);
    enum status status = clean_html(buf_str(&html), NULL, &clean, err);
    if (status == OK)
        status = plain_from_html(buf_str(&clean), o, NULL, out, err);
    buf_release(&html);
    buf_release(&clean);
    return status;
}

void plain_flow(struct str text, const char *lang, unsigned depth, struct buf *out) {
    struct flow f = {.lang = lang, .depth = depth};
    flow_text(&f, text, out);
}

void plain_links_init(struct plain_links *l, struct arena *a) {
    *l = (struct plain_links){.arena = a};
}

/* The place of URL in the table, or the empty one where it belongs. */
static size_t *slot_of(const struct plain_links *l, struct str url) {
    size_t i = str_hash(url) % l->slot_count;
    while (l->slots[i] && !str_eq(l->urls[l->slots[i] - 1], url))
        i = (i + 1) % l->slot_count;
    return &l->slots[i];
}

size_t plain_links_number(struct plain_links *l, struct str url) {
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        struct str *urls = arena_alloc(l->arena, cap * sizeof *urls);
        if (l->count > 0)
            memcpy(urls, l->urls, l->count * sizeof *urls);
        l->urls = urls;
        l->cap = cap;
        l->slot_count = cap * 2;
        l->slots = arena_alloc(l->arena, l->slot_count * sizeof *l->slots);
        for (size_t i = 0; i < l->count; i++)
            *slot_of(l, l->urls[i]) = i + 1;
    }
    size_t *slot = slot_of(l, url);
    if (*slot == 0) {
        l->urls[l->count++] = arena_str(l->arena, url);
        *slot = l->count;
    }
    return *slot;
}

void plain_links_write(const struct plain_links *l, size_t from, struct buf *out) {
    for (size_t i = from > 0 ? from - 1 : 0; i < l->count; i++)
        buf_addf(out, "[%zu] %.*s\n", i + 1, STR_ARG(l->urls[i]));
}
