#include "render/scan.h"

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Where the tag that begins before I ends: at its '>' outside of quotes, or at the end. */
static size_t tag_end(struct str s, size_t i) {
    while (i < s.len && s.ptr[i] != '>') {
        if (s.ptr[i] == '"')
            i = str_find(s, '"', i + 1);
        i += i < s.len;
    }
    return i;
}

bool scan_next(struct scan *s, struct scan_token *t) {
    struct str h = s->html;
    size_t i = s->at;
    *t = (struct scan_token){0};
    if (i >= h.len)
        return false;
    bool close = i + 1 < h.len && h.ptr[i + 1] == '/';
    size_t from = i + 1 + close;
    if (h.ptr[i] != '<' || from >= h.len || !is_name(h.ptr[from])) {
        s->at = str_find(h, '<', i + 1);
        t->raw = str_sub(h, i, s->at);
        return true;
    }
    size_t to = from;
    while (to < h.len && is_name(h.ptr[to]))
        to++;
    size_t end = tag_end(h, to);
    struct tag_info info = tag_lookup(str_sub(h, from, to));
    t->kind = close ? SCAN_CLOSE : SCAN_OPEN;
    t->tag = str_eq(str_sub(h, from, to), STR("span"))  ? TAG_SPAN
             : str_eq(str_sub(h, from, to), STR("div")) ? TAG_DIV
                                                        : info.tag;
    t->level = info.level;
    t->is_void = info.kind == KIND_VOID;
    t->raw = str_sub(h, to, end);
    s->at = end + 1;
    return true;
}

void scan_decode(struct str raw, struct buf *out) {
    static const struct {
        struct str entity;
        char c;
    } entities[] = {{{"&amp;", 5}, '&'}, {{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'}, {{"&quot;", 6}, '"'}};
    size_t from = 0;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] != '&')
            continue;
        for (size_t k = 0; k < sizeof entities / sizeof *entities; k++)
            if (str_starts(str_sub(raw, i, raw.len), entities[k].entity)) {
                buf_add(out, str_sub(raw, from, i));
                buf_addc(out, entities[k].c);
                from = i + entities[k].entity.len;
                i = from - 1;
                break;
            }
    }
    buf_add(out, str_sub(raw, from, raw.len));
}

struct str scan_attribute(const struct scan_token *t, struct str name) {
    struct str r = t->raw;
    for (size_t i = 0; i < r.len;) {
        if (!is_name(r.ptr[i])) {
            i++;
            continue;
        }
        size_t from = i;
        while (i < r.len && is_name(r.ptr[i]))
            i++;
        struct str found = str_sub(r, from, i);
        if (!str_starts(str_sub(r, i, r.len), STR("=\"")))
            continue;
        size_t end = str_find(r, '"', i + 2);
        if (str_eq(found, name))
            return str_sub(r, i + 2, end);
        i = end + 1;
    }
    return STR_NONE;
}
