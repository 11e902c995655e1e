#include "render/mustache_parse.h"

enum { MAX_NESTING = 100 };

/* A section, parent or block that is still open. */
struct open {
    struct node *node; /* NULL at the bottom: the template itself */
    struct node **tail;
    struct node *lead; /* PARENT: the blanks before it on its line, to be taken back if it proves to stand alone */
};

struct parser {
    struct mustache *t;
    struct error *err;
    struct str src;
    struct str left; /* the delimiters in force */
    struct str right;
    size_t text_from; /* literal text not taken yet begins here */
    size_t counted;   /* lines are counted up to here */
    int line;
    int depth;
    struct open stack[MAX_NESTING + 1];
};

/* One tag of the source. */
struct tag {
    char sigil; /* # ^ / > < $ ! = & or { ; 0: plain */
    size_t start;
    size_t end;
    size_t line_start;    /* first byte of the line it begins on */
    size_t next_line;     /* first byte behind the line it ends on */
    bool first;           /* only blanks before it on its line */
    bool last;            /* only blanks behind it on its line */
    bool newline_follows; /* last, and the line has an end */
    int line;
    struct str name;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static int line_at(struct parser *p, size_t pos) {
    for (; p->counted < pos; p->counted++) {
        p->line += p->src.ptr[p->counted] == '\n';
    }
    for (; p->counted > pos; p->counted--) {
        p->line -= p->src.ptr[p->counted - 1] == '\n';
    }
    return p->line;
}

static bool begins_line(const struct parser *p, size_t pos) {
    return pos == 0 || p->src.ptr[pos - 1] == '\n';
}

static struct open *top(struct parser *p) {
    return &p->stack[p->depth];
}

/* Whether what comes now stands directly between {{<parent}} and {{/parent}}, where only blocks count. */
static bool in_parent(struct parser *p) {
    return top(p)->node && top(p)->node->kind == NODE_PARENT;
}

static struct node *add(struct parser *p, enum node_kind kind, int line, struct str text) {
    struct node *n = arena_alloc(p->t->arena, sizeof *n);
    n->kind = kind;
    n->line = line;
    n->text = text;
    n->indent = n->strip = STR("");
    if (!in_parent(p) || kind == NODE_BLOCK) {
        *top(p)->tail = n;
        top(p)->tail = &n->next;
    }
    return n;
}

/* Takes the literal text up to TO. */
static void add_text(struct parser *p, size_t to) {
    if (p->text_from < to) {
        struct node *n = add(p, NODE_TEXT, line_at(p, p->text_from), str_sub(p->src, p->text_from, to));
        n->line_start = begins_line(p, p->text_from);
    }
    p->text_from = to;
}

static enum status fail(struct parser *p, int line, const char *what, struct str name) {
    return error_set(p->err, ERR_DATA, "%s:%d: %s%.*s", p->t->file, line, what, STR_ARG(name));
}

/* Blanks at the start of the line that begins at POS. */
static struct str blanks_at(const struct parser *p, size_t pos) {
    size_t end = pos;
    while (end < p->src.len && is_blank(p->src.ptr[end])) {
        end++;
    }
    return str_sub(p->src, pos, end);
}

/* What the lines of a block's content that begins at POS are indented by: the blanks of its first line with something
 * on it, or OTHERWISE when that is the closing tag. */
static struct str content_indent(const struct parser *p, size_t pos, struct str otherwise) {
    while (pos < p->src.len) {
        struct str blanks = blanks_at(p, pos);
        size_t at = pos + blanks.len;
        if (at < p->src.len && (p->src.ptr[at] == '\n' || p->src.ptr[at] == '\r')) {
            pos = str_find(p->src, '\n', at) + 1;
            continue;
        }
        struct str rest = str_sub(p->src, at, p->src.len);
        if (str_starts(rest, p->left)) {
            struct str inside = str_trim(str_sub(rest, p->left.len, rest.len));
            if (inside.len && inside.ptr[0] == '/') {
                return otherwise;
            }
        }
        return blanks;
    }
    return otherwise;
}

/* Reads the tag that begins at START. */
static enum status read_tag(struct parser *p, size_t start, struct tag *tag) {
    *tag = (struct tag){.start = start, .line = line_at(p, start)};
    size_t pos = start + p->left.len;
    while (pos < p->src.len && is_space(p->src.ptr[pos])) {
        pos++;
    }
    char c = pos < p->src.len ? p->src.ptr[pos] : 0;
    if (c && strchr("#^/><$!=&{", c)) {
        tag->sigil = c;
        pos++;
    }
    /* {{{name}}} and {{=a b=}} end with a mark of their own before the closing delimiter */
    char mark = c == '{' ? '}' : c == '=' ? '=' : 0;
    size_t end = str_search(p->src, p->right, pos);
    if (mark) {
        end = pos;
        while (end < p->src.len &&
               !(p->src.ptr[end] == mark && str_starts(str_sub(p->src, end + 1, p->src.len), p->right))) {
            end++;
        }
    }
    if (end >= p->src.len) {
        return error_set(p->err, ERR_DATA, "%s:%d: a tag is opened and never closed with %.*s%.*s", p->t->file,
                         tag->line, mark != 0, &mark, STR_ARG(p->right));
    }
    tag->name = str_trim(str_sub(p->src, pos, end));
    tag->end = end + (mark != 0) + p->right.len;
    size_t before = start;
    while (before > 0 && is_blank(p->src.ptr[before - 1])) {
        before--;
    }
    tag->first = begins_line(p, before);
    tag->line_start = before;
    size_t after = tag->end;
    while (after < p->src.len && is_blank(p->src.ptr[after])) {
        after++;
    }
    if (after >= p->src.len) {
        tag->last = true;
        tag->next_line = after;
    } else if (p->src.ptr[after] == '\n' ||
               (p->src.ptr[after] == '\r' && after + 1 < p->src.len && p->src.ptr[after + 1] == '\n')) {
        tag->last = tag->newline_follows = true;
        tag->next_line = after + (p->src.ptr[after] == '\r' ? 2 : 1);
    }
    return OK;
}

/* Takes the text before TAG and, where the tag stands alone, drops its line. Returns whether it does. */
static bool take_line(struct parser *p, const struct tag *tag) {
    bool alone = tag->first && tag->last;
    if (alone) {
        add_text(p, tag->line_start);
        p->text_from = tag->next_line;
        return true;
    }
    add_text(p, tag->start);
    if (begins_line(p, tag->start)) {
        add(p, NODE_TEXT, tag->line, STR(""))->line_start = true;
    }
    p->text_from = tag->end;
    return false;
}

static struct str tag_blanks(const struct parser *p, const struct tag *tag) {
    return tag->first ? str_sub(p->src, tag->line_start, tag->start) : STR("");
}

static enum status push(struct parser *p, struct node *n) {
    if (p->depth >= MAX_NESTING) {
        return fail(p, n->line, "sections are nested too deep at ", n->text);
    }
    p->depth++;
    *top(p) = (struct open){.node = n, .tail = &n->child};
    return OK;
}

static enum status set_delimiters(struct parser *p, const struct tag *tag) {
    size_t cut = 0;
    while (cut < tag->name.len && !is_space(tag->name.ptr[cut])) {
        cut++;
    }
    struct str left = str_sub(tag->name, 0, cut);
    struct str right = str_trim(str_sub(tag->name, cut, tag->name.len));
    bool bad = !left.len || !right.len;
    for (size_t i = 0; i < tag->name.len; i++) {
        bad = bad || tag->name.ptr[i] == '=';
    }
    for (size_t i = 0; i < right.len; i++) {
        bad = bad || is_space(right.ptr[i]);
    }
    if (bad) {
        return fail(p, tag->line, "delimiters are two words without =, not ", tag->name);
    }
    (void)take_line(p, tag);
    p->left = left;
    p->right = right;
    return OK;
}

static enum status open_parent(struct parser *p, const struct tag *tag, struct node **out) {
    /* Whether it stands alone is known at its closing tag, so the blanks before it become a text of their own. */
    struct node *lead = NULL;
    if (tag->first) {
        add_text(p, tag->line_start);
        lead = add(p, NODE_TEXT, tag->line, str_sub(p->src, tag->line_start, tag->start));
        lead->line_start = true;
    } else {
        add_text(p, tag->start);
    }
    p->text_from = tag->end;
    *out = add(p, NODE_PARENT, tag->line, tag->name);
    enum status status = push(p, *out);
    if (status == OK) {
        top(p)->lead = lead;
    }
    return status;
}

static enum status open_block(struct parser *p, const struct tag *tag) {
    bool argument = in_parent(p);
    struct node *n;
    if (argument) {
        p->text_from = tag->newline_follows ? tag->next_line : tag->end;
        n = add(p, NODE_BLOCK, tag->line, tag->name);
        n->strip = tag->newline_follows ? content_indent(p, tag->next_line, STR("")) : tag_blanks(p, tag);
    } else {
        bool alone = take_line(p, tag);
        n = add(p, NODE_BLOCK, tag->line, tag->name);
        n->standalone = alone;
        n->indent = alone ? content_indent(p, tag->next_line, tag_blanks(p, tag)) : tag_blanks(p, tag);
    }
    return push(p, n);
}

static enum status close_tag(struct parser *p, const struct tag *tag) {
    struct node *n = top(p)->node;
    if (!n) {
        return fail(p, tag->line, "nothing is open that could be closed by /", tag->name);
    }
    if (!str_eq(n->text, tag->name)) {
        return error_set(p->err, ERR_DATA, "%s:%d: /%.*s closes %.*s, which was opened in line %d", p->t->file,
                         tag->line, STR_ARG(tag->name), STR_ARG(n->text), n->line);
    }
    bool argument = n->kind == NODE_BLOCK && p->depth > 1 && p->stack[p->depth - 1].node->kind == NODE_PARENT;
    if (n->kind == NODE_PARENT) {
        struct node *lead = top(p)->lead;
        p->text_from = tag->end;
        if (lead && tag->last) {
            n->standalone = true;
            n->indent = lead->text;
            lead->text.len = 0;
            lead->line_start = false;
            p->text_from = tag->next_line;
        }
    } else if (argument) {
        add_text(p, tag->first && tag->line_start >= p->text_from ? tag->line_start : tag->start);
        p->text_from = tag->end;
    } else {
        (void)take_line(p, tag);
    }
    p->depth--;
    return OK;
}

static enum status check_name(struct parser *p, const struct tag *tag) {
    if (!tag->name.len) {
        return fail(p, tag->line, "a tag has no name", STR(""));
    }
    for (size_t i = 0; i < tag->name.len; i++) {
        if (is_space(tag->name.ptr[i])) {
            return fail(p, tag->line, "a name can't contain spaces: ", tag->name);
        }
    }
    return OK;
}

static enum status take_tag(struct parser *p, struct tag *tag) {
    bool dynamic = false;
    struct node *n;
    if (tag->sigil == '!') {
        (void)take_line(p, tag);
        return OK;
    }
    if (tag->sigil == '=') {
        return set_delimiters(p, tag);
    }
    struct str name = tag->name;
    if ((tag->sigil == '>' || tag->sigil == '<') && name.len && name.ptr[0] == '*') {
        dynamic = true;
        tag->name = str_trim(str_sub(name, 1, name.len));
    } else if (tag->sigil == '/' && name.len && name.ptr[0] == '*' && in_parent(p) && top(p)->node->dynamic) {
        tag->name = str_trim(str_sub(name, 1, name.len));
    }
    enum status status = check_name(p, tag);
    if (status != OK) {
        return status;
    }
    switch (tag->sigil) {
    case '#':
    case '^':
        (void)take_line(p, tag);
        return push(p, add(p, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED, tag->line, tag->name));
    case '/':
        return close_tag(p, tag);
    case '$':
        return open_block(p, tag);
    case '<':
        status = open_parent(p, tag, &n);
        n->dynamic = dynamic;
        return status;
    case '>': {
        bool alone = take_line(p, tag);
        n = add(p, NODE_PARTIAL, tag->line, tag->name);
        n->dynamic = dynamic;
        n->standalone = alone;
        n->indent = alone ? tag_blanks(p, tag) : STR("");
        return OK;
    }
    default:
        add_text(p, tag->start);
        if (begins_line(p, tag->start)) {
            add(p, NODE_TEXT, tag->line, STR(""))->line_start = true;
        }
        p->text_from = tag->end;
        n = add(p, NODE_VALUE, tag->line, tag->name);
        n->raw = tag->sigil == '{' || tag->sigil == '&';
        n->place = n->raw || p->t->kind == MUSTACHE_TEXT ? PLACE_RAW
                   : p->t->kind == MUSTACHE_SPEC         ? PLACE_TEXT
                                                         : PLACE_UNKNOWN;
        return OK;
    }
}

enum status mustache_parse(struct mustache *t, struct error *err) {
    struct parser p = {.t = t, .err = err, .src = t->source, .left = STR("{{"), .right = STR("}}"), .line = 1};
    p.stack[0] = (struct open){.tail = &t->root};
    size_t pos = 0;
    enum status status = OK;
    for (;;) {
        size_t start = str_search(p.src, p.left, pos);
        if (start >= p.src.len) {
            break;
        }
        struct tag tag;
        status = read_tag(&p, start, &tag);
        if (status == OK) {
            status = take_tag(&p, &tag);
        }
        if (status != OK) {
            return status;
        }
        pos = tag.end;
    }
    if (p.depth) {
        return fail(&p, top(&p)->node->line, "this is opened and never closed: ", top(&p)->node->text);
    }
    add_text(&p, p.src.len);
    t->last_line = line_at(&p, p.src.len);
    return OK;
}
