/* How a value from the data becomes bytes of a template's output. Private to the mustache files. */
#ifndef RENDER_MUSTACHE_ESCAPE_H
#define RENDER_MUSTACHE_ESCAPE_H

#include "render/mustache_parse.h"

struct buf;

/* Appends VALUE (UTF-8) to OUT as PLACE wants it; mustache.h says how. LF: CRLF and lone CR become LF. */
void mustache_escape(struct buf *out, struct str value, enum place place, bool lf);

/* Whether URL, trimmed, is absolute with a scheme that may stand in a mail: http, https, mailto or cid. */
bool mustache_url_ok(struct str url);

#endif
