/* An import's file that is JSON. */
#ifndef SOURCE_INTAKE_JSON_H
#define SOURCE_INTAKE_JSON_H

#include "source/intake_internal.h"

/* One array of objects, or objects one after another; each is read and forgotten, so that a million take no room.
 * ERR_DATA when it is no JSON. */
enum status intake_json(struct intake *x, struct error *err);

#endif
