/* Selection: which of an issue's articles a reader is due. */
#ifndef DIGEST_SELECT_H
#define DIGEST_SELECT_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdint.h>

/* An article of the issue, as far as selection asks; in order of arrival. */
struct select_article {
    int64_t arrival;
    struct str topic, language; /* language: the default one where the article has none */
};

/* Arrivals in (from, to]. */
struct select_span {
    int64_t from, to;
};

struct select_reader {
    const struct select_span *spans; /* above the mark, and what is owed */
    size_t spans_n;
    struct str topics;   /* separated by commas; absent: all */
    struct str language; /* of words and dates; with MATCH_LANGUAGE also of the articles taken */
    bool match_language;
    bool text_only; /* wants no HTML */
};

/* How many of the N articles (in order of arrival) the reader is due, and, when there is one, the rendition's key,
 * appended to KEY: "LANGUAGE FORMAT ARRIVALS", where FORMAT is "both" or "text" and ARRIVALS are numbers and ranges,
 * "3,7-12". Readers with one key get the same rendition. */
size_t select_key(const struct select_article *articles, size_t n, const struct select_reader *r, struct buf *key);

/* Takes a key apart; *arrivals (ARRIVALS_N of them) are owned by A. False when it is malformed. */
bool select_key_parse(struct str key, struct arena *a, struct str *language, bool *text_only, int64_t **arrivals,
                      size_t *arrivals_n);

#endif
