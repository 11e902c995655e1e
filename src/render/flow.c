#include "render/flow.h"

#include "render/url.h"
#include "text/breaks.h"
#include "text/width.h"

/* A line's quote marks and its space-stuffing. */
static void begin_line(unsigned depth, struct str start, struct buf *out) {
    for (unsigned i = 0; i < depth; i++)
        buf_addc(out, '>');
    if (depth > 0 || str_starts(start, STR(" ")) || str_starts(start, STR(">")) || str_starts(start, STR("From ")))
        buf_addc(out, ' ');
}

/* A line's text without the spaces at its end: they would make it soft. */
static struct str without_end(struct str s) {
    while (s.len > 0 && strchr(" \t\r", s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Whether a line may not be broken at AT whatever the script allows. *url_end is where the last URL seen ends. */
static bool is_kept_together(struct str s, size_t from, size_t at, size_t *scanned, size_t *url_end) {
    for (; *scanned < at; ++*scanned) {
        if (*scanned < *url_end || (s.ptr[*scanned] | 32) != 'h')
            continue;
        size_t n = url_at(s, *scanned);
        if (n > 0)
            *url_end = *scanned + n;
    }
    if (at < *url_end)
        return true;
    if (at < s.len && s.ptr[at] == '[') {
        size_t i = at + 1;
        while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
            i++;
        if (i > at + 1 && i < s.len && s.ptr[i] == ']')
            return true;
    }
    /* "-- " alone on a line begins a signature. */
    return str_eq(str_sub(s, from, at), STR("--"));
}

/* One line of the text, without line ends. */
static void flow_line(const char *lang, unsigned depth, struct str prefix, struct str s, struct buf *out) {
    size_t marks = depth > 0 ? depth + 1 : 0;
    size_t room = marks + 24 < FLOW_WIDTH ? FLOW_WIDTH - 2 - marks : 22;
    struct buf line = BUF_INIT;
    s = without_end(s);
    buf_add(&line, prefix);
    size_t used = width_of(prefix), from = 0, piece = 0, scanned = 0, url_end = 0, at;
    if (s.len == 0 || used + width_of(s) <= room + 2) {
        buf_add(&line, s);
        begin_line(depth, buf_str(&line), out);
        buf_add(out, without_end(buf_str(&line)));
        buf_addc(out, '\n');
        buf_release(&line);
        return;
    }
    struct breaks *b = breaks_open(BREAKS_LINE, lang, s);
    while (b && breaks_next(b, &at)) {
        if (at < s.len && is_kept_together(s, from, at, &scanned, &url_end))
            continue;
        struct str next = str_sub(s, piece, at);
        size_t width = width_of(next), visible = width_of(without_end(next));
        if (piece > from && used + visible > room) {
            begin_line(depth, buf_str(&line), out);
            buf_add(out, buf_str(&line));
            buf_adds(out, " \n");
            buf_clear(&line);
            used = 0;
            from = piece;
        }
        buf_add(&line, next);
        used += width;
        piece = at;
    }
    breaks_close(b);
    buf_add(&line, str_sub(s, piece, s.len));
    begin_line(depth, buf_str(&line), out);
    buf_add(out, without_end(buf_str(&line)));
    buf_addc(out, '\n');
    out->failed |= line.failed;
    buf_release(&line);
}

void flow_text(const struct flow *f, struct str text, struct buf *out) {
    struct str rest = text.ptr ? text : STR(""), line;
    for (bool first = true; str_split(&rest, '\n', &line); first = false)
        flow_line(f->lang, f->depth, first ? f->first : f->further, line, out);
}

void flow_verbatim(const struct flow *f, struct str text, struct buf *out) {
    struct str rest = text.ptr ? text : STR(""), line;
    struct buf whole = BUF_INIT;
    while (str_split(&rest, '\n', &line)) {
        buf_clear(&whole);
        buf_add(&whole, f->further);
        buf_add(&whole, line);
        struct str kept = without_end(buf_str(&whole));
        begin_line(f->depth, kept, out);
        buf_add(out, kept);
        buf_addc(out, '\n');
    }
    out->failed |= whole.failed;
    buf_release(&whole);
}
