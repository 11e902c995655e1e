#include "render/tree.h"

#include <stdlib.h>

/* Adds a node at the end of PARENT's children; 0 (a node nobody looks at) when there are too many. */
static uint32_t add_node(struct tree *t, uint32_t parent, enum tag tag, const struct attributes *at) {
    if (t->failed || t->count >= t->max) {
        t->failed = true;
        return 0;
    }
    if (t->count == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 64;
        struct node *more = reallocarray(t->nodes, cap, sizeof *more);
        if (!more) {
            t->failed = true;
            return 0;
        }
        t->nodes = more;
        t->cap = cap;
    }
    uint32_t id = t->count++;
    t->nodes[id] = (struct node){.tag = tag, .parent = parent};
    if (at)
        t->nodes[id].at = *at;
    if (parent) {
        struct node *p = &t->nodes[parent];
        if (p->last)
            t->nodes[p->last].next = id;
        else
            p->first = id;
        p->last = id;
    }
    return id;
}

void tree_init(struct tree *t, uint32_t max) {
    *t = (struct tree){.max = max};
    add_node(t, 0, TAG_UNKNOWN, NULL);
    add_node(t, 0, TAG_ROOT, NULL);
    t->blocks[0] = 1;
    t->depth = 1;
}

void tree_release(struct tree *t) {
    free(t->nodes);
    buf_release(&t->text);
    buf_release(&t->blanks);
    *t = (struct tree){0};
}

static enum tag tag_of(const struct tree *t, uint32_t id) {
    return id < t->count ? t->nodes[id].tag : TAG_UNKNOWN;
}

static uint32_t top(const struct tree *t) {
    return t->blocks[t->depth - 1];
}

static enum tag top_tag(const struct tree *t) {
    return tag_of(t, top(t));
}

/* Ends the current line: what was due before its next content is forgotten. */
static void end_line(struct tree *t) {
    t->made_n = 0;
    t->line = t->space = false;
    t->breaks = 0;
    buf_clear(&t->blanks);
}

static void pop_to(struct tree *t, size_t depth) {
    if (depth < t->depth) {
        t->depth = depth;
        end_line(t);
    }
}

/* An element that can't be added is not opened: its content goes to the one around it. */
static void push(struct tree *t, enum tag tag, const struct attributes *at) {
    end_line(t);
    if (t->depth == TREE_BLOCKS)
        return;
    uint32_t id = add_node(t, top(t), tag, at);
    if (id)
        t->blocks[t->depth++] = id;
}

/* Those that hold lines and nothing else. */
static bool holds_lines_only(enum tag tag) {
    return tag == TAG_P || tag == TAG_H || tag == TAG_PRE || tag == TAG_DT || tag == TAG_CAPTION;
}

static bool is_list(enum tag tag) {
    return tag == TAG_UL || tag == TAG_OL;
}

static bool is_section(enum tag tag) {
    return tag == TAG_THEAD || tag == TAG_TBODY;
}

/* Something is to be seen in NODE, and so in all around it. */
static void mark_full(struct tree *t, uint32_t node) {
    while (node && !t->nodes[node].full) {
        uint32_t parent = t->nodes[node].parent;
        t->nodes[node].full = true;
        t->nodes[parent].ends_in_line = !tag_is_block(t->nodes[node].tag);
        node = parent;
    }
}

/* The edge of a block that isn't kept: what follows does not stand in the same line. */
static void edge(struct tree *t) {
    switch (top_tag(t)) {
    case TAG_P:
        pop_to(t, t->depth - 1);
        break;
    case TAG_H:
    case TAG_CAPTION:
    case TAG_DT:
        t->space |= t->line;
        break;
    case TAG_PRE:
        if (t->line && t->blanks.len == 0)
            buf_addc(&t->blanks, '\n');
        break;
    default:
        if (t->line && t->breaks == 0)
            t->breaks = 1;
    }
}

/* The depth of the nearest open table, 0 when there is none. */
static size_t table_depth(const struct tree *t) {
    for (size_t i = t->depth; i-- > 1;)
        if (tag_of(t, t->blocks[i]) == TAG_TABLE)
            return i;
    return 0;
}

