/* A row of a source's subscribers query → struct import_person. */
#ifndef SOURCE_PEOPLE_H
#define SOURCE_PEOPLE_H

#include "source/query.h"
#include "source/cell.h"
#include "store/import.h"

enum { PEOPLE_EXTRA_MAX = 64 };

/* Where the columns are; -1: the query has none of that name. */
struct people_columns {
    int id, email, name, given_name, language, topics, cadence, format, body, timezone, joined_at;
    int extra[PEOPLE_EXTRA_MAX]; /* the others: attributes */
    size_t extra_n;
    size_t extra_left; /* columns beyond PEOPLE_EXTRA_MAX, ignored */
    unsigned told;     /* IMPORT_* bits */
};

/* ERR_DATA when `id` or `email` is missing. */
enum status people_columns(const struct query *q, struct people_columns *out, struct error *err);
/* Fills *out (but for id and hash) from Q's row; slices are owned by v->row or borrowed from Q's row. ERR_DATA: the row
 * can't be taken, with the reason in a few words. */
enum status people_read(struct cells *v, struct query *q, const struct people_columns *c, struct import_person *out,
                        struct error *err);
/* Topics as people and programs write them: "news, arts" or ["news", "arts"] → "news,arts"; absent when there are none.
 * ERR_DATA when they are longer than 1 KB. */
enum status people_topics(struct cells *v, struct str in, struct str *out, struct error *err);

#endif
