#include "text/script.h"

#include "text/language.h"

#include <string.h>
#include <unicode/uloc.h>

#define LATIN "Georgia, Times New Roman, Noto Serif, serif"
/* Running text and, in proportion, what stands above and below it. Never less than 14 pixels. */
#define SIZES(body) (body), (body) + 17, ((body)*7 + 2) / 5, ((body)*6 + 2) / 5, ((body)*9 + 5) / 10

/* A serif face where the script has one on most machines. One that is named first is there on one system or the other;
 * fonts for Zawgyi, which is no Unicode, and bitmaps of old are passed by that way. */
static const struct {
    const char *script;
    struct script_type type;
} types[] = {
    {"Tibt", {"Noto Serif Tibetan, Kailasa, Kokonor, Jomolhari, Microsoft Himalaya, serif", "1.8", "1.65", SIZES(22)}},
    {"Mymr", {"Noto Sans Myanmar, Myanmar MN, Myanmar Text, Pyidaungsu, Padauk, sans-serif", "2", "1.8", SIZES(18)}},
    {"Khmr", {"Noto Serif Khmer, Khmer MN, Khmer UI, Leelawadee UI, serif", "1.9", "1.7", SIZES(18)}},
    {"Laoo", {"Noto Serif Lao, Lao MN, Leelawadee UI, serif", "1.8", "1.65", SIZES(18)}},
    {"Thai", {"Noto Serif Thai, Thonburi, Leelawadee UI, Tahoma, sans-serif", "1.8", "1.65", SIZES(18)}},
    {"Arab", {"Noto Naskh Arabic, Geeza Pro, Times New Roman, Segoe UI, serif", "1.8", "1.65", SIZES(20)}},
    {"Aran", {"Noto Nastaliq Urdu, Urdu Typesetting, Geeza Pro, Times New Roman, serif", "2.2", "2", SIZES(19)}},
    {"Hebr", {"Noto Serif Hebrew, Times New Roman, Arial Hebrew, serif", "1.6", "1.5", SIZES(18)}},
    {"Syrc", {"Noto Sans Syriac, Estrangelo Edessa, serif", "1.8", "1.65", SIZES(20)}},
    {"Thaa", {"Noto Sans Thaana, MV Boli, sans-serif", "1.8", "1.65", SIZES(18)}},
    {"Deva", {"Noto Serif Devanagari, Kohinoor Devanagari, Nirmala UI, Mangal, serif", "1.75", "1.5", SIZES(18)}},
    {"Beng", {"Noto Serif Bengali, Kohinoor Bangla, Nirmala UI, Vrinda, serif", "1.75", "1.5", SIZES(18)}},
    {"Guru", {"Noto Serif Gurmukhi, Gurmukhi MN, Nirmala UI, Raavi, serif", "1.75", "1.5", SIZES(18)}},
    {"Gujr", {"Noto Serif Gujarati, Kohinoor Gujarati, Nirmala UI, Shruti, serif", "1.75", "1.5", SIZES(18)}},
    {"Taml", {"Noto Serif Tamil, Tamil Sangam MN, Nirmala UI, Latha, serif", "1.75", "1.5", SIZES(17)}},
    {"Telu", {"Noto Serif Telugu, Kohinoor Telugu, Nirmala UI, Gautami, serif", "1.85", "1.6", SIZES(18)}},
    {"Knda", {"Noto Serif Kannada, Kannada MN, Nirmala UI, Tunga, serif", "1.85", "1.6", SIZES(18)}},
    {"Mlym", {"Noto Serif Malayalam, Malayalam MN, Nirmala UI, Kartika, serif", "1.8", "1.65", SIZES(17)}},
    {"Sinh", {"Noto Serif Sinhala, Sinhala MN, Nirmala UI, Iskoola Pota, serif", "1.8", "1.65", SIZES(18)}},
    {"Ethi", {"Noto Serif Ethiopic, Kefa, Nyala, Ebrima, serif", "1.75", "1.5", SIZES(18)}},
    {"Hans",
     {"PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, sans-serif", "1.75", "1.5", SIZES(17)}},
    {"Hant", {"PingFang TC, Microsoft JhengHei, Noto Sans CJK TC, sans-serif", "1.75", "1.5", SIZES(17)}},
    {"Jpan", {"Hiragino Sans, Yu Gothic, Meiryo, Noto Sans CJK JP, sans-serif", "1.75", "1.5", SIZES(17)}},
    {"Kore", {"Apple SD Gothic Neo, Malgun Gothic, Noto Sans CJK KR, sans-serif", "1.7", "1.5", SIZES(17)}},
};

static const struct script_type latin = {LATIN, "1.6", "1.5", SIZES(17)};

const struct script_type *script_type(const char *lang) {
    char locale[LANGUAGE_LOCALE_SIZE], full[LANGUAGE_LOCALE_SIZE], script[16];
    UErrorCode code = U_ZERO_ERROR;
    language_locale(lang, locale);
    if (!locale[0]) {
        return &latin;
    }
    (void)uloc_addLikelySubtags(locale, full, sizeof full, &code);
    int32_t n = uloc_getScript(full, script, sizeof script, &code);
    if (U_FAILURE(code) || n != 4) {
        return &latin;
    }
    if (strcmp(script, "Arab") == 0 && strncmp(full, "ur", 2) == 0) {
        memcpy(script, "Aran", sizeof "Aran"); /* Urdu readers expect Nastaliq */
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(script, types[i].script) == 0) {
            return &types[i].type;
        }
    }
    return &latin;
}
