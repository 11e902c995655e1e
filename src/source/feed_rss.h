/* RSS 0.90 to 2.0, with what else is found in it: Dublin Core, content, media, iTunes, Atom's links. */
#ifndef SOURCE_FEED_RSS_H
#define SOURCE_FEED_RSS_H

#include "source/feed_entry.h"

/* Tells F what the feed under ROOT says of itself and calls FN for its items. */
enum status feed_rss(struct feed *f, struct feed_node *root, feed_entry_fn *fn, void *ctx, struct error *err);

#endif
