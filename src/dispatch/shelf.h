/* The shelf: renditions kept in memory up to [queue] rendition_cache, made again from the frozen inputs when they are
 * needed after being put away. One thread. */
#ifndef DISPATCH_SHELF_H
#define DISPATCH_SHELF_H

#include "dispatch/site.h"
#include "message/compose.h"

struct shelf;

/* RECORD: hashes of renditions are kept at their first use. */
enum status shelf_new(struct site *s, size_t limit_bytes, bool record, struct shelf **out, struct error *err);
/* NULL is harmless. */
void shelf_free(struct shelf *sh);
/* Rendition NUMBER of ISSUE; *out is a reference of the caller's. At its first use its hash is recorded in queue.db
 * before this returns, if the shelf records; later it must be the same, else ERR_SOFTWARE: the program that renders has
 * changed, and sending something else than others got is refused. */
enum status shelf_get(struct shelf *sh, int64_t issue, int64_t number, struct message_rendition **out,
                      struct error *err);

#endif
