/* The fixed words of a digest, in the reader's language where we have it. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/buf.h"
#include "base/str.h"
#include "text/number.h"

enum word {
    WORD_READ,          /* before an article's title: "Read" (the caller adds ": TITLE") */
    WORD_UNSUBSCRIBE,   /* a link */
    WORD_PREFERENCES,   /* a link: "Change preferences" */
    WORD_VIEW_ONLINE,   /* a link: "View in browser" */
    WORD_MORE_ARTICLES, /* a heading */
    WORD_AND_N_MORE,    /* has {n} */
    WORD_CONTENTS,      /* a heading: "In this issue" */
    WORD_YOU_RECEIVE,   /* a sentence, has {newsletter} */
    WORD_BY,            /* has {author} */
    WORD_HELLO,         /* before a name, without a comma */
    WORD_IMAGE,         /* "Picture" */
    WORD_LINKS,         /* a heading */
    WORD_PUBLISHED,     /* before a date */
    WORD_COUNT
};

/* The text of WORD in the language LANG (a tag, NULL allowed): by the exact tag, else the same language in the same
 * script ("pt-BR" has "pt", "zh-TW" has "zh-Hant"), else English. *USED_LANG (may be NULL) gets the tag of the language
 * that it is in, so that a template can mark it. Both live for ever. Text, not HTML: escape it. */
const char *word_get(const char *lang, enum word word, const char **used_lang);
/* The I-th language compiled in, as a tag; NULL behind the last. */
const char *word_language(size_t i);
/* The text of WORD in the language TAG alone, one of word_language's, in the form P; NULL when it has none of its own.
 */
const char *word_form(const char *tag, enum word word, enum plural p);
/* Whether the word has a number in it, and so may have forms. */
bool word_counts(enum word word);
/* The word's name in templates: "read", "and_n_more". */
const char *word_name(enum word word);
/* Appends TEXT with its {placeholder}, if it has one, replaced by VALUE. */
void word_fill(const char *text, struct str value, struct buf *out);

#endif
