/* The fixed sentences of single mails (confirmation, welcome), in the reader's language where we have it. */
#ifndef TEXT_MAIL_WORDS_H
#define TEXT_MAIL_WORDS_H

#include "base/buf.h"
#include "base/str.h"

enum mail_word {
    MAIL_CONFIRM_SUBJECT, /* has {newsletter} */
    MAIL_CONFIRM_INVITED, /* the organisation asks: has {site}, {newsletter} */
    MAIL_CONFIRM_ASKED,   /* somebody signed the address up: has {site}, {newsletter} */
    MAIL_CONFIRM_DO,      /* before the link */
    MAIL_CONFIRM_YES,     /* the link's text: has {newsletter} */
    MAIL_CONFIRM_REPLY,   /* before a code, where there are no web pages */
    MAIL_CONFIRM_IGNORE,  /* has {date}, the last day */
    MAIL_WELCOME_SUBJECT, /* has {newsletter} */
    MAIL_WELCOME_TEXT,    /* has {newsletter} */
    MAIL_WELCOME_LEAVE,
    MAIL_WORD_COUNT
};

/* The text of WORD in the language TAG alone, one of word_language's; NULL when it has none of its own.
 * Text, not HTML: escape it. */
const char *mail_word_form(const char *tag, enum mail_word word);
/* The word's name in templates: "confirm_invited". */
const char *mail_word_name(enum mail_word word);

/* What stands for a {placeholder}. */
struct mail_word_value {
    const char *name; /* NULL ends a list */
    struct str value;
};
/* Appends TEXT with each {name} of VALUES replaced; what is in braces and not in VALUES stays. A value is not looked
 * at again. */
void mail_word_fill(const char *text, const struct mail_word_value *values, struct buf *out);

#endif
