#include "text/summary.h"

#include "base/utf8.h"
#include "text/breaks.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

/* How far behind the limit ICU may look to find where a sentence ends. */
enum { LOOKAHEAD = 1024 };

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && u_isUWhiteSpace((UChar32)c));
}

/* Han, kana and their punctuation: written without spaces. */
static bool is_spaceless(uint32_t c) {
    if (c < 0x2e80) {
        return false;
    }
    UErrorCode code = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)c, &code);
    return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
           (c >= 0x3001 && c <= 0x303f) || (c >= 0xff01 && c <= 0xff60);
}

void summary_flatten(struct str text, struct buf *out) {
    size_t start = out->len, run = 0; /* white space seen since the last visible character */
    uint32_t space = 0, before = 0;
    size_t line_ends = 0;

    for (size_t i = 0; i < text.len;) {
        size_t at = i;
        uint32_t c = utf8_next(text, &i);
        if (is_space(c)) {
            space = c;
            run++;
            line_ends += c == '\n';
            continue;
        }
        if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xfeff) {
            continue;
        }
        /* A line end inside a Chinese sentence is no space; one behind a heading is. */
        bool glue =
            line_ends > 0 && is_spaceless(before) && is_spaceless(c) && (line_ends == 1 || !u_isalnum((UChar32)before));
        if (run > 0 && out->len > start && !glue) {
            bool keep = run == 1 && (space == 0xa0 || space == 0x202f || space == 0x3000);
            buf_add_utf8(out, keep ? space : ' ');
        }
        if (c == 0xfffd) { /* perhaps a malformed byte */
            buf_add_utf8(out, c);
        } else {
            buf_add(out, str_sub(text, at, i));
        }
        before = c;
        run = 0;
        line_ends = 0;
    }
}

/* U+0F0D to U+0F11, the shads, which end phrases in Tibetan and Dzongkha; U+17D4 and U+17D5, Khmer's full stops, which
 * ICU 72 takes for no ends of sentences. */
static bool is_shad(struct str s, size_t at) {
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    return at + 3 <= s.len && ((p[0] == 0xe0 && p[1] == 0xbc && p[2] >= 0x8d && p[2] <= 0x91) ||
                               (p[0] == 0xe1 && p[1] == 0x9f && (p[2] == 0x94 || p[2] == 0x95)));
}

static bool has_letter(struct str s) {
    for (size_t i = 0; i < s.len;) {
        if (u_isalpha((UChar32)utf8_next(s, &i))) {
            return true;
        }
    }
    return false;
}

/* The place behind the last shad that ends at or before LIMIT and has a letter before it; 0 when there is none. A pair
 * "། །" is one end. */
static size_t last_shad(struct str s, size_t limit) {
    size_t found = 0;
    for (size_t at = 0; at < limit; at++) {
        if (is_shad(s, at)) {
            at += 3;
            while (at < s.len && (is_shad(s, at) || (s.ptr[at] == ' ' && is_shad(s, at + 1)))) {
                at += s.ptr[at] == ' ' ? 1 : 3;
            }
            if (at <= limit && has_letter(str_sub(s, 0, at))) {
                found = at;
            }
            at--;
        }
    }
    return found;
}

/* Whether the full stop that ends S is one of an abbreviation ("Dr.", "z. B."), an initial ("J.") or an ordinal ("3.
 * Mai", "1. First"). ICU's own lists cost 0.4 ms a call and miss the first word. */
