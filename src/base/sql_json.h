/* Rows as JSON, column names as keys. */
#ifndef BASE_SQL_JSON_H
#define BASE_SQL_JSON_H

#include "base/sql.h"

#include <jansson.h>

/* Runs S (bound) and appends its rows to the array OUT as objects. Of columns with one name the first counts. Integers
 * in columns called "at", "until" or ending in "_at" are seconds and become ISO 8601 UTC; text that is a JSON object
 * stays one when the column is called "attributes"; NULL is null, a blob is left out. */
enum status sql_rows_json(struct sql *db, sqlite3_stmt *s, json_t *out, struct error *err);

#endif
