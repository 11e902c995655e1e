/* Text in other encodings → UTF-8. */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include "base/buf.h"
#include "base/status.h"

/* Appends IN, in the encoding NAME (as MIME and XML name them: "windows-1251", "ISO-8859-1", "Shift_JIS", "utf-16le";
 * Latin-1 and ASCII are read as windows-1252, as the web does), as UTF-8. What has no meaning in it becomes U+FFFD.
 * *CLEAN (may be NULL): whether nothing did. ERR_DATA when there is no such encoding; OUT is then as before. */
enum status charset_to_utf8(struct str in, struct str name, struct buf *out, bool *clean, struct error *err);

/* The encoding that a byte order mark at the beginning of IN tells, and the mark's length; NULL when there is none. */
const char *charset_of_mark(struct str in, size_t *mark);

#endif
