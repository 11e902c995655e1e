/* Somebody else's SQLite database, read without leaving a trace there. */
#ifndef SOURCE_FOREIGN_H
#define SOURCE_FOREIGN_H

#include "base/buf.h"
#include "base/status.h"

#include <sqlite3.h>
#include <stdbool.h>

struct foreign; /* opaque: the connection, and what the files were like before it was opened */

enum foreign_way {
    FOREIGN_LIVE,      /* mode=ro: with -wal and -shm there, or under SQLite's locks */
    FOREIGN_IMMUTABLE, /* no lock, no file touched; foreign_changed tells whether what was read holds together */
    FOREIGN_COPY       /* a private copy of the database and its WAL or journal */
};

/* Opens the database PATH for reading:
 *   -shm and -wal there:            mode=ro, as one reader among the site's own
 *   -wal absent or empty:           immutable=1; read again when foreign_changed
 *   -wal (or a journal) not empty:  a copy of both in the folder COPY_DIR, made 0700, whose files are unlinked as soon
 *                                   as they are open
 * mode=ro in the second and third case would make a -wal and a -shm that the site's own user might not be able to
 * write. LOCK: for a database without WAL that changes all the time, take SQLite's read lock instead of immutable=1.
 * A -wal that is written while it is copied is copied again, some times. ERR_NOINPUT with a sentence that names PATH.
 * *out is to be given to foreign_close. */
enum status foreign_open(const char *path, const char *copy_dir, bool lock, struct foreign **out, struct error *err);
/* Closes and removes what was copied; NULL is harmless. */
void foreign_close(struct foreign *f);
sqlite3 *foreign_handle(struct foreign *f);
enum foreign_way foreign_way(const struct foreign *f);
/* Whether the files changed since foreign_open, so that what was read may not hold together; never after a copy or
 * mode=ro. */
bool foreign_changed(struct foreign *f);

/* Appends to OUT what tells one state of the database's files from another: sizes, times, inodes. *racy: a file was
 * written so recently that a later write may leave no other trace, so the state is not to be relied on. ERR_NOINPUT
 * when PATH is not there. */
enum status foreign_state(const char *path, struct buf *out, bool *racy, struct error *err);

#endif
