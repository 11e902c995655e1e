#include "text/number.h"

#include "text/language.h"

#include <stdlib.h>
#include <unicode/unum.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

enum { NUMBER_MAX = 64 };

struct numbers {
    UNumberFormat *format; /* NULL: plain digits */
    UPluralRules *rules;   /* NULL: one form */
};

struct numbers *numbers_open(const char *lang) {
    char locale[LANGUAGE_LOCALE_SIZE];
    UErrorCode code = U_ZERO_ERROR;
    struct numbers *f = calloc(1, sizeof *f);
    language_locale(lang, locale);
    if (f && language_has_data(locale)) {
        f->format = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &code);
        f->rules = uplrules_open(locale, &code);
        if (U_FAILURE(code)) {
            unum_close(f->format);
            uplrules_close(f->rules);
            *f = (struct numbers){NULL, NULL};
        }
    }
    return f;
}

void numbers_close(struct numbers *f) {
    if (f) {
        unum_close(f->format);
        uplrules_close(f->rules);
        free(f);
    }
}

void numbers_add(const struct numbers *f, int64_t n, struct buf *out) {
    UChar text[NUMBER_MAX];
    char utf8[NUMBER_MAX * 3 + 1];
    UErrorCode code = U_ZERO_ERROR;
    int32_t len = 0;
    if (f->format) {
        len = unum_formatInt64(f->format, n, text, NUMBER_MAX, NULL, &code);
        u_strToUTF8(utf8, sizeof utf8, &len, text, len, &code);
    }
    if (f->format && U_SUCCESS(code)) {
        buf_add(out, (struct str){utf8, (size_t)len});
    } else {
        buf_addf(out, "%lld", (long long)n);
    }
}

const char *plural_name(enum plural p) {
    static const char *const names[PLURALS] = {"zero", "one", "two", "few", "many", "other"};
    return names[p];
}

enum plural numbers_plural(const struct numbers *f, int64_t n) {
    UChar keyword[16];
    UErrorCode code = U_ZERO_ERROR;
    enum plural found = PLURAL_OTHER;
    int32_t len = f->rules ? uplrules_select(f->rules, (double)n, keyword, 16, &code) : 0;
    for (int p = 0; U_SUCCESS(code) && p < PLURALS; p++) {
        const char *name = plural_name((enum plural)p);
        int32_t i = 0;
        while (i < len && name[i] && keyword[i] == (UChar)name[i]) {
            i++;
        }
        if (i == len && !name[i]) {
            found = (enum plural)p;
        }
    }
    return found;
}