static bool is_abbreviation(struct str s) {
    static const char list[] =
        " dr mr mrs ms prof st sr jr no nr vs bzw ca vgl art sig dott av ul tel inc ltd mme mlle ";
    char word[8] = " ";
    bool number = true;

    if (!str_ends(s, STR("."))) {
        return false;
    }
    s.len--;
    size_t start = s.len;
    while (start > 0 && !strchr(" .(", s.ptr[start - 1])) {
        start--;
    }
    struct str last = str_sub(s, start, s.len);
    if (last.len == 0 || last.len > sizeof word - 3) {
        return false;
    }
    if (utf8_count(last) == 1) {
        size_t i = 0;
        uint32_t c = utf8_next(last, &i);
        return u_isdigit((UChar32)c) || (u_isalpha((UChar32)c) && u_charDirection((UChar32)c) == U_LEFT_TO_RIGHT);
    }
    for (size_t i = 0; i < last.len; i++) {
        char c = last.ptr[i];
        number &= c >= '0' && c <= '9';
        word[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    word[last.len + 1] = ' ';
    return (number && last.len == 2) || strstr(list, word) != NULL;
}

/* What ICU is shown: enough to judge every place up to LIMIT, however long S is. */
static struct str window(struct str s, size_t limit) {
    return s.len - limit <= LOOKAHEAD ? s : str_sub(s, 0, utf8_cut(s, limit + LOOKAHEAD));
}

/* Whether S goes on in lower case at AT, after one space: "Yes!" she said. */
static bool goes_on(struct str s, size_t at) {
    size_t i = at < s.len && s.ptr[at] == ' ' ? at + 1 : at;
    uint32_t c = i < s.len ? utf8_next(s, &i) : 0;
    bool georgian = c >= 0x10d0 && c <= 0x10ff; /* small letters by name only: sentences begin with them */
    return u_islower((UChar32)c) && !georgian;
}

/* The end of the last sentence that ends at or before LIMIT, trailing space left out; 0 when there is none. */
static size_t last_sentence(struct str s, const char *lang, size_t limit) {
    size_t found = last_shad(s, limit), at;
    struct breaks *b = breaks_open(BREAKS_SENTENCE, lang, window(s, limit));

    while (b && breaks_next(b, &at)) {
        struct str sentence = str_sub(s, 0, at);
        while (sentence.len > 0 && (str_ends(sentence, STR(" ")) || str_ends(sentence, STR("\u3000")))) {
            sentence.len -= sentence.ptr[sentence.len - 1] == ' ' ? 1 : 3;
        }
        if (sentence.len > limit) {
            break;
        }
        if (sentence.len > found && has_letter(sentence) && !goes_on(s, sentence.len) && !is_abbreviation(sentence)) {
            found = sentence.len;
        }
    }
    breaks_close(b);
    return found;
}

/* The last place at or before LIMIT where a line may break between two characters; 0 when there is none. */
static size_t last_line_break(struct str s, const char *lang, size_t limit, struct breaks *characters) {
    size_t found = 0, at;
    struct breaks *b = breaks_open(BREAKS_LINE, lang, window(s, limit));

    while (b && breaks_next(b, &at) && at <= limit) {
        if (breaks_is_boundary(characters, at)) {
            found = at;
        }
    }
    breaks_close(b);
    return found;
}

/* Without the spaces, commas and dashes at the end that an ellipsis would follow oddly. */
static size_t trim_end(struct str s, size_t end) {
    static const char *const marks[] = {" ", ",",  ";",  ":",  "-",  "–",      "—",     "،",
                                        "؛", "、", "，", "；", "：", "\u3000", "\u00a0"};
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            struct str mark = str_from(marks[i]);
            if (end > mark.len && str_ends(str_sub(s, 0, end), mark)) {
                end -= mark.len;
                again = true;
            }
        }
    }
    return end;
}

bool summary_cut(struct str text, const char *lang, size_t max_chars, struct buf *out) {
    struct buf flat = BUF_INIT;
    struct breaks *characters = NULL;
    size_t end = 0, limit = 0, at = 0, n = 0; /* END fits with an ellipsis behind it, LIMIT without */
    bool cut = false;

    summary_flatten(text, &flat);
    struct str s = buf_str(&flat);
    if (flat.failed) {
        out->failed = true;
        goto done;
    }
    if (s.len <= max_chars) {
        buf_add(out, s);
        goto done;
    }
    characters = breaks_open(BREAKS_CHARACTER, NULL, s);
    if (!characters) {
        out->failed = true;
        goto done;
    }
    while (n < max_chars && breaks_next(characters, &at)) {
        n++;
        end = limit;
        limit = at;
    }
    if (limit == s.len) {
        buf_add(out, s);
        goto done;
    }
    cut = true;
    if (max_chars == 0) {
        goto done;
    }
    size_t sentence = last_sentence(s, lang, limit);
    if (sentence > 0) {
        buf_add(out, str_sub(s, 0, sentence));
        goto done;
    }
    size_t place = 0; /* a space at END itself counts */
    for (size_t i = 0; i <= end; i++) {
        place = s.ptr[i] == ' ' ? i : place;
    }
    if (place < end / 3 || place == 0) {
        size_t line = last_line_break(s, lang, end, characters);
        place = line > place ? line : place;
    }
    size_t stop = trim_end(s, place > 0 ? place : end);
    buf_add(out, str_sub(s, 0, stop));
    buf_adds(out, "…");
done:
    breaks_close(characters);
    buf_release(&flat);
    return cut;
}