/* Goes back to the row or, with none open, to the table or its section. */
static void pop_to_row(struct tree *t, size_t table, bool row) {
    size_t keep = table + 1;
    if (keep < t->depth && is_section(tag_of(t, t->blocks[keep])))
        keep++;
    if (row && keep < t->depth && tag_of(t, t->blocks[keep]) == TAG_TR)
        keep++;
    pop_to(t, keep);
}

/* Makes the top something that may hold a line or a block: an item in a list, a cell in a table. */
static void into_flow(struct tree *t) {
    if (is_list(top_tag(t)))
        push(t, TAG_LI, NULL);
    else if (top_tag(t) == TAG_DL)
        push(t, TAG_DD, NULL);
    else if (top_tag(t) == TAG_TABLE || is_section(top_tag(t)) || top_tag(t) == TAG_TR) {
        if (top_tag(t) != TAG_TR)
            push(t, TAG_TR, NULL);
        if (top_tag(t) == TAG_TR)
            push(t, TAG_TD, NULL);
    }
}

/* What may hold itself again, by way of others or not. */
static bool nests(enum tag tag) {
    return is_list(tag) || tag == TAG_DL || tag == TAG_TABLE || tag == TAG_BLOCKQUOTE || tag == TAG_FIGURE ||
           tag == TAG_DIV;
}

/* Goes to where a block TAG may be added. False: it can't be, only its edge counts. */
static bool place(struct tree *t, enum tag tag) {
    size_t table = table_depth(t);
    switch (tag) {
    case TAG_CAPTION:
        if (!table || t->nodes[t->blocks[table]].first)
            return false;
        pop_to(t, table + 1);
        return true;
    case TAG_THEAD:
    case TAG_TBODY:
        if (!table)
            return false;
        pop_to(t, table + 1);
        return true;
    case TAG_TR:
        if (!table)
            return false;
        pop_to_row(t, table, false);
        return true;
    case TAG_TD:
    case TAG_TH:
        if (!table)
            return false;
        pop_to_row(t, table, true);
        if (top_tag(t) != TAG_TR)
            push(t, TAG_TR, NULL);
        return true;
    case TAG_FIGCAPTION:
        if (top_tag(t) == TAG_P && tag_of(t, t->blocks[t->depth - 2]) == TAG_FIGURE)
            pop_to(t, t->depth - 1);
        return top_tag(t) == TAG_FIGURE;
    default:
        break;
    }
    if (holds_lines_only(top_tag(t)) && !((tag == TAG_DD || tag == TAG_DT) && top_tag(t) == TAG_DT))
        pop_to(t, t->depth - 1);
    else
        end_line(t);
    if (tag == TAG_LI) {
        if (top_tag(t) == TAG_LI)
            pop_to(t, t->depth - 1);
        if (!is_list(top_tag(t))) {
            into_flow(t);
            if (t->depth > TREE_NESTED)
                return false;
            push(t, TAG_UL, NULL);
        }
    } else if (tag == TAG_DT || tag == TAG_DD) {
        if (top_tag(t) == TAG_DT || top_tag(t) == TAG_DD)
            pop_to(t, t->depth - 1);
        if (top_tag(t) != TAG_DL) {
            into_flow(t);
            if (t->depth > TREE_NESTED)
                return false;
            push(t, TAG_DL, NULL);
        }
    } else if (is_list(tag) && is_list(top_tag(t)) && tag_of(t, t->nodes[top(t)].last) == TAG_LI &&
               t->depth <= TREE_NESTED) {
        /* A list directly in a list belongs to the item before it. */
        uint32_t item = t->nodes[top(t)].last;
        t->blocks[t->depth++] = item;
        end_line(t);
    } else {
        into_flow(t);
    }
    return t->depth <= TREE_NESTED || !nests(tag);
}

