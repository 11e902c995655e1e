/* A person's rights: to see all that is held, and to be erased. */
#ifndef DISPATCH_RIGHTS_H
#define DISPATCH_RIGHTS_H

#include "dispatch/site.h"

#include <jansson.h>

/* Erases the person with the address EMAIL (any spelling), or (EMAIL absent) subscriber ID, and empties both WALs,
 * which would keep the old pages. The address stays suppressed by a keyed hash unless FORGET. Doing it again does no
 * harm and empties the WALs again. *any: something was there. ERR_DATA: EMAIL is no address; ERR_NOINPUT: there is no
 * subscriber ID; ERR_TEMP: all is erased, but a program at work keeps a WAL from being emptied: to be done again. */
enum status rights_erase(struct site *s, struct str email, int64_t id, bool forget, bool *any, struct error *err);

/* All that both databases hold on the same person, as one document; *out is the caller's. An address that nobody has
 * may still be suppressed, or have messages waiting. The same errors. */
enum status rights_access(struct site *s, struct str email, int64_t id, json_t **out, struct error *err);

#endif
