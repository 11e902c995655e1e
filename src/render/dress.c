#include "render/dress.h"

/* What an element needs even where the style sheet is gone: to be told apart, and not to be wider than the column. */
static void add_style(struct str name, const struct dress *d, struct buf *out) {
    const char *start = d->rtl ? "right" : "left";
    const char *end = d->rtl ? "left" : "right";
    if (str_eq(name, STR("a"))) {
        buf_addf(out, " style=\"color:%s;text-decoration:underline\"", d->link);
    } else if (str_eq(name, STR("img"))) {
        buf_adds(out, " style=\"max-width:100%;height:auto\"");
    } else if (str_eq(name, STR("blockquote"))) {
        buf_addf(out, " style=\"margin:0 0 14px;padding:0;padding-%s:16px;border:0;border-%s:3px solid %s\"", start,
                 start, d->line);
    } else if (str_eq(name, STR("pre"))) {
        buf_adds(out, " style=\"white-space:pre-wrap;font-size:15px;line-height:1.5\"");
    } else if (str_eq(name, STR("code"))) {
        buf_adds(out, " style=\"font-size:15px\"");
    } else if (str_eq(name, STR("mark"))) { /* a browser's own is yellow in the dark too, behind light letters */
        buf_adds(out, " style=\"background-color:#fff1a8;color:#1d1b18\"");
    } else if (str_eq(name, STR("figure"))) {
        buf_adds(out, " style=\"margin:0 0 14px\"");
    } else if (str_eq(name, STR("table"))) {
        buf_adds(out, " style=\"border-collapse:collapse\"");
    } else if (str_eq(name, STR("th")) || str_eq(name, STR("td"))) {
        buf_addf(out,
                 " style=\"padding:6px 0;padding-%s:14px;border-bottom:1px solid %s;text-align:%s;vertical-align:top\"",
                 end, d->line, start);
    }
}

static bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

void dress_html(struct str html, const struct dress *d, struct buf *out) {
    size_t from = 0;
    for (size_t i = 0; i < html.len; i++) {
        if (html.ptr[i] != '<') {
            continue; /* in clean HTML it opens a tag, and a value has none */
        }
        bool closing = i + 1 < html.len && html.ptr[i + 1] == '/';
        size_t begin = i + 1 + closing, end = begin;
        while (end < html.len && (is_letter(html.ptr[end]) || (html.ptr[end] >= '0' && html.ptr[end] <= '9'))) {
            end++;
        }
        struct str name = str_sub(html, begin, end);
        if (d->raise && name.len == 2 && name.ptr[0] == 'h' && name.ptr[1] > '0' + d->raise && name.ptr[1] <= '6') {
            buf_add(out, str_sub(html, from, begin + 1));
            buf_addc(out, (char)(name.ptr[1] - d->raise));
            from = end;
        } else if (!closing) {
            buf_add(out, str_sub(html, from, end));
            add_style(name, d, out);
            from = end;
        }
        i = end - 1;
    }
    buf_add(out, str_sub(html, from, html.len));
}
