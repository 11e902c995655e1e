// modules: base crypto text config store source
/* Links and cells of a source's rows: whatever comes in, what comes out is clean. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "source/cell.h"
#include "source/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str in = {(const char *)data, size};
    struct cells c = {.row = arena_new(), .keep = arena_new()};
    struct str out = STR_NONE;
    struct str again = STR_NONE;
    struct str url = STR("https://example.org/a/b?c");
    if (link_resolve(in, url, c.row, &out, NULL) == OK) {
        require(str_starts(out, STR("https://")) || str_starts(out, STR("http://")));
        for (size_t i = 0; i < out.len; i++) {
            require((unsigned char)out.ptr[i] > ' ' && !strchr("<>\"", out.ptr[i]));
        }
        /* what was resolved stays as it is */
        require(link_resolve(out, url, c.row, &again, NULL) == OK && str_eq(out, again));
    }
    struct str line = cell_line(&c, in);
    require(utf8_valid(line) && str_eq(line, cell_line(&c, line)));
    for (size_t i = 0; i < line.len; i++) {
        require((unsigned char)line.ptr[i] >= ' ');
    }
    require(utf8_valid(cell_text(&c, in)));
    if (cell_id(&c, in, &out, NULL) == OK) {
        require(out.len > 0 && out.len <= 255);
    }
    (void)cell_language(&c, in);
    arena_free(c.row);
    arena_free(c.keep);
    return 0;
}
