/* Several databases as they are at one moment, copied while others go on writing to them. */
#ifndef BASE_SQL_SNAPSHOT_H
#define BASE_SQL_SNAPSHOT_H

#include "base/status.h"

#include <stddef.h>

enum { SQL_SNAPSHOT_MAX = 4 };

struct sql_snapshot; /* opaque: a read transaction on each */

/* Takes one of the N databases at PATHS (borrowed): for an instant nobody else writes to any of them. ERR_NOINPUT when
 * one is not there, ERR_TEMP when one stays locked. *out is to be given to sql_snapshot_release, soon: until then their
 * WALs grow. */
enum status sql_snapshot_take(const char *const *paths, size_t n, struct sql_snapshot **out, struct error *err);
/* Copies number I into a file in the folder of the path NEAR that has no name any more (base/nameless.h). *fd (-1 on
 * errors) is the caller's. ERR_TEMP when SIGTERM came. */
enum status sql_snapshot_copy(struct sql_snapshot *s, size_t i, const char *near, int *fd, struct error *err);
/* NULL is harmless. */
void sql_snapshot_release(struct sql_snapshot *s);

#endif
