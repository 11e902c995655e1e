/* A file of a static-site generator's folder → an article. */
#ifndef SOURCE_PAGE_H
#define SOURCE_PAGE_H

#include "config/config.h"
#include "source/rows.h"
#include "text/zone.h"

struct page_reader {
    const char *site_url, *pattern;   /* where articles stand: see source/permalink.h */
    const struct config_list *topics; /* of the newsletter; or NULL */
    bool by_hand; /* it is meant to be an article: without a head or date too, its first heading a title; without an
                   * address unless its head has one */
    struct zone *zone;
    int64_t now;
    struct arena *a; /* owns what comes out */
};

enum page_kind {
    PAGE_ARTICLE,
    PAGE_DRAFT,   /* or not to be published, or no longer */
    PAGE_NO_HEAD, /* no front matter: no article */
    PAGE_NO_DATE  /* neither in its head nor in its name: a page, not news */
};

/* Reads BYTES, the file PATH (below the folder). *expires: its head names a day from which it is no longer shown.
 * ERR_DATA: *line of it and what is wrong there. */
enum status page_read(const struct page_reader *r, struct str path, struct str bytes, struct rows_article *out,
                      enum page_kind *kind, bool *expires, size_t *line, struct error *err);

/* Whether a file of that name can be one at all: .md, .markdown, .html, .htm, .txt; not _index.md, .hidden. */
bool page_is_named(struct str name);

#endif
