/* A cell of a CSV file (RFC 4180) as this program writes it and takes it back. */
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include "base/buf.h"
#include "base/str.h"

/* Appends CELL, quoted where it must be; absent: empty. What a spreadsheet would run as a formula (it begins with one
 * of = + - @ tab CR LF, after any number of apostrophes) gets one apostrophe before it, which spreadsheets take for
 * "this is text" and csv_restore takes off. */
void csv_add(struct str cell, struct buf *out);
/* CELL, unquoted, without the apostrophe that csv_add or a spreadsheet put before it. */
struct str csv_restore(struct str cell);

#endif
