/* Markdown → HTML. */
#ifndef RENDER_MARKDOWN_H
#define RENDER_MARKDOWN_H

#include "base/buf.h"
#include "base/status.h"

#define MARKDOWN_INPUT_MAX (1024 * 1024) /* bytes */

/* Appends MD (untrusted UTF-8; CommonMark with GitHub's tables, strike-through and bare URLs) as HTML. HTML in it comes
 * through as it is: the result is no safer than the input and must be cleaned (clean_html). ERR_DATA when MD is larger
 * than MARKDOWN_INPUT_MAX or makes HTML larger than clean_html takes; OUT is then as before. */
enum status markdown_to_html(struct str md, struct buf *out, struct error *err);

#endif
