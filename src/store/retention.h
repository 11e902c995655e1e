/* Retention: what is kept for a time only goes. Each function works in short transactions of its own, so that nobody
 * waits, and stops early, OK, when the program is asked to end: the next call goes on. */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

/* Empties name, time zone and attributes of people who read nothing any more, and left or were removed before LEFT.
 * Address and preferences stay: they must not be mailed. *n: how many. */
enum status retention_people(struct store *s, int64_t left, int64_t *n, struct error *err);
/* Lines of the audit log older than BEFORE, ids of events done before then, and texts of consent that no record names
 * any more. *n: how many lines. */
enum status retention_log(struct store *s, int64_t before, int64_t *n, struct error *err);

#endif
