/* Atom 1.0 (RFC 4287) and 0.3. */
#ifndef SOURCE_FEED_ATOM_H
#define SOURCE_FEED_ATOM_H

#include "source/feed_entry.h"

/* Tells F what the feed under ROOT says of itself and calls FN for its entries. */
enum status feed_atom(struct feed *f, struct feed_node *root, feed_entry_fn *fn, void *ctx, struct error *err);

#endif
