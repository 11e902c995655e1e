/* Type feed: RSS, Atom and JSON Feed, from an address or a file. */
#ifndef SOURCE_FEED_H
#define SOURCE_FEED_H

#include "source/reading.h"

/* Reads the feed, by a conditional request where an earlier answer allows one, and the pages behind it (RFC 5005) until
 * one has articles that are known, so that nothing is missed that left the first page since the last sync. ERR_DATA: it
 * is no feed or broken; ERR_NOINPUT: it can't be had. */
enum status feed_read(struct reading *r, struct error *err);

#endif
