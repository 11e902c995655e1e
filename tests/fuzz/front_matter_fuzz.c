// modules: source store render text config crypto fetch mime model base
/* An article's file with its head in YAML, TOML or JSON: no crash, and an article has an id, a title and an address. */
#include <stdint.h>
#include <stdlib.h>

#include "source/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[] = {"a.md", "_posts/2026-11-23-a.markdown", "x/y/index.de.html", "n/.md",
                                        "--/a b.txt"};
    struct page_reader r = {
        .site_url = "https://s.example/base", .pattern = "/{section}/{year}/:slug/{x", .a = arena_new()};
    struct rows_article e;
    enum page_kind kind;
    bool expires;
    size_t line;
    if (size > 0 && r.a && zone_open(STR("UTC"), &r.zone, NULL) == OK) {
        if (page_read(&r, str_from(paths[data[0] % 5]), (struct str){(const char *)data + 1, size - 1}, &e, &kind,
                      &expires, &line, NULL) == OK &&
            kind == PAGE_ARTICLE && (!e.id.len || !e.title.len || !e.url.len)) {
            abort();
        }
    }
    zone_close(r.zone);
    arena_free(r.a);
    return 0;
}
