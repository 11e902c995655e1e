/* Articles: arrival, what is due, reading, listing; pin, exclude, withdraw. */
#ifndef STORE_ARTICLE_H
#define STORE_ARTICLE_H

#include "base/arena.h"
#include "model/article.h"
#include "store/store.h"

/* "html", "markdown", "text". */
const char *article_format_name(enum article_format f);

/* A whole article. Slices absent where the article has none. */
struct article {
    int64_t id;
    struct str source;    /* the source's name; absent when added by hand */
    struct str source_id; /* its id there */
    int64_t arrival;      /* 0: not arrived, its date lies in the future */
    struct str title;     /* never empty */
    struct str url;       /* absolute, http or https; or absent */
    int64_t published_at; /* INT64_MIN: no date and not arrived yet */
    int64_t updated_at;   /* INT64_MIN: not told */
    struct str language;  /* canonical BCP 47 tag; absent: the site's */
    struct str author, topic, summary;
    struct str body; /* in `format`, not cleaned */
    enum article_format format;
    struct str image_url, image_alt;
    int64_t withdrawn_at; /* 0: it isn't */
    bool pinned, excluded;
};

/* Gives arrival numbers to the articles without one whose date has come (or who have none: they then bear NOW), in the
 * order of date, then id. *n (may be NULL): how many. In a transaction of its own unless one is under way. */
enum status articles_arrive(struct store *s, int64_t now, int64_t *n, struct error *err);
/* The greatest arrival number given so far; 0 when none was. */
enum status article_max_arrival(struct store *s, int64_t *out, struct error *err);

/* What a newsletter takes. */
struct article_filter {
    int64_t from, to;         /* arrival numbers in (from, to] */
    int64_t since;            /* published at or after; INT64_MIN: any */
    const struct str *topics; /* only these; n_topics 0: all */
    size_t n_topics;
    const struct str *languages; /* only what matches one of these by language_matches ("en" takes "en-GB"); an
                                    article without a language counts as DEFAULT_LANGUAGE; n_languages 0: all.
                                    All with a NUL behind them */
    size_t n_languages;
    struct str default_language;
    const char *where; /* the newsletter's SQL condition, or NULL */
};

/* What selection needs of an article; slices owned by the arena of the list. */
struct article_row {
    int64_t id, arrival, published_at;
    struct str topic, language, title; /* language: the default one where the article has none */
    bool pinned;
};

/* The articles FILTER lets through that are neither withdrawn nor excluded, in order of arrival, as an array of *n rows
 * owned by A. ERR_CONFIG when `where` is no condition (see article_where_check). */
enum status article_due_list(struct store *s, const struct article_filter *filter, struct arena *a,
                             struct article_row **rows, size_t *n, struct error *err);
/* Whether WHERE is a condition on an article's columns and `source` (the source's name): an SQL expression that reads
 * nothing else. Columns: id source source_id title url published_at updated_at language author topic summary body
 * body_format image_url image_alt, times as ISO 8601 UTC text. ERR_CONFIG with SQLite's reason. */
enum status article_where_check(struct store *s, const char *where, struct error *err);

/* Article ID, its text copied to A. *found is false when there is none. */
enum status article_get(struct store *s, int64_t id, struct arena *a, bool *found, struct article *out,
                        struct error *err);
/* At most LIMIT articles with an id above AFTER (withdrawn ones only with WITHDRAWN), without body, in order of id. */
enum status article_list(struct store *s, int64_t after, size_t limit, bool withdrawn, struct arena *a,
                         struct article **rows, size_t *n, struct error *err);

enum article_flag { ARTICLE_PINNED, ARTICLE_EXCLUDED, ARTICLE_WITHDRAWN };
/* Sets or takes back a flag and writes an audit row. *found is false when there is no such article. */
enum status article_set_flag(struct store *s, int64_t id, enum article_flag flag, bool on, const char *actor,
                             int64_t now, bool *found, struct error *err);

#endif
