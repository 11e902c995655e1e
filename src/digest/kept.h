/* What an edition keeps from one rendition to the next: articles as they were rendered, the formatters of dates and
 * numbers. A reader's choice of topics changes which articles stand in a rendition, not what most of them look like. */
#ifndef DIGEST_KEPT_H
#define DIGEST_KEPT_H

#include "render/article.h"
#include "text/date.h"
#include "text/number.h"

#include <jansson.h>

#define KEPT_MAX (8 * 1024 * 1024) /* bytes of rendered articles; what goes beyond is made anew each time */

struct kept; /* opaque: of one edition, for one thread at a time */

/* NULL when memory ran out. */
struct kept *kept_new(void);
/* NULL is harmless. */
void kept_free(struct kept *k);

/* The formatter of days for LANG (a tag of at most LANGUAGE_TAG_MAX bytes); borrowed until another language is asked
 * for. NULL when memory ran out. */
struct date_formatter *kept_dates(struct kept *k, const char *lang);
/* The same of numbers. */
const struct numbers *kept_numbers(struct kept *k, const char *lang);

/* As article_render(IN, O, A, OUT, ERR), and to the same bytes, O's functions called and O's links numbered alike.
 * FROZEN tells the article from others: of one and the same, IN is always the same. */
enum status kept_article(struct kept *k, const json_t *frozen, const struct article_input *in,
                         const struct article_options *o, struct arena *a, struct article_output *out,
                         struct error *err);

#endif
