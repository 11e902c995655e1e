/* An article written as plain text → HTML. */
#ifndef RENDER_TEXTBODY_H
#define RENDER_TEXTBODY_H

#include "base/buf.h"

/* Appends TEXT (untrusted UTF-8) as HTML, to be cleaned: empty lines part paragraphs, URLs (http, https) and what
 * begins with "mailto:" become links, all else is escaped. A line end in a paragraph stays where the writer meant it:
 * where the next line's first word would have had room; in text that was wrapped to a width it becomes a space. */
void textbody_to_html(struct str text, struct buf *out);

#endif
