/* One printer for what commands list: a table for people, one JSON document, or CSV. A command says its columns, then
 * its values in their order, and does not ask which of the two it is. Memory is bounded: the first rows are kept to
 * find the columns' widths, then every row is printed as it comes. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "base/status.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct table; /* opaque */

enum {
    TABLE_RIGHT = 1,     /* a number: aligned to the right */
    TABLE_JSON_ONLY = 2, /* not shown to people */
    TABLE_TEXT_ONLY = 4, /* not in JSON */
    TABLE_BLOCK = 8      /* several lines of text: behind the other values of an object, after an empty line */
};

struct table_column {
    const char *name; /* of JSON; people see it in capitals, spaces for underscores */
    unsigned flags;
};

/* A printer to OUT. COLUMNS: a terminal's width, to which lines are cut; 0: it is none, nothing is cut. Ends the
 * program when memory ran out, as an arena does. */
struct table *table_new(FILE *out, bool json, size_t columns);
/* From now on CSV instead of a table: JSON's columns and names, spreadsheets' formulas disarmed. */
void table_set_csv(struct table *t);
/* NULL is harmless. */
void table_free(struct table *t);

/* Begins a list of rows, or a single object, with the N columns of COLUMNS (borrowed). */
void table_list(struct table *t, const struct table_column *columns, size_t n);
void table_object(struct table *t, const struct table_column *columns, size_t n);

/* The value of the next column; every column gets one, also those that aren't shown. */
void table_str(struct table *t, struct str s); /* absent: null; broken UTF-8 is repaired */
void table_cstr(struct table *t, const char *s);
void table_int(struct table *t, int64_t v);
void table_id(struct table *t, int64_t v); /* 0: null */
void table_time(struct table *t,
                int64_t v); /* seconds since 1970; 0 and INT64_MIN: null. A text list leaves its seconds out */
void table_bool(struct table *t, bool v);
void table_null(struct table *t);
/* A nested value and what people see instead of it (absent: "-"). VALUE becomes the table's; NULL is null. */
void table_json(struct table *t, json_t *value, struct str text);
/* Ends the row, or the object. */
void table_row(struct table *t);

/* Whether printing has failed (a full disk, a closed pipe): time to stop. */
bool table_failed(const struct table *t);
/* Ends the document and flushes. ERR_IO when something could not be written; without a sentence when it was a pipe that
 * was closed at its other end. */
enum status table_end(struct table *t, struct error *err);

/* S as a JSON string, broken UTF-8 repaired; absent: null. */
json_t *table_json_str(struct str s);
/* A time as table_time prints it. */
json_t *table_json_time(int64_t v);
/* "news,arts" as a list; absent: null. */
json_t *table_json_topics(struct str topics);
/* Adds to OBJECT and owns VALUE. */
void table_json_set(json_t *object, const char *key, json_t *value);

#endif
