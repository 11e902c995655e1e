/* JSON → rows: an object a line (JSON Lines), or a list of objects. */
#ifndef SOURCE_JSON_ROWS_H
#define SOURCE_JSON_ROWS_H

#include <stdio.h>

#include "config/config.h"
#include "source/rows.h"

/* Reads all of IN into R. Members are columns; an object with a member `rendered` (as WordPress answers) is that text,
 * of a list of topics one is taken for an article (by TOPICS, which may be NULL), other lists and objects are their
 * JSON. ERR_DATA: which line is no object, or that the last one is cut off; ERR_NOINPUT: IN can't be read. */
enum status json_rows_read(FILE *in, enum import_kind kind, const struct config_list *topics, struct rows *r,
                           struct error *err);

/* Our name for a column that wp-cli calls otherwise ("post_title" is "title"), else NAME. *utc: its times are in UTC.
 */
struct str rows_our_name(enum import_kind kind, struct str name, bool *utc);

#endif
