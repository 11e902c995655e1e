/* Values of a source's rows: cleaned, bounded, and what people write brought to one form. */
#ifndef SOURCE_CELL_H
#define SOURCE_CELL_H

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"
#include "config/config.h"
#include "source/query.h"
#include "text/zone.h"

/* What was not understood and taken as absent; counted, and told in a note a kind. */
enum cell_kind {
    CELL_LANGUAGE,
    CELL_TIMEZONE,
    CELL_CADENCE,
    CELL_FORMAT,
    CELL_BODY,
    CELL_TIME,
    CELL_IMAGE,
    CELL_KINDS
};

/* An answer kept: the same few languages and time zones come in every row. */
struct cell_answer {
    struct str in, out; /* out absent: not understood */
};
enum { CELL_ANSWERS = 128 };

/* What reading rows needs; one a sync. */
struct cells {
    struct arena *row;  /* emptied by the caller before each row */
    struct arena *keep; /* lives for the sync */
    struct zone *zone;  /* the site's, for times without one */
    struct str url;     /* the site's, for links without a host */
    struct cell_answer languages[CELL_ANSWERS], zones[CELL_ANSWERS];
    size_t languages_n, zones_n;
    int64_t ignored[2][CELL_KINDS]; /* [1]: people */
    unsigned kind;                  /* 0: articles, 1: people; index of `ignored` */
};

/* Opens the site's time zone; ERR_CONFIG names the line. *v is to be given to cells_release. */
enum status cells_init(struct cells *v, const struct config *c, struct error *err);
void cells_release(struct cells *v);

/* S as well-formed UTF-8 without NUL, white space around it dropped; absent when nothing is left. */
struct str cell_text(struct cells *v, struct str s);
/* The same on one line: control characters and line ends become spaces, and overrides and embeddings of direction (UAX
 * 9) go. */
struct str cell_line(struct cells *v, struct str s);
/* BCP 47 (of people also a list of them, separated by commas) resp. an IANA zone; absent, and counted, when it is none.
 */
struct str cell_language(struct cells *v, struct str s);
struct str cell_timezone(struct cells *v, struct str s);
/* Column COL as a time: Unix seconds or what text/moment.h reads; INT64_MIN when it is NULL or empty. ERR_DATA with
 * a reason. */
enum status cell_time(struct cells *v, struct query *q, int col, int64_t *out, struct error *err);
/* A source's id as text of 1 to 255 bytes. ERR_DATA with a reason; *out is then what can be shown of it. */
enum status cell_id(struct cells *v, struct str s, struct str *out, struct error *err);
/* Adds S as a JSON string with its quotes. */
void cell_json(struct str s, struct buf *out);

#endif
