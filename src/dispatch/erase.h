/* Erasing a person from both databases, their write-ahead logs included. */
#ifndef DISPATCH_ERASE_H
#define DISPATCH_ERASE_H

#include "dispatch/site.h"

/* Erases the person with the address EMAIL (any spelling), or (EMAIL absent) subscriber ID, and empties both WALs,
 * which would keep the old pages. The address stays suppressed by a keyed hash unless FORGET. Doing it again does no
 * harm and empties the WALs again. *any: something was there. ERR_DATA: EMAIL is no address; ERR_NOINPUT: there is no
 * subscriber ID; ERR_TEMP: all is erased, but a program at work keeps a WAL from being emptied: to be done again. */
enum status erase_person(struct site *s, struct str email, int64_t id, bool forget, bool *any, struct error *err);

#endif
