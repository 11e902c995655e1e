/* Short forms of a text: cut where a reader of any script would. */
#ifndef TEXT_SUMMARY_H
#define TEXT_SUMMARY_H

#include "base/buf.h"
#include "base/str.h"

/* Appends TEXT with each run of white space and line ends as one space (nothing between two Chinese or Japanese
 * characters, where a line end is no word's end; but one behind a heading), none at its ends, control characters left
 * out, malformed UTF-8 as U+FFFD. A single no-break or ideographic space stays as it is. */
void summary_flatten(struct str text, struct buf *out);

/* Appends TEXT, flattened as above, in at most MAX_CHARS user-perceived characters (graphemes): all of it if it fits,
 * else up to the last sentence's end within the limit (by ICU's rules for LANG, and after a shad in Tibetan), else up
 * to the last space, else the last place where a line may break (by dictionary in Thai, Khmer, Burmese), else anywhere
 * between two characters, and then with an ellipsis, which counts. A space in the first third is passed over when a
 * line may break later. LANG is a language tag or NULL. Returns whether anything was left out. */
bool summary_cut(struct str text, const char *lang, size_t max_chars, struct buf *out);

#endif
