/* Files without a name: what is in one is gone with the program, however that ends. */
#ifndef BASE_NAMELESS_H
#define BASE_NAMELESS_H

#include "base/buf.h"

/* One in the folder of the file PATH (which need not be there), mode 0600, open for reading and writing; the caller's
 * to close. -1, with errno, when it can't be made. Where the file system knows none (NFS), it has a name for an instant
 * (as below). */
int nameless_beside(const char *path);
/* One there that still has a name, put into *name, for a library that opens files by name; the caller takes the name
 * away with unlink before anything is written. It is the same name in that folder each time, locked: of a program
 * killed in that instant an empty file is left, which the next one takes for its own. -1, with errno (ELOOP: a symbolic
 * link has that name). */
int nameless_named(const char *path, struct buf *name);
/* False, with errno, when what is called PATH is another file than FD's by now, or none: whoever held the lock took the
 * name away.
 */
bool nameless_is_at(int fd, const char *path);

#endif
