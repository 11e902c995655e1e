/* A feed's document, of any kind, → its entries. */
#ifndef SOURCE_FEED_DOCUMENT_H
#define SOURCE_FEED_DOCUMENT_H

#include "source/feed_entry.h"

/* Parses a whole document of any kind (see feed_xml_parse for BYTES and CHARSET) and calls FN for its entries; F's url,
 * a and the like are set by the caller. What entries hold is F's arena's. ERR_DATA: it is no feed, or broken. */
enum status feed_parse(struct feed *f, struct str bytes, struct str charset, feed_entry_fn *fn, void *ctx,
                       struct error *err);

#endif
