/* Files that must be their owner's alone: readers' addresses are in them. */
#ifndef BASE_PRIVATE_H
#define BASE_PRIVATE_H

#include "base/status.h"

/* ERR_NOPERM, with a sentence that has the chmod to type, when group or others may read or write the database PATH or a
 * file beside it; or when anybody may change the folder that it lies in, and so put another in its place (a sticky one
 * keeps them from it). That they see the names there does no harm. What is not there is fine. */
enum status private_database(const char *path, struct error *err);

#endif
