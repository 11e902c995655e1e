// modules: source store render text config crypto fetch mime model base
/* A feed's document: no crash, nothing grows, and each entry has an id that the store takes. */
#include <stdint.h>
#include <stdlib.h>

#include "source/feed_document.h"

static enum status take(void *ctx, const struct rows_article *e, struct error *err) {
    size_t *n = ctx;
    (void)err;
    *n += e->id.len + e->title.len + e->url.len + e->body.len + e->summary.len + e->author.len + e->topic.len;
    if (!e->id.len || e->id.len > 255) {
        abort();
    }
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const charsets[] = {"", "iso-8859-1", "utf-16", "shift_jis", "utf-8", "none such"};
    size_t n = 0;
    if (size == 0) {
        return 0;
    }
    struct arena *a = arena_new();
    struct feed f = {
        .a = a, .url = data[0] & 64 ? STR("https://f.example/feed/") : STR_NONE, .site = STR("http://s.example/")};
    (void)feed_parse(&f, (struct str){(const char *)data + 1, size - 1}, str_from(charsets[data[0] % 6]), take, &n,
                     NULL);
    arena_free(a);
    return 0;
}
