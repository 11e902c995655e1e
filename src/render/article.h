/* One article as it stands in a digest: HTML and plain text, whole or as a summary. */
#ifndef RENDER_ARTICLE_H
#define RENDER_ARTICLE_H

#include "base/arena.h"
#include "base/status.h"
#include "model/article.h"
#include "render/clean.h"
#include "render/plain.h"

enum article_mode { ARTICLE_FULL, ARTICLE_SUMMARY, ARTICLE_TITLES };

#define ARTICLE_SUMMARY_CHARS 300

/* All untrusted, UTF-8, borrowed; empty where there is none. */
struct article_input {
    struct str title;
    struct str summary; /* HTML if it has tags or entities, else text */
    struct str body;
    enum article_format body_format;
    const char *lang; /* language tag, NULL: unknown */
    struct str url;   /* relative addresses in the body are resolved against it */
};

struct article_options {
    enum article_mode mode;
    size_t summary_chars; /* longest summary made of a body, in graphemes; 0: ARTICLE_SUMMARY_CHARS */
    enum clean_images images;
    struct str (*picture)(void *arg, struct str url); /* see clean_options */
    void *picture_arg;
    struct plain_links *links; /* numbers the links of body_text, over several articles; NULL: no numbers */
};

/* Owned by the arena. */
struct article_output {
    struct str title;     /* text on one line, not escaped: tags taken out, entities decoded */
    struct str body_html; /* clean; empty for ARTICLE_TITLES */
    struct str body_text; /* format=flowed, delsp=yes, lines end in LF; empty for ARTICLE_TITLES */
    bool shortened;       /* the article has more than is shown: a link to the rest is due */
};

/* Whether text that may be either is HTML: it has a tag, a comment or an entity. Titles and summaries are read so. */
bool article_is_html(struct str s);

/* What stands on one line beside an article (its title, author, topic), as text in A: tags taken out and entities
 * decoded where it is HTML. */
struct str article_line(struct str s, struct arena *a);

/* Makes *OUT of IN. A summary is the given one, else the body's first sentences (of its prose: no headings, lists, code
 * or tables, unless there is nothing else); its paragraphs stay (but the last
 * when it announces what is left out by a colon), its links and markup don't. A body of which nothing is to
 * be seen is replaced by the summary. The same input gives the same bytes. ERR_DATA, with the sentence of
 * clean_html or markdown_to_html, when a body that is needed is too large or too deep. */
enum status article_render(const struct article_input *in, const struct article_options *o, struct arena *a,
                           struct article_output *out, struct error *err);

/* Appends BODY of the given format as clean HTML: what article_render does for ARTICLE_FULL. BASE resolves relative
 * addresses and may be empty. */
enum status article_body_html(struct str body, enum article_format format, const struct clean_options *o,
                              struct buf *out, struct error *err);

#endif
