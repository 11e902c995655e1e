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
    struct str language; /* the reader's, in order of preference, separated by commas; absent: the site's. Words and
                            dates are in the first there are words for; with MATCH_LANGUAGE articles in any are taken */
    bool match_language;
    bool text_only; /* wants no HTML */
    int body;       /* enum config_body, or BODY_DEFAULT (store/subscription.h): as the newsletter has it */
};

/* What a key says besides the articles. */
struct select_form {
    struct str language; /* "": the site's */
    bool text_only;
    int body;
};

/* How many of the N articles (in order of arrival) the reader is due, and, when there is one, the rendition's key,
 * appended to KEY: "LANGUAGE FORMAT ARRIVALS", where FORMAT is "both" or "text", with a body other than the
 * newsletter's behind it ("both+titles"), and ARRIVALS are numbers and ranges, "3,7-12". Readers with one key get the
 * same rendition. */
size_t select_key(const struct select_article *articles, size_t n, const struct select_reader *r, struct buf *key);

/* KEY without the articles whose arrivals are not among the KEPT_N in KEPT, in A; how many are left. With none the key
 * ends in "-". */
size_t select_key_keep(struct str key, const int64_t *kept, size_t kept_n, struct arena *a, struct str *out);

/* Takes a key apart; *arrivals (ARRIVALS_N of them) are owned by A. False when it is malformed. */
bool select_key_parse(struct str key, struct arena *a, struct select_form *form, int64_t **arrivals,
                      size_t *arrivals_n);

#endif
