#include "render/textbody.h"

#include "render/clean.h"
#include "render/url.h"
#include "text/width.h"

/* Lines at least this long are taken for wrapped ones. */
#define WRAPPED_MIN 50

static void add_linked(struct str s, struct buf *out) {
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        size_t n = (s.ptr[i] | 32) == 'h' ? url_at(s, i) : 0;
        if (n == 0) {
            i++;
            continue;
        }
        struct str url = str_sub(s, i, i + n);
        clean_escape(str_sub(s, from, i), false, out);
        buf_adds(out, "<a href=\"");
        clean_escape(url, true, out);
        buf_adds(out, "\">");
        clean_escape(url, false, out);
        buf_adds(out, "</a>");
        i += n;
        from = i;
    }
    clean_escape(str_sub(s, from, s.len), false, out);
}

static struct str first_word(struct str s) {
    size_t end = 0;
    while (end < s.len && s.ptr[end] != ' ' && s.ptr[end] != '\t')
        end++;
    return str_sub(s, 0, end);
}

/* One paragraph: lines without an empty one among them. */
static void add_paragraph(struct str s, struct buf *out) {
    struct str rest = s, line, before = STR_NONE;
    size_t widest = 0, last = 0;
    while (str_split(&rest, '\n', &line)) {
        size_t width = width_of(str_trim(line));
        widest = width > widest ? width : widest;
    }
    rest = s;
    buf_adds(out, "<p>");
    while (str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (before.ptr) {
            bool wrapped = widest >= WRAPPED_MIN && widest <= 100 && last + 1 + width_of(first_word(line)) > widest;
            buf_adds(out, wrapped ? "\n" : "<br>");
        }
        add_linked(line, out);
        last = width_of(line);
        before = line.ptr ? line : STR("");
    }
    buf_adds(out, "</p>\n");
}

void textbody_to_html(struct str text, struct buf *out) {
    struct str rest = text, line;
    size_t at = 0, from = 0;
    bool open = false;
    /* Paragraphs are slices of the text from their first line to their last. */
    size_t end = 0;
    while (rest.ptr && str_split(&rest, '\n', &line)) {
        size_t line_end = at + line.len;
        if (str_trim(line).len > 0) {
            if (!open)
                from = at;
            open = true;
            end = line_end;
        } else if (open) {
            add_paragraph(str_sub(text, from, end), out);
            open = false;
        }
        at = line_end + 1;
    }
    if (open)
        add_paragraph(str_sub(text, from, end), out);
}
