#include "text/breaks.h"

#include "base/utf8.h"
#include "text/language.h"

#include <stdlib.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

struct breaks {
    struct str bytes;
    enum breaks_kind kind;
    UText *text;
    UBreakIterator *iterator;
};

/* The languages with rules of their own. For others ICU would take those of the process's locale, and what is rendered
 * must not depend on that. */
static bool has_rules(const char *locale) {
    static const char list[] = " el fi ja ko sv zh ";
    size_t n = strcspn(locale, "_@");
    return n == 2 && str_search(STR(list), (struct str){locale, n}, 0) < sizeof list - 1;
}

struct breaks *breaks_open(enum breaks_kind kind, const char *lang, struct str text) {
    static const UBreakIteratorType types[] = {UBRK_CHARACTER, UBRK_SENTENCE, UBRK_LINE};
    char locale[LANGUAGE_LOCALE_SIZE];
    UErrorCode code = U_ZERO_ERROR;

    struct breaks *b = calloc(1, sizeof *b);
    if (!b) {
        return NULL;
    }
    b->bytes = text;
    b->kind = kind;
    language_locale(lang, locale);
    if (!has_rules(locale)) {
        locale[0] = 0;
    }
    b->text = utext_openUTF8(NULL, text.ptr ? text.ptr : "", (int64_t)text.len, &code);
    b->iterator = ubrk_open(types[kind], locale, NULL, 0, &code);
    if (U_SUCCESS(code)) {
        ubrk_setUText(b->iterator, b->text, &code);
    }
    if (U_FAILURE(code)) {
        breaks_close(b);
        return NULL;
    }
    return b;
}

void breaks_close(struct breaks *b) {
    if (b) {
        if (b->iterator) {
            ubrk_close(b->iterator);
        }
        if (b->text) {
            utext_close(b->text);
        }
        free(b);
    }
}

static bool is_hangul(uint32_t c) {
    return (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff);
}

/* Whether AT lies inside a Korean word: Unicode lets a line break there, Koreans' mail does not. */
static bool in_hangul(struct str s, size_t at) {
    if (at < 3 || at >= s.len) {
        return false;
    }
    size_t before = at - 3, after = at;
    return is_hangul(utf8_next(s, &before)) && before == at && is_hangul(utf8_next(s, &after));
}

bool breaks_next(struct breaks *b, size_t *at) {
    int32_t next;
    do {
        next = ubrk_next(b->iterator);
    } while (next != UBRK_DONE && b->kind == BREAKS_LINE && in_hangul(b->bytes, (size_t)next));
    if (next == UBRK_DONE) {
        return false;
    }
    *at = (size_t)next;
    return true;
}

bool breaks_is_hard(const struct breaks *b) {
    int32_t tag = ubrk_getRuleStatus(b->iterator);
    return tag >= UBRK_LINE_HARD && tag < UBRK_LINE_HARD_LIMIT;
}

bool breaks_is_boundary(struct breaks *b, size_t at) {
    return ubrk_isBoundary(b->iterator, (int32_t)at);
}
