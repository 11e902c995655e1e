/* A backup: both databases as they were at one moment, while everything runs. */
#ifndef DISPATCH_BACKUP_H
#define DISPATCH_BACKUP_H

#include "config/config.h"

#include <stdint.h>
#include <stdio.h>

/* Writes a tar archive with courant.db, queue.db and a text that says how to put them back to OUT. Both databases are
 * of one moment: for an instant nobody else writes, then each is read from a snapshot, and work goes on. NEAR: a path
 * in the folder where copies may lie meanwhile (mode 0600, without a name as soon as they are open). The secret is not
 * in it. NOW dates the archive's files. ERR_NOINPUT when a database is not there, ERR_TEMP when one stays locked or
 * SIGTERM came, ERR_IO. */
enum status backup_write(const struct config *c, const char *near, int64_t now, FILE *out, struct error *err);

#endif
