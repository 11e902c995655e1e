/* The fixed words of issues and of single mails: those compiled in (text/words.h, text/mail_words.h), and over them the
 * site's own. */
#ifndef DIGEST_WORDS_H
#define DIGEST_WORDS_H

#include "base/arena.h"
#include "base/status.h"
#include "text/mail_words.h"
#include "text/number.h"
#include "text/words.h"

#include <jansson.h>

/* The name of the input under which they are frozen. */
#define WORDS_INPUT "words.json"

/* What a catalogue is for: issues have the words of digests alone, mails those and their own. */
enum words_kind { WORDS_DIGEST, WORDS_MAIL };

/* All of a KIND, {TAG: {NAME: TEXT}}, where a NAME is a word's ("read"), or for a form of its plural has that behind it
 * ("and_n_more.few"). FOLDER (NULL: none) may have a folder `words` with files LANG.ini, whose words replace and add.
 * *out is the caller's. ERR_CONFIG, as "FILE:LINE: sentence", for one that can't be taken; the first of several. */
enum status words_gather(const char *folder, enum words_kind kind, struct arena *a, json_t **out, struct error *err);

/* Where a language's words are looked for: its own row, rows of the same language and script, English. Borrows the
 * catalogue, which must have English. */
struct words_rows {
    const char *tag[4];
    const json_t *row[4];
    size_t n;
};
void words_choose(const json_t *catalogue, const char *lang, struct words_rows *out);

/* The text of WORD in the form P; *used (may be NULL) is the language that it is in. */
const char *words_text(const struct words_rows *rows, enum word word, enum plural p, const char **used);

/* The same of a mail's word. */
const char *words_mail_text(const struct words_rows *rows, enum mail_word word, const char **used);

/* Appends the names of the words that LANG has only in English, with commas between; nothing when it has all. Returns
 * how many. */
size_t words_missing(const json_t *catalogue, const char *lang, struct buf *names);

#endif
