/* One sync: rows of a source's queries → courant.db, in one transaction, by DESIGN.md's rules for what is taken,
 * refused and held; whatever the source is. */
#ifndef SOURCE_SYNC_H
#define SOURCE_SYNC_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "source/cell.h"
#include "source/source.h"
#include "store/import.h"
#include "store/missing.h"

#include <sqlite3.h>

/* Counts into a stamp and into every row's hash: a version that reads rows otherwise reads them all again. */
#define SYNC_VERSION "1"

enum { SYNC_PATIENCE_S = 60 };

struct sync {
    struct store *s;
    const struct config *c;
    const struct config_source *source;
    const struct source_options *o;
    struct source_report *r;
    int64_t now;
    struct import *im; /* NULL: no attempt under way */
    struct cells v;
    struct hash *hash;
    struct buf row;  /* the bytes that a row's hash is of */
    size_t salt;     /* how many of them are the same for each row */
    int64_t old;     /* articles that arrive and are older than the last issue */
    struct str unit; /* what an article is called in sentences: "query", "feed", "folder", "command" */
    size_t notes_cap, refused_cap;
    struct str *notes;
};

/* What *y works with; the report's arena is made before. *y is to be given to sync_release in any case. */
enum status sync_init(struct sync *y, struct store *s, const struct config *c, const struct config_source *source,
                      int64_t now, const struct source_options *o, struct source_report *r, struct error *err);
void sync_release(struct sync *y);

/* Begins an attempt, with an empty report. */
enum status sync_begin(struct sync *y, struct error *err);
/* Undoes it; harmless when none is under way. */
void sync_abort(struct sync *y);

/* A sentence about what was ignored, for the report. */
void sync_note(struct sync *y, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Row ID of KIND can't be taken: HASH tells one state of it from another. */
enum status sync_refuse(struct sync *y, enum import_kind kind, struct str id, int64_t hash, struct str reason,
                        struct error *err);
/* 64 bits of SHA-256. */
int64_t sync_hash(struct sync *y, struct str bytes);
/* Takes all rows of QUERY on DB; people before articles. */
enum status sync_rows(struct sync *y, enum import_kind kind, sqlite3 *db, const char *query, struct error *err);
/* What remains: removes who and what is missing (articles unless WINDOW: the source shows its newest only), judges
 * (PEOPLE, ARTICLES: which were read), then commits with STAMP, or holds. */
enum status sync_end(struct sync *y, struct str stamp, bool people, bool articles, bool window, struct error *err);

#endif
