/* Rows in memory as a table that SQL can read: `SELECT ... FROM rows(?1)`, so that a chunk is inserted by one statement
 * instead of thousands. */
#ifndef QUEUE_ROWS_H
#define QUEUE_ROWS_H

#include "base/sql.h"

/* N rows of columns a, b, c, d; borrowed by the statement they are bound to until it was run. */
struct rows {
    const struct rows_row { int64_t a, b, c, d; } * list;
    size_t n;
};

/* Makes the function known to the connection. */
enum status rows_register(struct sql *db, struct error *err);
/* Binds R to parameter I of S. */
void rows_bind(sqlite3_stmt *s, int i, const struct rows *r);

#endif
