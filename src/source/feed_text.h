/* The text of a feed, in UTF-8 and without what a parser might choke on. */
#ifndef SOURCE_FEED_TEXT_H
#define SOURCE_FEED_TEXT_H

#include "base/buf.h"
#include "base/status.h"

/* Appends BYTES in UTF-8 to OUT, by byte order mark, XML declaration where it says UTF-8 and that is so, CHARSET
 * (absent: not told), XML declaration, in this order. */
enum status feed_text_decode(struct str bytes, struct str charset, struct buf *out, struct error *err);

/* Appends XML (UTF-8) without its DTD, entities resolved (HTML's too), bare ampersands and control characters mended,
 * so that only &amp; &lt; &gt; &quot; &apos; and numbers are left. ERR_DATA for what only attacks have: entities in
 * entities, many or large ones, ones that lie elsewhere. */
enum status feed_text_mend(struct str xml, struct buf *out, struct error *err);

#endif
