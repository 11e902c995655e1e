#include "text/width.h"

#include "base/utf8.h"
#include "text/breaks.h"

#include <unicode/uchar.h>

/* What came before in the same sequence. */
struct state {
    uint32_t base;  /* the last character that took columns */
    size_t columns; /* of that */
    bool after_zwj; /* a ZWJ stands between */
};

static bool is_pictograph(uint32_t c) {
    return c >= 0xa9 && u_hasBinaryProperty((UChar32)c, UCHAR_EXTENDED_PICTOGRAPHIC);
}

/* Columns that C adds after what STATE has seen. */
static size_t add_columns(struct state *state, uint32_t c) {
    size_t n = 1;

    if (c >= 0x20 && c < 0x7f) {
        *state = (struct state){c, 1, false};
        return 1;
    }
    if (c < 0xa0) {
        *state = (struct state){0};
        return 0;
    }
    if (c == 0x200d) {
        state->after_zwj = true;
        return 0;
    }
    if (c == 0xfe0f) { /* shows what stands before it as an emoji */
        n = state->columns == 1 && u_hasBinaryProperty((UChar32)state->base, UCHAR_EMOJI) ? 1 : 0;
        state->columns += n;
        return n;
    }
    bool joined = state->after_zwj && is_pictograph(state->base) && is_pictograph(c);
    bool tone = c >= 0x1f3fb && c <= 0x1f3ff && is_pictograph(state->base) && !state->after_zwj;
    state->after_zwj = false;
    if (joined || tone) {
        return 0;
    }
    switch (u_charType((UChar32)c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
        return 0;
    default:
        break;
    }
    if (c >= 0x1100 && c < 0xd800) { /* vowels and final consonants of a Korean syllable join what stands before */
        int32_t kind = u_getIntPropertyValue((UChar32)c, UCHAR_HANGUL_SYLLABLE_TYPE);
        if (kind == U_HST_VOWEL_JAMO || kind == U_HST_TRAILING_JAMO) {
            return 0;
        }
    }
    if (c >= 0x1100) {
        int32_t kind = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
        n = kind == U_EA_WIDE || kind == U_EA_FULLWIDTH ? 2 : 1;
    }
    *state = (struct state){c, n, false};
    return n;
}

size_t width_of(struct str s) {
    struct state state = {0};
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        n += add_columns(&state, utf8_next(s, &i));
    }
    return n;
}

size_t width_fit(struct str s, size_t columns) {
    struct breaks *b = NULL;
    size_t fits = 0, at;

    if (s.len <= columns && utf8_is_ascii(s)) {
        return s.len;
    }
    b = breaks_open(BREAKS_CHARACTER, NULL, s);
    while (b && breaks_next(b, &at)) {
        size_t n = width_of(str_sub(s, fits, at));
        if (n > columns) {
            break;
        }
        columns -= n;
        fits = at;
    }
    breaks_close(b);
    return fits;
}

/* Bidirectional embeddings, overrides, isolates and marks. */
static bool turns(uint32_t c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

void width_pad(struct str s, size_t columns, bool right, struct buf *out) {
    struct buf clean = BUF_INIT;

    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c >= 0x20 && (c < 0x7f || c > 0x9f) && !turns(c)) {
            buf_add_utf8(&clean, c);
        }
    }
    if (clean.failed) {
        out->failed = true;
        goto done;
    }
    size_t n = width_of(buf_str(&clean));
    if (n > columns) {
        size_t fits = columns > 0 ? width_fit(buf_str(&clean), columns - 1) : 0;
        buf_truncate(&clean, fits);
        if (columns > 0) {
            buf_adds(&clean, "…");
        }
        n = width_of(buf_str(&clean));
    }
    if (!right) {
        buf_add(out, buf_str(&clean));
    }
    for (; n < columns; n++) {
        buf_addc(out, ' ');
    }
    if (right) {
        buf_add(out, buf_str(&clean));
    }
done:
    buf_release(&clean);
}
