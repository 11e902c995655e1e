/* The pair of databases, and the third file beside queue.db that is part of no backup: they agree, or sending is
 * refused until `courant adopt` (QUEUE.md, "Copies and restores"). */
#ifndef DISPATCH_PAIR_H
#define DISPATCH_PAIR_H

#include "dispatch/site.h"

/* Gives both databases their pair's id and identity and writes the third file, where none of it is there yet. */
enum status pair_init(struct site *s, struct error *err);
/* Whether these are the databases that send. ERR_TEMP with a sentence that names what disagrees and `courant adopt`. */
enum status pair_verify(struct site *s, struct error *err);
/* Before a run's first MAIL: the run's number rises in queue.db, in courant.db, and at last in the third file, each
 * durable before the next; a crash between leaves a database one ahead of the file, which is no disagreement. */
enum status pair_begin_run(struct site *s, struct error *err);
/* `courant adopt --moved`: this copy sends from now on, nothing was lost. */
enum status pair_adopt_moved(struct site *s, struct error *err);
/* `courant adopt --restored`: every open delivery is held, releasing stops, ids and arrivals rise above all that was
 * seen. *held counts deliveries. */
enum status pair_adopt_restored(struct site *s, int64_t *held, struct error *err);

#endif
