/* Taking a source's rows in: one sync is one transaction. The caller (source/) reads and judges rows; this finds out
 * what is new, changed, unchanged, duplicate or gone, and writes that alone.
 *
 * People are known by address. A row whose id is known brings a changed address to the same person, unless somebody
 * else has that address: then the row means that one from now on. People's rows must come before articles' rows, and
 * rows in a fixed order (ids ascending), so that the lowest id of several with one address wins. */
#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include "crypto/hash.h"
#include "store/article.h"
#include "store/store.h"
#include "store/subscription.h"

enum import_kind { IMPORT_ARTICLE = 0, IMPORT_SUBSCRIBER = 1 };

/* What a source's query tells about a person: what it does not tell is left as it is. The same bits stand in the
 * columns `own` of subscriber and subscription for what reader or administrator set and no source changes. */
enum {
    IMPORT_NAME = 1,
    IMPORT_GIVEN_NAME = 2,
    IMPORT_LANGUAGE = 4,
    IMPORT_FORMAT = 8,
    IMPORT_TIMEZONE = 16,
    IMPORT_ATTRIBUTES = 32,
    IMPORT_CADENCE = 64,
    IMPORT_TOPICS = 128,
    IMPORT_JOINED = 256,
    IMPORT_BODY = 512,
    IMPORT_ADDRESS = 1024 /* in `own` alone: the address was corrected by hand */
};

struct import; /* opaque: a sync under way and its transaction */

struct import_options {
    struct str source;     /* NAME of [source.NAME] */
    struct str newsletter; /* which its people join; absent: none */
    int64_t now;
    const struct hash_key *erased_key; /* for addresses of erased people; NULL: they are not looked for */
};

enum import_result {
    IMPORT_NEW,
    IMPORT_CHANGED, /* or back again */
    IMPORT_UNCHANGED,
    IMPORT_DUPLICATE, /* an earlier row of this sync has that address */
    IMPORT_ERASED     /* the address is that of a person who asked to be erased: nothing was kept */
};

struct import_person {
    struct str id;                                                       /* at the source; at most 255 bytes */
    int64_t hash;                                                        /* of the row */
    unsigned told;                                                       /* IMPORT_* bits */
    struct str email, key;                                               /* address.text and address.key */
    struct str name, given_name, language, timezone, attributes, topics; /* absent: NULL */
    enum reader_format format;                                           /* READER_ANY: NULL */
    int cadence;                                                         /* CADENCE_DEFAULT: NULL */
    int body;                                                            /* BODY_DEFAULT, or not told: NULL */
    int64_t joined_at;                                                   /* INT64_MIN: NULL */
};

/* A row of articles; as struct article, without what the store adds. */
struct import_row {
    struct str id;
    int64_t hash;
    struct str title, url, language, author, topic, summary, body, image_url, image_alt;
    enum article_format format;
    int64_t published_at, updated_at; /* INT64_MIN: NULL */
};

/* Begins the transaction. *out is to be ended with import_commit or import_abort. */
enum status import_begin(struct store *s, const struct import_options *o, struct import **out, struct error *err);

/* *known: row ID of KIND was taken with that very HASH before and still holds; it is then counted as present, and
 * nothing else is to be done with it. */
enum status import_known(struct import *im, enum import_kind kind, struct str id, int64_t hash, bool *known,
                         struct error *err);
enum status import_person(struct import *im, const struct import_person *p, enum import_result *result,
                          struct error *err);
/* *arrives: it has no arrival number yet. */
enum status import_article(struct import *im, const struct import_row *row, enum import_result *result, bool *arrives,
                           struct error *err);
/* Notes whether a new row's URL is that of an article of this source, published before BEFORE, that has another id:
 * when that one is not in the query any more, a relaunched site may have given it a new one. */
enum status import_namesake(struct import *im, struct str url, int64_t before, struct error *err);
/* Notes that row ID can't be taken, and why. What was taken from it earlier stays as it is. *fresh: it was not refused
 * last time, or the row or the reason has changed since. */
enum status import_refuse(struct import *im, enum import_kind kind, struct str id, int64_t hash, struct str reason,
                          bool *fresh, struct error *err);

/* Gives arrival numbers, stores STAMP (may be empty: read again next time) and commits. IM is freed in any case. */
enum status import_commit(struct import *im, struct str stamp, struct error *err);
/* Undoes everything; NULL is harmless. */
void import_abort(struct import *im);

#endif
