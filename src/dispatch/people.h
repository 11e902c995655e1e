/* What is done to people by hand and touches both databases. */
#ifndef DISPATCH_PEOPLE_H
#define DISPATCH_PEOPLE_H

#include "dispatch/site.h"
#include "text/address.h"

/* Why ADDRESS must not be signed up or given to somebody: "asked to be erased", "is suppressed (hard bounce)";
 * STR_NONE when nothing speaks against it. Owned by A. */
enum status people_barred(struct site *s, const struct address *address, struct arena *a, struct str *why,
                          struct error *err);
/* Gives subscriber ID another address. When somebody has it already: ERR_DATA with a sentence, or (MERGE) that one
 * becomes ID. *changed: something was; *merged: the id that was merged, or 0. In a transaction of its own. ERR_DATA
 * also when the address is that of a person who was erased. REHEARSE: queue.db is left alone; the caller has a
 * transaction of courant.db's under way and rolls it back. */
enum status people_move(struct site *s, int64_t id, const struct address *address, bool merge, bool rehearse,
                        bool *changed, int64_t *merged, struct error *err);
/* Lets mail go again to who has the address KEY. What was owed when it was suppressed is so no more. *released: it was
 * suppressed. REHEARSE as above. */
enum status people_release(struct site *s, struct str key, bool rehearse, bool *released, struct error *err);
/* The same for each suppression whose time is over. */
enum status people_lapse(struct site *s, struct error *err);

#endif
