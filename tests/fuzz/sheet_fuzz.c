// modules: base config text crypto model store source
/* CSV from anywhere: no crash, bounded memory, the lines in order, every cell well-formed UTF-8; what csv_add writes is
 * read back as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "source/heading.h"
#include "source/sheet.h"
#include "text/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok) {
    if (!ok) {
        abort();
    }
}

static int file(const void *data, size_t size) {
    int fd = memfd_create("sheet", 0);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* Each cell written and read again; cells as the program has them are valid and have no white space around them. */
static void round_trip(const struct sheet_row *row) {
    struct buf b = BUF_INIT;
    struct sheet *s;
    struct sheet_row again;
    const struct sheet_options o = {.encoding = "UTF-8", .separator = ','};
    bool more;
    buf_adds(&b, "x\n");
    for (size_t i = 0; i < row->n; i++) {
        buf_adds(&b, i ? "," : "");
        csv_add(row->cells[i], &b);
    }
    buf_addc(&b, '\n');
    int fd = file(b.ptr, b.len);
    must(sheet_open(fd, &o, &s, NULL) == OK);
    must(sheet_next(s, &again, &more, NULL) == OK && more);
    must(sheet_next(s, &again, &more, NULL) == OK);
    bool empty = true, replaced = false;
    for (size_t i = 0; i < row->n; i++) {
        empty = empty && !row->cells[i].len;
        replaced = replaced || (row->cells[i].len && memchr(row->cells[i].ptr, 0, row->cells[i].len));
    }
    size_t lines = 0;
    for (size_t i = 0; i < b.len; i++) {
        lines += b.ptr[i] == '\n' || b.ptr[i] == '\r';
    }
    if (!empty && !replaced && lines < SHEET_LINES_MAX && b.len < SHEET_ROW_MAX) {
        must(more && again.n == row->n);
        for (size_t i = 0; i < row->n; i++) {
            must(str_eq(csv_restore(again.cells[i]), row->cells[i]));
        }
    }
    sheet_close(s);
    (void)close(fd);
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sheet *s;
    struct sheet_row row;
    struct sheet_options o = {0};
    bool more;
    int64_t line = 0;
    struct headings *h = NULL;
    int fd = file(data, size);
    if (sheet_open(fd, &o, &s, NULL) != OK) {
        (void)close(fd);
        return 0;
    }
    while (sheet_next(s, &row, &more, NULL) == OK && more) {
        must(row.line > line || line == 0);
        line = row.line;
        for (size_t i = 0; i < row.n; i++) {
            must(utf8_valid(row.cells[i]));
        }
        if (!row.fault && row.n < 50) {
            round_trip(&row);
        }
        if (!h && !row.fault) {
            (void)headings_new(row.cells, row.n, NULL, 0, &h, NULL);
        }
    }
    headings_free(h);
    sheet_close(s);
    (void)close(fd);
    return 0;
}
