#include "source/permalink.h"

#include "base/buf.h"

static bool add_value(struct str name, const struct permalink *p, struct buf *b) {
    const struct {
        const char *name;
        struct str value;
    } texts[] = {{"path", p->path},         {"folder", p->folder},       {"section", p->section},
                 {"sections", p->folder},   {"slug", p->slug},           {"name", p->name},
                 {"language", p->language}, {"title", p->slug},          {"contentbasename", p->name},
                 {"filename", p->name},     {"slugorfilename", p->slug}, {"categories", p->section}};
    const struct {
        const char *name;
        int value, digits;
    } numbers[] = {{"year", p->year, 4},
                   {"month", p->month, 2},
                   {"day", p->day, 2},
                   {"i_month", p->month, 1},
                   {"i_day", p->day, 1}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (str_eq(name, str_from(texts[i].name))) {
            buf_add(b, texts[i].value);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (str_eq(name, str_from(numbers[i].name))) {
            if (numbers[i].value) {
                buf_addf(b, "%0*d", numbers[i].digits, numbers[i].value);
            }
            return true;
        }
    }
    return false;
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

struct str permalink_fill(struct str pattern, const struct permalink *p, struct arena *a) {
    struct buf b = BUF_INIT, out = BUF_INIT;
    for (size_t i = 0; i < pattern.len;) {
        char c = pattern.ptr[i];
        bool brace = c == '{';
        size_t end = i + 1;
        while ((brace || c == ':') && end < pattern.len && is_name(pattern.ptr[end])) {
            end++;
        }
        bool whole = brace ? end < pattern.len && pattern.ptr[end] == '}' : c == ':' && end > i + 1;
        if (whole && add_value(str_sub(pattern, i + 1, end), p, &b)) {
            i = end + brace;
        } else {
            buf_addc(&b, c);
            i++;
        }
    }
    struct str s = buf_str(&b);
    size_t host = str_search(s, STR("://"), 0);
    host = host < s.len ? str_find(s, '/', host + 3) : 0;
    for (size_t i = 0; i < s.len; i++) {
        if (i <= host || s.ptr[i] != '/' || s.ptr[i - 1] != '/') {
            buf_addc(&out, s.ptr[i]);
        }
    }
    struct str filled = out.failed || b.failed ? STR_NONE : arena_str(a, buf_str(&out));
    buf_release(&b);
    buf_release(&out);
    return filled;
}
