/* Where in HTML each tag of a template stands, found by following the literal parts through HTML's tokenizer (WHATWG
 * HTML, section 13.2.5, as far as it matters here). Private to the mustache files. */
#ifndef RENDER_MUSTACHE_HTML_H
#define RENDER_MUSTACHE_HTML_H

#include "base/status.h"

struct mustache;

/* Sets the place of every value of T, a parsed template of kind MUSTACHE_HTML. ERR_DATA with FILE:LINE and a sentence
 * when a rule listed in mustache.h is broken. */
enum status mustache_html(struct mustache *t, struct error *err);

#endif
