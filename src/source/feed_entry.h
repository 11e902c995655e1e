/* What a feed tells about itself and its entries, and the pieces that RSS, Atom and JSON Feed have in common. */
#ifndef SOURCE_FEED_ENTRY_H
#define SOURCE_FEED_ENTRY_H

#include "base/arena.h"
#include "base/status.h"
#include "config/config.h"
#include "source/feed_xml.h"
#include "source/rows.h"
#include "source/topic.h"

/* A document under way. */
struct feed {
    struct arena *a;
    struct str url;  /* the document's own address; absent: a file */
    struct str site; /* for relative addresses where nothing else is told */
    struct zone *zone;
    const struct config_list *topics; /* of the newsletter, to choose among categories; or NULL */
    /* told by the document */
    struct str title, language, author;
    struct str home;  /* the site's page */
    struct str older; /* the address of the next page or the archive before; absent: none */
    size_t bad_dates; /* which can't be read */
};

/* Called for each entry in the document's order. */
typedef enum status feed_entry_fn(void *ctx, const struct rows_article *entry, struct error *err);

/* --- pieces --- */

/* ADDRESS made absolute by BASE (absent: the feed's address, its home page or the site); absent when it is none. */
struct str feed_link(struct feed *f, struct str address, struct str base);
/* HTML made safe and its addresses absolute. BASE absent: as in feed_link. *why (may be NULL) is a sentence when it
 * can't be taken; absent then, and when nothing is to be seen. */
struct str feed_html(struct feed *f, struct str html, struct str base);
/* HTML or text → one line of text; what would read as markup later is escaped. */
struct str feed_line(struct feed *f, struct str html);
struct str feed_plain_line(struct feed *f, struct str text);
/* Plain text, escaped where it would read as HTML later. */
struct str feed_plain(struct feed *f, struct str text);
/* A date in any form that feeds have; INT64_MIN when there is none. */
int64_t feed_date(struct feed *f, struct str s);

/* Author after author: "A, B". */
void feed_author(struct feed *f, struct str *authors, struct str name);
/* The picture that media:content, media:thumbnail, media:group and enclosures of N tell, unless *url is there. */
void feed_media(struct feed *f, const struct feed_node *n, struct str *url, struct str *alt);
/* media:description of N or its group, what a film has for a text; NULL: none. */
const struct feed_node *feed_description(const struct feed_node *n);
/* What every entry gets that lacks it: an id, a title, an address; makes the html of body and summary. */
void feed_complete(struct feed *f, struct rows_article *e);

#endif