static struct tree_mark open_line(struct tree *t, enum tag tag, const struct attributes *at) {
    struct tree_mark mark = {MARK_LINE, 0, t->wanted_n};
    if (t->wanted_n == TREE_LINES || (tag == TAG_BDO && at->dir != DIR_LTR && at->dir != DIR_RTL))
        return (struct tree_mark){MARK_NONE, 0, 0};
    t->wanted[t->wanted_n] = tag;
    t->wanted_at[t->wanted_n] = *at;
    t->wanted_id[t->wanted_n] = ++t->last_id;
    t->wanted_n++;
    return mark;
}

struct tree_mark tree_open(struct tree *t, struct tag_info info, const struct attributes *at) {
    bool carries = at->lang.len > 0 || at->dir != DIR_NONE;
    enum tag tag = info.tag;
    struct tree_mark none = {MARK_NONE, 0, 0}, bare = {MARK_EDGE, 0, 0};
    if (info.kind == KIND_SPAN && !carries)
        return none;
    if (info.kind == KIND_SPAN)
        tag = TAG_SPAN;
    if (info.kind == KIND_SPAN || info.kind == KIND_INLINE)
        return open_line(t, tag, at);
    if (info.kind == KIND_DIV)
        tag = carries ? TAG_DIV : TAG_UNKNOWN;
    if (tag == TAG_UNKNOWN) {
        edge(t);
        return bare;
    }
    if ((tag == TAG_P || tag == TAG_DIV) && holds_lines_only(top_tag(t)) && top_tag(t) != TAG_P) {
        edge(t);
        return carries ? open_line(t, TAG_SPAN, at) : bare;
    }
    if (!place(t, tag)) {
        edge(t);
        return bare;
    }
    size_t before = t->depth;
    push(t, tag, at);
    return t->depth > before ? (struct tree_mark){MARK_BLOCK, top(t), 0} : bare;
}

void tree_close(struct tree *t, struct tree_mark mark) {
    switch (mark.kind) {
    case MARK_BLOCK:
        for (size_t i = t->depth; i-- > 1;)
            if (t->blocks[i] == mark.id) {
                pop_to(t, i);
                return;
            }
        edge(t);
        break;
    case MARK_LINE:
        if (mark.wanted_n < t->wanted_n)
            t->wanted_n = mark.wanted_n;
        break;
    case MARK_EDGE:
        edge(t);
        break;
    default:
        break;
    }
}

/* Adds bytes to the text node at the end of PARENT, or a new one. */
static void add_text(struct tree *t, uint32_t parent, struct str s) {
    uint32_t id = t->nodes[parent].last;
    if (tag_of(t, id) != TAG_TEXT || t->nodes[id].text + t->nodes[id].text_len != t->text.len) {
        id = add_node(t, parent, TAG_TEXT, NULL);
        if (!id)
            return;
        t->nodes[id].text = t->text.len;
    }
    buf_add(&t->text, s);
    t->nodes[id].text_len += s.len;
    if (t->text.failed)
        t->failed = true;
}

/* Elements that say nothing more when they stand in themselves. */
static bool is_idempotent(enum tag tag) {
    switch (tag) {
    case TAG_B:
    case TAG_CODE:
    case TAG_DEL:
    case TAG_EM:
    case TAG_I:
    case TAG_INS:
    case TAG_MARK:
    case TAG_S:
    case TAG_SMALL:
    case TAG_STRONG:
    case TAG_U:
        return true;
    default:
        return false;
    }
}

/* Whether the wanted inline element I counts, given those before it that do. */
static bool is_effective(const struct tree *t, size_t i, const size_t *before, size_t n) {
    enum tag tag = t->wanted[i];
    bool ruby = false;
    if (tag == TAG_A || tag == TAG_RT || tag == TAG_RP)
        for (size_t k = i + 1; k < t->wanted_n; k++)
            if (tag == TAG_A ? t->wanted[k] == TAG_A : t->wanted[k] == TAG_RT || t->wanted[k] == TAG_RP)
                return false;
    for (size_t k = 0; k < n; k++) {
        if (t->wanted[before[k]] == tag && is_idempotent(tag) && t->wanted_at[i].lang.len == 0 &&
            t->wanted_at[i].dir == DIR_NONE)
            return false;
        ruby |= t->wanted[before[k]] == TAG_RUBY;
    }
    return ruby || (tag != TAG_RT && tag != TAG_RP);
}

