/* Rows that a feed, a folder or a command gave, in a private database of ours: from there on they are read by queries,
 * as a publisher's database is, so that the same rules hold for all. */
#ifndef SOURCE_ROWS_H
#define SOURCE_ROWS_H

#include "base/arena.h"
#include "base/status.h"
#include "store/import.h"

#include <sqlite3.h>

struct rows; /* opaque: a database in memory, beyond some megabytes in a file without a name */

enum rows_type { ROWS_TEXT, ROWS_INTEGER, ROWS_REAL };
struct rows_value {
    struct str name;
    enum rows_type type;
    struct str text; /* absent: NULL */
    int64_t integer;
    double real;
};

/* *out is to be given to rows_close. */
enum status rows_open(struct rows **out, struct error *err);
/* NULL is harmless. */
void rows_close(struct rows *r);
sqlite3 *rows_handle(struct rows *r);

/* Adds a row of KIND. Of people every name becomes a column (ASCII case ignored); of articles the known ones do, the
 * others are kept for rows_ignored. The first value of a name counts. ERR_DATA: too many columns. */
enum status rows_add(struct rows *r, enum import_kind kind, const struct rows_value *v, size_t n, struct error *err);
/* The query for all rows of KIND; columns in an order that doesn't depend on that of the rows. Borrowed until the next
 * call. */
const char *rows_query(struct rows *r, enum import_kind kind);
/* From now on rows_query leaves out articles whose id and url an earlier row has: pages of a feed overlap. */
void rows_merge(struct rows *r);
/* Names of articles' columns that were ignored, separated by commas; absent: none. */
struct str rows_ignored(const struct rows *r);

/* An article as most readers make it. Absent slices and INT64_MIN are NULL. */
struct rows_article {
    struct str id, title, url, language, author, topic, summary, body, image_url, image_alt;
    const char *body_format;
    int64_t published_at, updated_at;
    struct str published_text; /* instead of published_at: text that the import reads or refuses */
};
/* ID, or what stands for one that is longer than the 255 bytes that the store takes; of A then. */
struct str rows_id(struct str id, struct arena *a);
enum status rows_add_article(struct rows *r, const struct rows_article *a, struct error *err);

/* How many rows TABLE ("article", "subscriber", "refused") has. */
int64_t rows_count(struct rows *r, const char *table);

/* Notes that ID can't be taken for REASON. STATE: bytes that are others once it was changed. */
enum status rows_refuse(struct rows *r, struct str id, struct str reason, struct str state, struct error *err);
/* Calls FN for each of these; stops when it does not return OK. */
enum status rows_refused(struct rows *r,
                         enum status (*fn)(void *ctx, struct str id, struct str reason, struct str state,
                                           struct error *err),
                         void *ctx, struct error *err);

#endif
