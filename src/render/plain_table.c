#include "render/plain_table.h"

#include "render/clean.h"

#include <stdlib.h>

/* A longer cell is not said again in each row that it spans: few bytes would become many. */
enum { HELD_MAX = 200 };

void plain_table_begin(struct plain_table *t, struct scan scan) {
    struct scan_token token;
    unsigned depth = 1, rows = 0, heads = 0, blocks = 0;
    bool values = false; /* a cell that is no header was seen */
    t->open = false;
    t->rows = t->heads = 0;
    t->header_n = 0;
    memset(t->held_rows, 0, sizeof t->held_rows);
    while (depth > 0 && scan_next(&scan, &token)) {
        if (token.kind == SCAN_TEXT)
            continue;
        if (token.tag == TAG_TABLE && token.kind == SCAN_CLOSE) {
            depth--;
            continue;
        }
        if (token.kind == SCAN_CLOSE)
            continue;
        switch (token.tag) {
        case TAG_TR:
            rows++;
            break;
        case TAG_TD:
        case TAG_TH:
            heads = !values && token.tag == TAG_TD ? rows - 1 : heads;
            values |= token.tag == TAG_TD;
            blocks = 0;
            break;
        case TAG_CAPTION:
            blocks = 0;
            break;
        case TAG_P:
            if (blocks++ > 0)
                return;
            break;
        case TAG_THEAD:
        case TAG_TBODY:
            break;
        default:
            if (tag_is_block(token.tag))
                return;
        }
    }
    t->open = true;
    t->heads = values ? heads : rows > 1;
}

void plain_table_release(struct plain_table *t) {
    buf_release(&t->cells);
    buf_release(&t->headers);
    for (size_t i = 0; i < PLAIN_COLUMNS; i++)
        buf_release(&t->held[i]);
    *t = (struct plain_table){0};
}

void plain_table_row(struct plain_table *t) {
    buf_clear(&t->cells);
    t->n = t->column = 0;
    t->all_headers = true;
}

/* A number of one or two digits that is not 0; else 1. */
static unsigned span_of(struct str s) {
    unsigned n = s.len == 1 || s.len == 2 ? (unsigned)(s.ptr[0] - '0') : 1;
    if (s.len == 2)
        n = n * 10 + (unsigned)(s.ptr[1] - '0');
    return n > 0 && n < 100 ? n : 1;
}

/* Cells that began in an earlier row and stand where the next one would. */
static void add_held(struct plain_table *t) {
    for (; t->column < PLAIN_COLUMNS && t->held_rows[t->column] > 0; t->column++) {
        t->held_rows[t->column]--;
        if (t->n < PLAIN_COLUMNS) {
            t->columns[t->n] = t->column;
            buf_add(&t->cells, buf_str(&t->held[t->column]));
            t->ends[t->n++] = t->cells.len;
        }
    }
}

void plain_table_cell(struct plain_table *t, const struct scan_token *token, struct buf *line) {
    buf_clear(line);
    if (t->column == 0)
        t->headed = token->tag == TAG_TH;
    if (token->tag != TAG_TH)
        t->all_headers = false;
    add_held(t);
    t->rowspan = span_of(scan_attribute(token, STR("rowspan")));
    if (t->n < PLAIN_COLUMNS) {
        t->columns[t->n] = t->column;
        t->ends[t->n++] = t->cells.len;
    }
    t->column += span_of(scan_attribute(token, STR("colspan")));
}

void plain_table_cell_end(struct plain_table *t, struct buf *line) {
    if (t->n > 0) {
        size_t from = t->columns[t->n - 1], begin = t->n > 1 ? t->ends[t->n - 2] : 0;
        bool shared = t->ends[t->n - 1] != t->cells.len;
        struct str text = str_trim(buf_str(line));
        if (shared && text.len > 0)
            buf_addc(&t->cells, ' ');
        for (size_t i = 0; i < text.len; i++)
            buf_addc(&t->cells, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
        t->ends[t->n - 1] = t->cells.len;
        for (size_t c = from; t->rowspan > 1 && c < t->column && c < PLAIN_COLUMNS; c++) {
            t->held_rows[c] = t->rowspan - 1;
            buf_clear(&t->held[c]);
            if (c == from && t->cells.len - begin <= HELD_MAX)
                buf_add(&t->held[c], str_sub(buf_str(&t->cells), begin, t->cells.len));
            t->cells.failed |= t->held[c].failed;
        }
        t->rowspan = 1;
    }
    buf_clear(line);
}

static struct str part_of(const struct buf *b, const size_t *ends, size_t n, size_t i) {
    return i < n ? str_sub(buf_str(b), i > 0 ? ends[i - 1] : 0, ends[i]) : STR_NONE;
}

/* The row's cells as headers, column by column, each behind what stands above it. */
static void take_headers(struct plain_table *t, struct buf *scratch) {
    size_t ends[PLAIN_COLUMNS] = {0}, n = 0;
    for (size_t c = 0; c < t->column && c < PLAIN_COLUMNS; c++) {
        struct str above = part_of(&t->headers, t->header_ends, t->header_n, c), own = STR_NONE;
        for (size_t i = 0; i < t->n && t->columns[i] <= c; i++)
            own = part_of(&t->cells, t->ends, t->n, i);
        buf_add(scratch, above);
        if (!str_eq(above, own)) {
            if (clean_visible(above) && clean_visible(own))
                buf_addc(scratch, ' ');
            buf_add(scratch, own);
        }
        ends[n++] = scratch->len;
    }
    buf_clear(&t->headers);
    buf_add(&t->headers, buf_str(scratch));
    memcpy(t->header_ends, ends, n * sizeof *ends);
    t->header_n = n;
    buf_clear(scratch);
}

bool plain_table_row_end(struct plain_table *t, struct buf *line) {
    bool any = false;
    buf_clear(line);
    add_held(t);
    if (t->rows < t->heads) {
        take_headers(t, line);
        t->rows++;
        return false;
    }
    for (size_t i = 0; i < t->n; i++) {
        struct str value = part_of(&t->cells, t->ends, t->n, i);
        struct str header = part_of(&t->headers, t->header_ends, t->header_n, t->columns[i]);
        if (!clean_visible(value))
            continue;
        if (any)
            buf_adds(line, t->header_n > 0 ? "\n" : t->headed && !t->all_headers && i == 1 ? ": " : "; ");
        if (clean_visible(header)) {
            buf_add(line, header);
            buf_adds(line, str_ends(header, STR(":")) ? " " : ": ");
        }
        buf_add(line, value);
        any = true;
    }
    t->rows++;
    return any;
}
