/* The values of a row of people → struct roll_row. */
#ifndef SOURCE_MEMBER_H
#define SOURCE_MEMBER_H

#include "source/cell.h"
#include "source/heading.h"
#include "store/roll.h"

/* As they were read; absent where the file has no such column. */
struct member {
    struct str values[HEADINGS];
    struct buf attributes;    /* "{...", the object without its end; empty: none */
    enum heading_state state; /* STATES: none told */
};

/* Adds an attribute to M. ERR_DATA when it is longer than 1 KB. */
enum status member_attribute(struct cells *v, struct member *m, struct str name, struct str value, struct error *err);
/* Heeds the columns that ask whether somebody left, is blocked, has bounced or has confirmed, after M's state was read:
 * a yes counts more than the state told, a date when none is told. ERR_DATA: it is neither yes nor no nor a date. */
enum status member_heed(struct cells *v, struct member *m, struct error *err);
/* Fills *out but for the newsletter; slices are M's or the row arena's. What is not understood is counted in V and
 * taken as absent, as with sources. ERR_DATA: the row can't be taken, with the reason in a few words. */
enum status member_read(struct cells *v, struct member *m, struct roll_row *out, struct error *err);

#endif
