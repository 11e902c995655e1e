/* Cleaned HTML → the plain text that people read in its place. */
#ifndef RENDER_PLAIN_H
#define RENDER_PLAIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

/* The links of a text, numbered from 1 in the order they came; the same URL has the same number. One list may serve
 * several texts. Open struct, begun with plain_links_init. */
struct plain_links {
    struct arena *arena; /* borrowed: owns what follows */
    struct str *urls;
    size_t count, cap;
    size_t *slots; /* a hash table of numbers, 0 empty */
    size_t slot_count;
};

void plain_links_init(struct plain_links *l, struct arena *a);
/* The number of URL, which is added when it is new. */
size_t plain_links_number(struct plain_links *l, struct str url);
/* Appends the links from number FROM on, each as a line "[n] URL" that is never broken. */
void plain_links_write(const struct plain_links *l, size_t from, struct buf *out);

struct plain_options {
    const char *lang; /* of the text where it doesn't say otherwise; NULL: unknown */
    bool unwrapped;   /* no soft breaks, stuffing, quote marks: a paragraph is a line, for further use */
    bool prose;       /* only what reads on: no headings, lists, code, tables, figures, pictures; where one
                       * was left out between paragraphs, two empty lines stand */
};

/* Appends CLEAN_HTML (as clean_html wrote it; of anything else something harmless comes out) as text for reading:
 * paragraphs parted by an empty line, lists with "- " or "1. ", quotes with "> ", code as it is, a table with headers
 * as "header: value" lines, other small tables as rows "a; b", pictures as their text in brackets, ruby in parentheses,
 * raised and lowered digits as such,
 * a link as "text [n]" with its number in LINKS unless its text is its URL (LINKS may be NULL: its text alone). Lines
 * are as flow_text makes them. O may be NULL. ERR_OS when memory ran out. */
enum status plain_from_html(struct str clean_html, const struct plain_options *o, struct plain_links *links,
                            struct buf *out, struct error *err);

/* The same for an article that was written as plain text (untrusted): paragraphs by empty lines. ERR_DATA when it is
 * larger than clean_html takes. */
enum status plain_from_text(struct str text, const struct plain_options *o, struct buf *out, struct error *err);

/* Appends a paragraph as format=flowed, delsp=yes lines, quoted DEPTH times; see flow_text. LANG may be NULL. */
void plain_flow(struct str text, const char *lang, unsigned depth, struct buf *out);

#endif
