/* Wrapping plain text to a width, in any script. */
#ifndef TEXT_LINE_H
#define TEXT_LINE_H

#include "base/str.h"
#include "base/status.h"

/* Called for each line in order: LINE without white space at its end, borrowed from the paragraph; SPACE, whether white
 * space stood where the line was broken (a format=flowed line then ends with a space), false for the last line and
 * before a line end of the paragraph's own, HARD, whether such a line end, or the paragraph's end, ends the line. */
typedef void line_fn(void *context, struct str line, bool space, bool hard);

/* Breaks PARAGRAPH (UTF-8) into lines of at most WIDTH columns (width_of), at the places that Unicode's line breaking
 * (UAX 14) and ICU's dictionaries for Thai, Lao, Khmer and Burmese allow in the language LANG (a tag or NULL), but not
 * inside a Korean word. A URL
 * ("https://", "http://", "mailto:" up to white space) is never broken. What has no place to break stays whole and is
 * longer than WIDTH. Line ends in PARAGRAPH end a line. An empty paragraph gives one empty line. ERR_OS when memory ran
 * out. */
enum status line_wrap(struct str paragraph, const char *lang, size_t width, line_fn *fn, void *context,
                      struct error *err);

#endif
