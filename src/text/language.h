/* Language tags (BCP 47, RFC 5646) and which way a text runs. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include "base/status.h"
#include "base/str.h"

struct arena;

enum { LANGUAGE_TAG_MAX = 35, LANGUAGE_LOCALE_SIZE = 160 };

/* Checks a tag and gives it the usual form in *OUT: hyphens for underscores, "zh-Hans-CN" case, today's code for a
 * withdrawn one ("iw" is "he"), POSIX's encoding and modifier dropped ("de_CH.UTF-8"). The language must have two or
 * three letters; whether such a language exists is not asked. OUT is owned by A, with a NUL behind it. ERR_DATA for
 * anything else, "und", "C" and the empty tag included. */
enum status language_normalise(struct str tag, struct arena *a, struct str *out, struct error *err);

/* The same for a list in order of preference, "bo, zh;en": *OUT has the tags with commas between, each once, at most
 * LANGUAGE_LIST_MAX. ERR_DATA when one of them is none, or there is none. */
enum { LANGUAGE_LIST_MAX = 8 };
enum status language_list_normalise(struct str list, struct arena *a, struct str *out, struct error *err);

/* Whether the language is written from right to left, by its script or that which is likely for it ("ug", "sd",
 * "az-Arab"; not "ug-Latn"). NULL, empty and malformed tags are left to right. */
bool language_is_rtl(const char *tag);

/* Whether a person who reads READER can read ARTICLE: the same language in the same script, likely scripts filled in,
 * so that "zh" and "zh-CN" match "zh-Hans" and not "zh-Hant"; regions don't matter. A NULL, empty or malformed tag
 * matches nothing. Costs some microseconds: keep the answer for each pair of tags. */
bool language_matches(const char *reader, const char *article);

/* ICU's locale id for TAG into OUT, the usual code for a language that has several ("nb" is "no", "cmn" is "zh"),
 * NUL-terminated; "" (the root) for NULL and what is malformed. */
void language_locale(const char *tag, char out[LANGUAGE_LOCALE_SIZE]);

/* Whether ICU has data for the language of LOCALE (ICU's id), rather than falling back on the process's. */
bool language_has_data(const char *locale);

enum text_direction { TEXT_NEUTRAL, TEXT_LTR, TEXT_RTL };
/* The direction of TEXT's first strong letter, what stands in isolates left out (UAX 9, rules P2 and P3); neutral when
 * it has none. For passages without a language tag; UTF-8, malformed bytes are neutral. */
enum text_direction text_direction(struct str text);

#endif
