#include "text/csv.h"

/* Where the apostrophes end, if what follows them would be a formula; else S.LEN. */
static size_t formula_at(struct str s) {
    size_t i = 0;
    while (i < s.len && s.ptr[i] == '\'') {
        i++;
    }
    return i < s.len && memchr("=+-@\t\r\n", s.ptr[i], 7) ? i : s.len;
}

void csv_add(struct str cell, struct buf *out) {
    bool formula = cell.len && formula_at(cell) < cell.len;
    bool quote = formula;
    for (size_t i = 0; i < cell.len && !quote; i++) {
        char c = cell.ptr[i];
        quote = c == '"' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n' ||
                (c == ' ' && (i == 0 || i + 1 == cell.len)); /* readers drop white space around a bare cell */
    }
    if (!quote) {
        buf_add(out, cell);
        return;
    }
    buf_addc(out, '"');
    if (formula) {
        buf_addc(out, '\'');
    }
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"') {
            buf_addc(out, '"');
        }
        buf_addc(out, cell.ptr[i]);
    }
    buf_addc(out, '"');
}

struct str csv_restore(struct str cell) {
    return cell.len && cell.ptr[0] == '\'' && formula_at(cell) < cell.len ? str_sub(cell, 1, cell.len) : cell;
}
