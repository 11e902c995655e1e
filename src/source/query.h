/* An administrator's query on somebody else's database: read only, bounded in time, its columns found by name. */
#ifndef SOURCE_QUERY_H
#define SOURCE_QUERY_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct query; /* opaque: the statement and its guards on the connection */

enum { QUERY_COLUMNS_MAX = 200 };

/* Prepares TEXT on DB, to give its rows in order of the column `id` (numbers first and by value, then text by bytes).
 * TEXT must be one SELECT, without parameters, with a column `id`; while the query lives the connection may read and do
 * nothing else. It is interrupted when it runs for PATIENCE_S seconds without giving a row. One query at a time on a
 * connection. ERR_DATA (what is wrong with the text; a missing table), ERR_NOINPUT (the file can't be
 * read). *out is to be given to query_close. */
enum status query_open(sqlite3 *db, const char *text, int64_t patience_s, struct query **out, struct error *err);
/* NULL is harmless. */
void query_close(struct query *q);

int query_columns(const struct query *q);
/* Column I's name, borrowed. */
const char *query_name(const struct query *q, int i);
/* The first column called NAME (ASCII case ignored); -1 when there is none. */
int query_column(const struct query *q, const char *name);
/* ERR_DATA, naming NAME and the columns that there are. */
enum status query_missing(const struct query *q, const char *name, struct error *err);

/* The next row. ERR_DATA when the query failed or took too long, ERR_NOINPUT when the file can't be read. */
enum status query_step(struct query *q, bool *row, struct error *err);
/* SQLITE_NULL, SQLITE_INTEGER and the like; SQLITE_NULL for column -1. */
int query_type(struct query *q, int i);
int64_t query_int(struct query *q, int i);
double query_double(struct query *q, int i);
/* Column I as bytes, which may be malformed; borrowed until the next step; absent when it is NULL or I is -1. */
struct str query_bytes(struct query *q, int i);
/* Whether TEXT asks for the present time, so that its answer changes though the database does not. */
bool query_reads_clock(const char *text);

#endif
