// modules: base crypto mime
/* No value begins a new header, makes a line above 998 or leaves printable ASCII; folded lines hold more than spaces.
 */
#include "mime/header.h"

#include <stdlib.h>

static void check(const struct buf *b, size_t from, const char *name) {
    struct str h = str_sub(buf_str(b), from, b->len);
    if (b->failed || !str_starts(h, str_from(name)) || !str_ends(h, STR("\r\n"))) {
        abort();
    }
    for (size_t at = 0; at < h.len;) {
        size_t to = str_search(h, STR("\r\n"), at);
        struct str line = str_sub(h, at, to);
        if (line.len > 998 || str_trim(line).len == 0 || (at > 0 && line.ptr[0] != ' ')) {
            abort();
        }
        for (size_t i = 0; i < line.len; i++) {
            if (line.ptr[i] < ' ' || line.ptr[i] > '~') {
                abort();
            }
        }
        at = to + 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf out = BUF_INIT;
    struct str all = {(const char *)data, size};
    size_t half = str_find(all, '\n', 0);
    header_text(&out, "Subject", all);
    check(&out, 0, "Subject:");
    size_t at = out.len;
    header_mailbox(&out, "To", str_sub(all, 0, half), str_sub(all, half + 1, size));
    check(&out, at, "To:");
    if (header_address_ok(all)) {
        for (size_t i = 0; i < size; i++) {
            if (data[i] < ' ' || data[i] > '~' || data[i] == '<' || data[i] == '>') {
                abort();
            }
        }
    }
    /* the address comes last and begins behind the last "<"; there is one "@" in it outside quotes */
    struct str to = str_trim(str_sub(buf_str(&out), at, out.len));
    if (half + 1 < size && !str_starts(str_sub(all, half + 1, size), STR("\""))) {
        size_t ats = 0;
        size_t open = to.len;
        while (open > 0 && to.ptr[open - 1] != '<' && to.ptr[open - 1] != ' ') {
            open--;
        }
        for (size_t i = open; i < to.len; i++) {
            ats += to.ptr[i] == '@';
        }
        if (ats > 1) {
            abort();
        }
    }
    at = out.len;
    header_raw(&out, "List-Unsubscribe", all);
    check(&out, at, "List-Unsubscribe:");
    buf_release(&out);
    return 0;
}