/* Makes the tree ready for content of a line; returns the node it goes into, 0 when there is none. */
static uint32_t begin_content(struct tree *t) {
    size_t effective[TREE_LINES] = {0}, n = 0, same = 0;
    into_flow(t);
    if (top_tag(t) == TAG_ROOT || top_tag(t) == TAG_BLOCKQUOTE || top_tag(t) == TAG_DIV)
        push(t, TAG_P, NULL);
    for (size_t i = 0; i < t->wanted_n; i++)
        if (is_effective(t, i, effective, n))
            effective[n++] = i;
    while (same < n && same < t->made_n && t->made_id[same] == t->wanted_id[effective[same]])
        same++;
    t->made_n = same;
    uint32_t in = same ? t->made[same - 1] : top(t);
    /* A new line in an element whose last line ended without a block behind it that can be seen. */
    if (!t->line && t->nodes[in].ends_in_line)
        t->breaks = 1;
    if (t->blanks.len > 0)
        add_text(t, in, buf_str(&t->blanks));
    else if (t->breaks > 0)
        for (unsigned i = 0; i < t->breaks; i++)
            add_node(t, in, TAG_BR, NULL);
    else if (t->space)
        add_text(t, in, STR(" "));
    buf_clear(&t->blanks);
    t->breaks = 0;
    t->space = false;
    t->line = true;
    for (size_t i = same; i < n; i++) {
        uint32_t id = add_node(t, in, t->wanted[effective[i]], &t->wanted_at[effective[i]]);
        if (!id)
            return 0;
        t->made[t->made_n] = id;
        t->made_id[t->made_n++] = t->wanted_id[effective[i]];
        in = id;
    }
    mark_full(t, in);
    t->nodes[top(t)].ends_in_line = true;
    return t->failed ? 0 : in;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

void tree_text(struct tree *t, struct str s) {
    for (size_t i = 0; i < s.len;) {
        size_t end = i;
        while (end < s.len && is_blank(s.ptr[end]))
            end++;
        if (end > i && top_tag(t) == TAG_PRE) {
            for (; i < end; i++)
                if (s.ptr[i] == '\n' && !t->line)
                    buf_clear(&t->blanks); /* blank lines at the start */
                else if (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\n')
                    buf_addc(&t->blanks, s.ptr[i]);
        } else if (end > i) {
            t->space |= t->line;
        }
        i = end;
        while (end < s.len && !is_blank(s.ptr[end]))
            end++;
        if (end > i) {
            uint32_t in = begin_content(t);
            if (!in)
                return;
            add_text(t, in, str_sub(s, i, end));
        }
        i = end;
    }
}

void tree_image(struct tree *t, const struct attributes *at) {
    uint32_t in = begin_content(t);
    if (in) {
        uint32_t id = add_node(t, in, TAG_IMG, at);
        t->nodes[id].full = true;
    }
}

void tree_break(struct tree *t) {
    if (top_tag(t) == TAG_PRE) {
        if (t->line)
            buf_addc(&t->blanks, '\n');
    } else if (t->line && t->breaks < 2) {
        t->breaks++;
    }
}

void tree_rule(struct tree *t) {
    struct attributes none = {0};
    struct tree_mark mark = tree_open(t, (struct tag_info){TAG_HR, KIND_BLOCK, 0}, &none);
    if (mark.kind == MARK_BLOCK)
        mark_full(t, mark.id);
    tree_close(t, mark);
}

void tree_set_text(struct tree *t, uint32_t node, struct str s) {
    t->nodes[node].first = t->nodes[node].last = 0;
    add_text(t, node, s);
}

uint32_t tree_next(const struct tree *t, uint32_t node, bool skip, unsigned *up) {
    *up = 0;
    if (!skip && t->nodes[node].first)
        return t->nodes[node].first;
    while (node && !t->nodes[node].next) {
        node = t->nodes[node].parent;
        ++*up;
    }
    return node ? t->nodes[node].next : 0;
}
