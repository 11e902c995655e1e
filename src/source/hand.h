/* Articles given by hand: a file with or without front matter, or JSON Lines. */
#ifndef SOURCE_HAND_H
#define SOURCE_HAND_H

#include "source/source.h"

/* What the command line says; absent slices: what the text says. */
struct hand_options {
    struct str id, title, url, topic, language, date, author, summary, image, image_alt, format;
    const char *name; /* the file's; NULL: standard input */
    const char *actor;
    bool dry; /* change nothing */
};

enum { HAND_MAX = 64 << 20 };

/* Adds what TEXT is: one article (Markdown, HTML or text by its name or `format`, with front matter or a first line
 * "# Title" or what O says), or, where there is no title in O, as many as it has lines of JSON with the columns of
 * articles. An article given again by its id (default: its address, else its title) is changed. All or nothing is
 * committed; what can't be taken is refused and the rest goes on. *out is the caller's for source_report_release;
 * *last: the number of the last article taken; 0: none. ERR_DATA: TEXT can't be read at all. */
enum status hand_add(struct store *s, const struct config *c, const struct clock *clock, struct str text,
                     const struct hand_options *o, struct source_report *out, int64_t *last, struct error *err);

#endif
