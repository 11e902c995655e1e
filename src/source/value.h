/* Values of a source's rows: cleaned, bounded, and what people write brought to one form. */
#ifndef SOURCE_VALUE_H
#define SOURCE_VALUE_H

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"
#include "config/config.h"
#include "source/query.h"
#include "text/zone.h"

/* What was not understood and taken as absent; counted, and told in a note a kind. */
enum value_kind { VALUE_LANGUAGE, VALUE_TIMEZONE, VALUE_CADENCE, VALUE_FORMAT, VALUE_TIME, VALUE_IMAGE, VALUE_KINDS };

/* An answer kept: the same few languages and time zones come in every row. */
struct value_answer {
    struct str in, out; /* out absent: not understood */
};
enum { VALUE_ANSWERS = 128 };

/* What reading rows needs; one a sync. */
struct values {
    struct arena *row;  /* emptied by the caller before each row */
    struct arena *keep; /* lives for the sync */
    struct zone *zone;  /* the site's, for times without one */
    struct str url;     /* the site's, for links without a host */
    struct value_answer languages[VALUE_ANSWERS], zones[VALUE_ANSWERS];
    size_t languages_n, zones_n;
    int64_t ignored[2][VALUE_KINDS]; /* [1]: people */
    unsigned kind;                   /* 0: articles, 1: people; index of `ignored` */
};

/* Opens the site's time zone; ERR_CONFIG names the line. *v is to be given to values_release. */
enum status values_init(struct values *v, const struct config *c, struct error *err);
void values_release(struct values *v);

/* S as well-formed UTF-8 without NUL, white space around it dropped; absent when nothing is left. */
struct str value_text(struct values *v, struct str s);
/* The same on one line: control characters and line ends become spaces. */
struct str value_line(struct values *v, struct str s);
/* BCP 47 resp. an IANA zone; absent, and counted, when it is none. */
struct str value_language(struct values *v, struct str s);
struct str value_timezone(struct values *v, struct str s);
/* Column COL as a time: Unix seconds or what text/moment.h reads; INT64_MIN when it is NULL or empty. ERR_DATA with
 * a reason. */
enum status value_time(struct values *v, struct query *q, int col, int64_t *out, struct error *err);
/* A source's id as text of 1 to 255 bytes. ERR_DATA with a reason; *out is then what can be shown of it. */
enum status value_id(struct values *v, struct str s, struct str *out, struct error *err);
/* Adds S as a JSON string with its quotes. */
void value_json(struct str s, struct buf *out);

#endif
