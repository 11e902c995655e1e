/* A row of a source's articles query → struct import_row. */
#ifndef SOURCE_ARTICLES_H
#define SOURCE_ARTICLES_H

#include "source/query.h"
#include "source/cell.h"
#include "store/import.h"

/* Where the columns are; -1: the query has none of that name. */
struct articles_columns {
    int id, title, url, published_at, updated_at, language, author, topic, summary, body, body_format, image_url,
        image_alt;
    struct str unknown; /* names of columns that are ignored, separated by commas; owned by the arena given */
};

/* ERR_DATA when `id`, `title`, `url` or `published_at` is missing. */
enum status articles_columns(const struct query *q, struct arena *a, struct articles_columns *out, struct error *err);
/* Fills *out (but for id and hash) from Q's row; slices are owned by v->row or borrowed from Q's row. ERR_DATA: the row
 * can't be taken, with the reason in a few words. */
enum status articles_read(struct cells *v, struct query *q, const struct articles_columns *c, struct import_row *out,
                          struct error *err);

#endif
