/* Compiled time zones of the system's tz database: TZif files (RFC 9636). */
#ifndef TEXT_TZFILE_H
#define TEXT_TZFILE_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct tzfile; /* opaque: sorted transitions and the rule for the time after them; never changes, so any thread may read
                */

/* Parses the bytes of a TZif file of version 2 or later without leap seconds. *OUT is the caller's, to be freed with
 * tzfile_free. ERR_DATA when it is malformed. */
enum status tzfile_parse(struct str bytes, struct tzfile **out, struct error *err);
/* Reads the file of the zone NAME ("Europe/Zurich") from the system's database. ERR_NOINPUT when there is no such file
 * or no database, ERR_DATA as tzfile_parse. Names that could lead out of the database's folder are "no such file". */
enum status tzfile_open(struct str name, struct tzfile **out, struct error *err);
/* NULL is harmless. */
void tzfile_free(struct tzfile *f);
/* Seconds to add to UTC at T (seconds since 1970). */
int tzfile_offset(const struct tzfile *f, int64_t t);

#endif
