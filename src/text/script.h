/* How a language's script wants to be set. */
#ifndef TEXT_SCRIPT_H
#define TEXT_SCRIPT_H

/* What is read on a screen at arm's length: sizes in CSS pixels. */
struct script_type {
    const char *font;    /* families for CSS, the generic one last; words of letters, blanks between, commas after */
    const char *leading; /* a line's height, as a multiple of the size */
    const char *tight;   /* the same of headings */
    int size;            /* running text */
    int name, title, heading, small; /* the newsletter's name, an article's title, a topic, what stands beside */
};

/* For the language LANG (a tag; NULL, unknown and malformed ones are set like English). Scripts with marks above and
 * below a line (Tibetan, Burmese, Khmer) get wider lines, those whose letters are small for their size larger type.
 * What it points to lives for ever. */
const struct script_type *script_type(const char *lang);

#endif
