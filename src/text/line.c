#include "text/line.h"

#include "base/utf8.h"
#include "text/breaks.h"
#include "text/width.h"

#include <unicode/uchar.h>

static bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

/* Without white space at the end; NEL and the separators U+2028 and U+2029 too. */
static struct str trim_right(struct str s) {
    for (;;) {
        if (s.len > 0 && is_white(s.ptr[s.len - 1])) {
            s.len--;
        } else if (str_ends(s, STR("\xc2\x85"))) {
            s.len -= 2;
        } else if (str_ends(s, STR("\u2028")) || str_ends(s, STR("\u2029")) || str_ends(s, STR("\u3000"))) {
            s.len -= 3;
        } else {
            return s;
        }
    }
}

/* Where a URL that begins at FROM ends; FROM when none begins there. */
static size_t url_end(struct str s, size_t from) {
    struct str rest = str_sub(s, from, s.len);
    if (!str_starts_nocase(rest, STR("https://")) && !str_starts_nocase(rest, STR("http://")) &&
        !str_starts_nocase(rest, STR("mailto:"))) {
        return from;
    }
    size_t end = from;
    while (end < s.len) {
        size_t next = end;
        uint32_t c = utf8_next(s, &next);
        /* Letters of any script may be part of it; a Chinese comma is not. */
        if (c <= ' ' || c == '>' || c == '<' || c == '"' ||
            (c >= 0x80 && !u_isalnum((UChar32)c) && !(U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK))) {
            break;
        }
        end = next;
    }
    return end;
}

/* The next URL at or after FROM into *START and *END; both at the text's end when there is none. */
static void next_url(struct str s, size_t from, size_t *start, size_t *end) {
    for (size_t i = from; i < s.len; i++) {
        i = str_find(s, ':', i);
        size_t begin = i >= 6 && str_eq_nocase(str_sub(s, i - 6, i), STR("mailto"))  ? i - 6
                       : i >= 5 && str_eq_nocase(str_sub(s, i - 5, i), STR("https")) ? i - 5
                       : i >= 4 && str_eq_nocase(str_sub(s, i - 4, i), STR("http"))  ? i - 4
                                                                                     : i;
        *end = begin < i ? url_end(s, begin) : begin;
        if (*end > begin && i < s.len) {
            *start = begin;
            return;
        }
    }
    *start = *end = s.len;
}

enum status line_wrap(struct str paragraph, const char *lang, size_t width, line_fn *fn, void *context,
                      struct error *err) {
    size_t start = 0, last = 0,
           at = 0;      /* the line's start, the last place in it that may end it, the next such place */
    size_t columns = 0; /* from START to LAST, white space at LAST included */
    size_t url_from = 0, url_to = 0;

    struct breaks *b = breaks_open(BREAKS_LINE, lang, paragraph);
    if (!b) {
        return error_set(err, ERR_OS, "out of memory for breaking lines");
    }
    next_url(paragraph, 0, &url_from, &url_to);
    while (breaks_next(b, &at)) {
        bool hard = breaks_is_hard(b) || at == paragraph.len;
        while (url_to <= at && url_from < paragraph.len) {
            next_url(paragraph, url_to, &url_from, &url_to);
        }
        if (at > url_from && at < url_to && !hard) {
            continue;
        }
        struct str piece = str_sub(paragraph, last, at);
        struct str visible = trim_right(piece);
        if (last > start && columns + width_of(visible) > width) {
            struct str line = str_sub(paragraph, start, last);
            struct str shown = trim_right(line);
            fn(context, shown, shown.len < line.len, false);
            start = last;
            columns = 0;
        }
        columns += width_of(piece);
        last = at;
        if (hard) {
            fn(context, trim_right(str_sub(paragraph, start, at)), false, true);
            start = at;
            columns = 0;
        }
    }
    if (paragraph.len == 0) {
        fn(context, paragraph, false, true);
    }
    breaks_close(b);
    return OK;
}
