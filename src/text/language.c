#include "text/language.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/ures.h>

enum { PRIMARY_MAX = 11, SCRIPT_MAX = 6 };

/* Other codes for a language, and scripts that ICU would not think of. */
static const struct {
    const char *code, *language, *script;
} known[] = {
    {"nb", "no", "Latn"},   {"tl", "fil", "Latn"},  {"cmn", "zh", ""},      {"arb", "ar", "Arab"},
    {"pes", "fa", "Arab"},  {"prs", "fa", "Arab"},  {"sh", "sr", "Latn"},   {"pnb", "pnb", "Arab"},
    {"aeb", "aeb", "Arab"}, {"acm", "acm", "Arab"}, {"apc", "apc", "Arab"}, {"khk", "mn", "Cyrl"},
    {"ydd", "yi", "Hebr"},  {"uig", "ug", ""},      {"bod", "bo", "Tibt"},  {"iw", "he", ""},
    {"in", "id", ""},       {"ji", "yi", ""},       {"jw", "jv", ""},
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* TAG with hyphens and without POSIX's tail into TIDY; false when it can't be a tag. */
static bool tidy(struct str tag, char out[LANGUAGE_TAG_MAX + 1]) {
    size_t n = 0, letters = 0;

    tag = str_trim(tag);
    for (; n < tag.len && tag.ptr[n] != '.' && tag.ptr[n] != '@'; n++) {
        char c = tag.ptr[n] == '_' ? '-' : tag.ptr[n];
        if (n == LANGUAGE_TAG_MAX || (!is_letter(c) && c != '-' && (c < '0' || c > '9'))) {
            return false;
        }
        out[n] = c;
    }
    out[n] = 0;
    while (is_letter(out[letters])) {
        letters++;
    }
    return (letters == 2 || letters == 3) && (out[letters] == 0 || out[letters] == '-');
}

/* ICU's locale of a tidy tag; false when the tag is malformed. */
static bool to_locale(const char *tag, char out[LANGUAGE_LOCALE_SIZE]) {
    UErrorCode code = U_ZERO_ERROR;
    int32_t parsed = 0;
    int32_t n = uloc_forLanguageTag(tag, out, LANGUAGE_LOCALE_SIZE, &parsed, &code);
    return U_SUCCESS(code) && n > 0 && n < LANGUAGE_LOCALE_SIZE && (size_t)parsed == strlen(tag);
}

enum status language_normalise(struct str tag, struct arena *a, struct str *out, struct error *err) {
    char clean[LANGUAGE_TAG_MAX + 1], locale[LANGUAGE_LOCALE_SIZE], norm[LANGUAGE_LOCALE_SIZE];
    UErrorCode code = U_ZERO_ERROR;

    *out = STR_NONE;
    /* Most tags are two letters and need no ICU; of those, these have been withdrawn. */
    bool ok = tidy(tag, clean);
    if (ok && clean[2] == 0) {
        clean[0] = (char)(clean[0] | 0x20); /* letters, so this is lower case */
        clean[1] = (char)(clean[1] | 0x20);
        if (!strstr("iw in ji jw mo", clean)) {
            *out = arena_str(a, (struct str){clean, 2});
            return OK;
        }
    }
    ok = ok && to_locale(clean, locale);
    int32_t n = ok ? uloc_toLanguageTag(locale, norm, LANGUAGE_LOCALE_SIZE, true, &code) : 0;
    if (!ok || U_FAILURE(code) || n <= 0 || n > LANGUAGE_TAG_MAX ||
        str_starts((struct str){norm, (size_t)n}, STR("und"))) {
        return error_set(err, ERR_DATA, "is no language tag: want one such as en, pt-BR or zh-Hans");
    }
    *out = arena_str(a, (struct str){norm, (size_t)n});
    return OK;
}

static bool has_tag(struct str list, struct str tag) {
    struct str part;
    while (str_split(&list, ',', &part)) {
        if (str_eq(part, tag)) {
            return true;
        }
    }
    return false;
}

enum status language_list_normalise(struct str list, struct arena *a, struct str *out, struct error *err) {
    struct str all = STR_NONE;
    size_t n = 0;
    *out = STR_NONE;
    for (size_t i = 0, start = 0; i <= list.len; i++) {
        if (i < list.len && list.ptr[i] != ',' && list.ptr[i] != ';') {
            continue;
        }
        struct str tag, part = str_trim(str_sub(list, start, i));
        start = i + 1;
        if (!part.len) {
            continue;
        }
        enum status st = language_normalise(part, a, &tag, err);
        if (st != OK) {
            return st;
        }
        if (!has_tag(all, tag)) {
            if (n++ == LANGUAGE_LIST_MAX) {
                return error_set(err, ERR_DATA, "has more than %d languages", LANGUAGE_LIST_MAX);
            }
            all = all.len ? arena_printf(a, "%.*s,%.*s", STR_ARG(all), STR_ARG(tag)) : tag;
        }
    }
    *out = all;
    return n ? OK : error_set(err, ERR_DATA, "is no language tag: want one such as en, pt-BR or zh-Hans");
}

void language_locale(const char *tag, char out[LANGUAGE_LOCALE_SIZE]) {
    char clean[LANGUAGE_TAG_MAX + 1], locale[LANGUAGE_LOCALE_SIZE];

    out[0] = 0;
    if (!tag || !tidy(str_from(tag), clean) || !to_locale(clean, locale)) {
        return;
    }
    size_t n = strcspn(locale, "_@"), i = 0;
    struct str language = {locale, n}, rest = str_from(locale + n);
    while (i < sizeof known / sizeof *known && !str_eq(language, str_from(known[i].code))) {
        i++;
    }
    if (i == sizeof known / sizeof *known) {
        memcpy(out, locale, n + rest.len + 1);
        return;
    }
    /* "sh" is "sr_Latn" unless the tag has a script of its own. */
    bool script = known[i].script[0] && !(rest.len >= 5 && rest.ptr[0] == '_' && strcspn(rest.ptr + 1, "_@") == 4);
    int length = snprintf(out, LANGUAGE_LOCALE_SIZE, "%s%s%s%.*s", known[i].language, script ? "_" : "",
                          script ? known[i].script : "", STR_ARG(rest));
    if (length < 0 || length >= LANGUAGE_LOCALE_SIZE) {
        out[0] = 0;
    }
}

/* The language and its script, given or likely; the script is empty when nobody knows. False for no tag. */
static bool split(const char *tag, char language[PRIMARY_MAX + 1], char script[SCRIPT_MAX + 1]) {
    char locale[LANGUAGE_LOCALE_SIZE], full[LANGUAGE_LOCALE_SIZE];
    UErrorCode code = U_ZERO_ERROR;

    language[0] = script[0] = 0;
    language_locale(tag, locale);
    uloc_getLanguage(locale, language, PRIMARY_MAX + 1, &code);
    uloc_getScript(locale, script, SCRIPT_MAX + 1, &code);
    if (U_FAILURE(code) || language[0] == 0) {
        return false;
    }
    if (script[0] == 0) { /* the region tells too: zh-TW is written in Hant, pa-PK in Arab */
        uloc_addLikelySubtags(locale, full, LANGUAGE_LOCALE_SIZE, &code);
        uloc_getScript(full, script, SCRIPT_MAX + 1, &code);
        if (U_FAILURE(code)) {
            script[0] = 0;
        }
    }
    return true;
}

bool language_is_rtl(const char *tag) {
    char language[PRIMARY_MAX + 1], script[SCRIPT_MAX + 1], probe[SCRIPT_MAX + 8] = "und_";
    if (!split(tag, language, script) || script[0] == 0) {
        return false;
    }
    memcpy(probe + 4, script, strlen(script) + 1);
    return uloc_isRightToLeft(probe);
}

bool language_matches(const char *reader, const char *article) {
    char l1[PRIMARY_MAX + 1], s1[SCRIPT_MAX + 1], l2[PRIMARY_MAX + 1], s2[SCRIPT_MAX + 1];
    return split(reader, l1, s1) && split(article, l2, s2) && strcmp(l1, l2) == 0 &&
           (s1[0] == 0 || s2[0] == 0 || strcmp(s1, s2) == 0);
}

enum text_direction text_direction(struct str text) {
    size_t depth = 0; /* of isolates */

    for (size_t i = 0; i < text.len;) {
        uint32_t c = utf8_next(text, &i);
        switch (u_charDirection((UChar32)c)) {
        case U_LEFT_TO_RIGHT:
            if (depth == 0) {
                return TEXT_LTR;
            }
            break;
        case U_RIGHT_TO_LEFT:
        case U_RIGHT_TO_LEFT_ARABIC:
            if (depth == 0) {
                return TEXT_RTL;
            }
            break;
        case U_LEFT_TO_RIGHT_ISOLATE:
        case U_RIGHT_TO_LEFT_ISOLATE:
        case U_FIRST_STRONG_ISOLATE:
            depth++;
            break;
        case U_POP_DIRECTIONAL_ISOLATE:
            depth -= depth > 0;
            break;
        default:
            break;
        }
    }
    return TEXT_NEUTRAL;
}

bool language_has_data(const char *locale) {
    UErrorCode code = U_ZERO_ERROR;
    if (locale[0] == 0) {
        return false;
    }
    UResourceBundle *bundle = ures_open(NULL, locale, &code);
    bool has = U_SUCCESS(code) && code != U_USING_DEFAULT_WARNING;
    ures_close(bundle);
    return has;
}
