/* A table as text: its rows are collected cell by cell and said with their headers. */
#ifndef RENDER_PLAIN_TABLE_H
#define RENDER_PLAIN_TABLE_H

#include "base/buf.h"
#include "render/scan.h"

#define PLAIN_COLUMNS 32

struct plain_table {
    bool open;        /* in a table whose cells hold lines only */
    bool all_headers; /* so far the row has header cells only */
    bool headed;      /* the row begins with a header cell */
    unsigned rows;    /* read so far */
    unsigned heads;   /* the first rows, which have header cells only */
    struct buf cells; /* the row's texts; beyond PLAIN_COLUMNS they are left to the last */
    size_t ends[PLAIN_COLUMNS], columns[PLAIN_COLUMNS];
    size_t n, column;
    struct buf headers; /* of all columns, made of those first rows */
    size_t header_ends[PLAIN_COLUMNS], header_n;
    struct buf held[PLAIN_COLUMNS];    /* what a cell of an earlier row says in this one, and in how many more */
    unsigned held_rows[PLAIN_COLUMNS]; /* with it (rowspan) */
    unsigned rowspan;                  /* of the cell that is open */
};

/* Looks at the table whose tag was read last from SCAN (a copy: it is not moved). `open` stays false when its cells
 * hold more than lines: such a table is a layout, its cells are read one after the other. */
void plain_table_begin(struct plain_table *t, struct scan scan);
void plain_table_release(struct plain_table *t);
void plain_table_row(struct plain_table *t);
/* A cell begins; what stands in LINE is none of its. */
void plain_table_cell(struct plain_table *t, const struct scan_token *token, struct buf *line);
/* Takes the cell's text out of LINE. */
void plain_table_cell_end(struct plain_table *t, struct buf *line);
/* Appends the row to LINE, with its headers one line a cell. False when there is nothing to say (also for the headers
 * themselves). */
bool plain_table_row_end(struct plain_table *t, struct buf *line);

#endif
