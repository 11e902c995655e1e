/* Type sqlite: somebody else's database, read by the administrator's queries. */
#ifndef SOURCE_DATABASE_H
#define SOURCE_DATABASE_H

#include "source/sync.h"

/* Syncs Y's source, unless its files, queries and settings are what they were. ERR_DATA: a query failed, is no SELECT
 * or lacks a column; ERR_NOINPUT: the file can't be read. */
enum status database_sync(struct sync *y, struct error *err);
/* Opens it and tries its queries without taking anything in. */
enum status database_check(const struct config *c, const struct config_source *source, struct error *err);

#endif
