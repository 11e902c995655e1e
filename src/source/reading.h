/* What a feed, a folder or a command gives: its rows, read before a transaction on courant.db begins, since a server or
 * a program may take its time. */
#ifndef SOURCE_READING_H
#define SOURCE_READING_H

#include "base/buf.h"
#include "source/rows.h"
#include "source/sync.h"

struct reading_note {
    const struct reading_note *next;
    struct str text;
};

struct reading {
    /* given to the reader */
    const struct config *c;
    const struct config_source *source;
    struct store *store; /* NULL: only tried, by courant check */
    int64_t now;
    bool always;       /* read though nothing changed */
    struct str before; /* the stamp of the last sync; or absent */
    int64_t id;        /* of the source in courant.db; 0: never synced */
    int64_t synced_at; /* when that was; 0: never */
    struct arena *arena;
    struct zone *zone; /* the site's */
    /* what it gives back */
    struct rows *rows;
    struct buf stamp;      /* of what was read and by which settings; empty: read again next time */
    bool unchanged;        /* nothing was read: it is as it was */
    bool window;           /* it shows its newest articles only: what is not there is not withdrawn */
    bool people, articles; /* which of them it read */
    const struct reading_note *notes;
    int64_t retry_after_s; /* it failed, and its server wants to be asked again then; 0: it says nothing */
};

/* A sentence for the report. */
void reading_note(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Begins the stamp: what the rows depend on beside what is read; SETTINGS, of the type, end with NULL. */
void reading_stamp(struct reading *r, const char *const *settings);
/* Ends the stamp with BYTES; whether it is the last sync's, so that nothing need be read. */
bool reading_is_same(struct reading *r, struct str bytes);

/* Reads Y's source and syncs its rows. */
enum status reading_sync(struct sync *y, struct error *err);
/* Reads it and takes nothing in. *found, of A: "12 articles, 3 subscribers". */
enum status reading_check(const struct config *c, const struct config_source *source, struct arena *a,
                          struct str *found, struct error *err);

#endif
