// modules: base text render
/* Articles of any bytes in any format: HTML, Markdown and text come out whole, valid and the same each time; the plain
 * text renderer also stands what clean_html did not write. */
#include "render/article.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, struct str s) {
    fprintf(stderr, "%s:\n%.*s\n", what, STR_ARG(s));
    abort();
}

static void check(struct str s) {
    if (!utf8_valid(s))
        fail("not UTF-8", s);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\n' && s.ptr[i] != '\t')
            fail("a control character", s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    struct arena *a = arena_new();
    struct plain_links links;
    struct article_output one, two;
    struct str s = {(const char *)data + 1, size - 1};
    plain_links_init(&links, a);
    struct article_options o = {.mode = (enum article_mode)((data[0] & 3) % 3),
                                .summary_chars = 40,
                                .images = (data[0] & 4) ? IMAGES_LINK : IMAGES_NONE,
                                .links = &links};
    struct article_input in = {.title = str_sub(s, 0, 80),
                               .summary = (data[0] & 8) ? str_sub(s, s.len / 2, s.len) : STR_NONE,
                               .body = s,
                               .body_format = (enum article_format)((data[0] >> 4 & 3) % 3),
                               .lang = (data[0] & 64) ? "th" : NULL,
                               .url = STR("https://example.org/a")};
    if (article_render(&in, &o, a, &one, NULL) == OK) {
        check(one.title);
        check(one.body_html);
        check(one.body_text);
        if (article_render(&in, &o, a, &two, NULL) != OK || !str_eq(one.body_html, two.body_html) ||
            !str_eq(one.body_text, two.body_text) || !str_eq(one.title, two.title))
            fail("not the same twice", one.body_html);
        if (str_search(one.body_html, STR("<script"), 0) < one.body_html.len)
            fail("a script", one.body_html);
    }
    struct buf text = BUF_INIT;
    plain_from_html(s, NULL, &links, &text, NULL);
    buf_release(&text);
    arena_free(a);
    return 0;
}
