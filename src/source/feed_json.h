/* JSON Feed 1 and 1.1. */
#ifndef SOURCE_FEED_JSON_H
#define SOURCE_FEED_JSON_H

#include "source/feed_entry.h"

/* Tells F what the feed TEXT says of itself and calls FN for its items. ERR_DATA: it is no JSON Feed. */
enum status feed_json(struct feed *f, struct str text, feed_entry_fn *fn, void *ctx, struct error *err);

#endif
