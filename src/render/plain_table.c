#include "render/plain_table.h"

#include "render/clean.h"

#include <stdlib.h>

void plain_table_begin(struct plain_table *t, struct scan scan) {
    struct scan_token token;
    unsigned depth = 1, rows = 0, blocks = 0;
    t->open = t->more_rows = false;
    t->rows = 0;
    t->header_n = 0;
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
    t->more_rows = rows > 1;
}

void plain_table_release(struct plain_table *t) {
    buf_release(&t->cells);
    buf_release(&t->headers);
    *t = (struct plain_table){0};
}

void plain_table_row(struct plain_table *t) {
    buf_clear(&t->cells);
    t->n = t->column = 0;
    t->all_headers = true;
}

void plain_table_cell(struct plain_table *t, const struct scan_token *token, struct buf *line) {
    struct str span = scan_attribute(token, STR("colspan"));
    unsigned columns = 1;
    buf_clear(line);
    if (t->n == 0)
        t->headed = token->tag == TAG_TH;
    if (token->tag != TAG_TH)
        t->all_headers = false;
    if (span.len == 1 || span.len == 2)
        columns = (unsigned)(span.ptr[0] - '0') * (span.len == 2 ? 10 : 1) +
                  (unsigned)(span.len == 2 ? span.ptr[1] - '0' : 0);
    if (t->n < PLAIN_COLUMNS) {
        t->columns[t->n] = t->column;
        t->ends[t->n++] = t->cells.len;
    }
    t->column += columns > 0 && columns < 100 ? columns : 1;
}

void plain_table_cell_end(struct plain_table *t, struct buf *line) {
    if (t->n > 0) {
        bool shared = t->ends[t->n - 1] != t->cells.len;
        struct str text = str_trim(buf_str(line));
        if (shared && text.len > 0)
            buf_addc(&t->cells, ' ');
        for (size_t i = 0; i < text.len; i++)
            buf_addc(&t->cells, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
        t->ends[t->n - 1] = t->cells.len;
    }
    buf_clear(line);
}

static struct str part_of(const struct buf *b, const size_t *ends, size_t n, size_t i) {
    return i < n ? str_sub(buf_str(b), i > 0 ? ends[i - 1] : 0, ends[i]) : STR_NONE;
}

bool plain_table_row_end(struct plain_table *t, struct buf *line) {
    bool any = false;
    buf_clear(line);
    if (t->rows == 0 && t->all_headers && t->n > 0 && t->more_rows) {
        /* The headers, column by column. */
        buf_clear(&t->headers);
        t->header_n = 0;
        for (size_t i = 0; i < t->n; i++) {
            size_t to = i + 1 < t->n ? t->columns[i + 1] : t->column;
            for (size_t c = t->columns[i]; c < to && c < PLAIN_COLUMNS; c++) {
                buf_add(&t->headers, part_of(&t->cells, t->ends, t->n, i));
                t->header_ends[t->header_n++] = t->headers.len;
            }
        }
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
