/* A table as spreadsheets and other services export it: CSV (RFC 4180), and what goes by that name. */
#ifndef SOURCE_SHEET_H
#define SOURCE_SHEET_H

#include "base/status.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sheet; /* opaque: a file being read; memory is bounded by its longest row */

enum { SHEET_COLUMNS_MAX = 500, SHEET_ROW_MAX = 256 * 1024, SHEET_LINES_MAX = 200 };

struct sheet_options {
    const char *encoding; /* a name that ICU knows ("windows-1251", "GB18030"); NULL: found out */
    char separator;       /* 0: found out */
};

struct sheet_row {
    int64_t line; /* where it begins, from 1 */
    size_t n;
    const struct str
        *cells;        /* well-formed UTF-8, white space around bare cells dropped; borrowed until the next call */
    struct str raw;    /* of a row with a fault: its first line, well-formed UTF-8 */
    const char *fault; /* why the row can't be used, then without cells; NULL: it can. What follows is not lost */
};

/* Begins reading FD (borrowed). Found out are: the encoding by a byte order mark, by UTF-16's zero bytes, else a row is
 * UTF-8 where it is well-formed and Windows-1252 where it is not; the separator (comma, semicolon, tab, |) by the first
 * line, or by a line "sep=;" before it. Lines end with LF, CR LF or CR. ERR_USAGE for an encoding that ICU does not
 * know, ERR_NOINPUT when FD can't be read. *out is to be given to sheet_close. */
enum status sheet_open(int fd, const struct sheet_options *o, struct sheet **out, struct error *err);
/* NULL is harmless. */
void sheet_close(struct sheet *s);
/* The next row, empty lines left out; *more is false at the end. ERR_NOINPUT when FD can't be read. */
enum status sheet_next(struct sheet *s, struct sheet_row *row, bool *more, struct error *err);
/* How many bytes of the file were read. */
int64_t sheet_bytes(const struct sheet *s);
/* What it is written in, for people: "UTF-8", "UTF-16LE", "Windows-1252" (once a row was). */
const char *sheet_encoding(const struct sheet *s);
char sheet_separator(const struct sheet *s);

#endif
