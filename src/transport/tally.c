#include "transport/tally.h"

enum { LINE_MAX_BYTES = 1023 };

bool tally_read(struct tally *t, char *buf, size_t len) {
    bool fits = true;
    for (size_t i = 0; i < len; i++) {
        char c = buf[i];
        if (c == '\n') {
            if (t->line_len < 4 || t->line[3] != '-') {
                t->replies++;
                t->last = t->line[0];
            }
            t->line_len = 0;
            continue;
        }
        if (t->line_len == 3 && c == '\r')
            c = buf[i] = ' ';
        if (t->line_len < 4)
            t->line[t->line_len] = c;
        if (++t->line_len >= LINE_MAX_BYTES)
            fits = false;
    }
    return fits;
}
