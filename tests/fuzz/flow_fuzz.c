// modules: base text render
/* Flowed text, put together again as a reader's program does (RFC 3676, delsp=yes), is the text that went in. */
#include "render/flow.h"

#include "base/utf8.h"
#include "text/width.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, struct str s) {
    fprintf(stderr, "%s:\n%.*s\n", what, STR_ARG(s));
    abort();
}

static struct str without_end(struct str s) {
    while (s.len > 0 && strchr(" \t\r", s.ptr[s.len - 1]))
        s.len--;
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const langs[] = {NULL, "en", "zh", "th", "bo", "ar", "my", "x-bad"};
    struct buf text = BUF_INIT, out = BUF_INIT, back = BUF_INIT, want = BUF_INIT;
    if (size == 0)
        return 0;
    utf8_repair((struct str){(const char *)data + 1, size - 1}, &text);
    struct flow f = {.lang = langs[data[0] & 7], .depth = (data[0] >> 3) & 7};
    flow_text(&f, buf_str(&text), &out);
    struct str rest = buf_str(&text), line;
    while (str_split(&rest, '\n', &line)) {
        buf_add(&want, without_end(line));
        buf_addc(&want, '\n');
    }
    rest = str_sub(buf_str(&out), 0, out.len - 1);
    if (out.len == 0 || out.ptr[out.len - 1] != '\n')
        fail("no line end at the end", buf_str(&out));
    while (str_split(&rest, '\n', &line)) {
        unsigned depth = 0;
        if (str_eq(line, STR("-- ")))
            fail("a signature", buf_str(&out));
        for (; line.len > 0 && line.ptr[0] == '>'; depth++)
            line = str_sub(line, 1, line.len);
        if (depth != f.depth)
            fail("wrong quote depth", buf_str(&out));
        if (line.len > 0 && line.ptr[0] == ' ')
            line = str_sub(line, 1, line.len);
        bool soft = str_ends(line, STR(" "));
        buf_add(&back, str_sub(line, 0, line.len - soft));
        if (!soft)
            buf_addc(&back, '\n');
    }
    if (!str_eq(buf_str(&back), buf_str(&want))) {
        fprintf(stderr, "want:\n%s\nflowed:\n%s\n", buf_cstr(&want), buf_cstr(&out));
        fail("not the same", buf_str(&back));
    }
    buf_release(&text);
    buf_release(&out);
    buf_release(&back);
    buf_release(&want);
    return 0;
}
