// modules: base render
/* Any bytes as a template and its partials: compiled, checked and rendered without a crash, conditions balanced, and in
 * HTML no value unescaped. Input: one byte for the kind, then the template and partials p and q, separated by 0x1f. */
#include "base/buf.h"
#include "render/mustache_check.h"
#include "render/mustache_render.h"

#include <stdint.h>
#include <stdlib.h>

struct partials {
    struct mustache *p;
    struct mustache *q;
};

static const char sample[] =
    "{\"a\": \"Qz<'\\\">!\", \"b\": [{\"a\": 1, \"c\": \"Qz<\"}, {\"a\": \"\", \"b\": [1, 2]}], \"c\": {\"a\": "
    "\"https://example.org/Qz<\", \"d\": {\"e\": 1.5}}, \"d\": false, \"e\": [], \"n\": \"p\", \"a_html\": \"<b>\"}";

static enum status find(void *context, struct str name, const struct mustache **out, struct error *err) {
    const struct partials *p = context;
    (void)err;
    *out = str_eq(name, STR("p")) ? p->p : str_eq(name, STR("q")) ? p->q : NULL;
    return OK;
}

static void judge(const struct piece *pieces, size_t n, enum mustache_kind kind, bool has_qz) {
    struct buf all = BUF_INIT;
    int depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].kind == PIECE_FIXED) {
            if (!pieces[i].text.len || (i && pieces[i - 1].kind == PIECE_FIXED)) {
                abort();
            }
            buf_add(&all, pieces[i].text);
        }
        depth += pieces[i].kind == PIECE_IF || pieces[i].kind == PIECE_UNLESS;
        depth -= pieces[i].kind == PIECE_END;
        if (depth < 0) {
            abort();
        }
    }
    if (depth || (kind == MUSTACHE_HTML && !has_qz && str_search(buf_str(&all), STR("Qz<"), 0) < all.len)) {
        abort();
    }
    if (kind != MUSTACHE_SPEC && str_find(buf_str(&all), '\r', 0) < all.len) {
        abort();
    }
    buf_release(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const struct mustache_slot slots[] = {{{"r.n", 3}, 0}, {{"r.u_url", 7}, 1}};
    if (size < 1) {
        return 0;
    }
    enum mustache_kind kind = bytes[0] % 3 == 0 ? MUSTACHE_HTML : bytes[0] % 3 == 1 ? MUSTACHE_TEXT : MUSTACHE_SPEC;
    struct str rest = {(const char *)bytes + 1, size - 1};
    bool has_qz = str_search(rest, STR("Qz"), 0) < rest.len || str_search(rest, STR("z<"), 0) < rest.len ||
                  str_search(rest, STR("Q"), 0) < rest.len;
    struct str part[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct mustache *t[3] = {NULL, NULL, NULL};
    struct error err;
    for (int i = 0; i < 3 && str_split(&rest, 0x1f, &part[i]); i++) {
        if (mustache_compile(part[i], "fuzz", kind, &t[i], &err) != OK && !strstr(err.text, "fuzz:")) {
            abort();
        }
    }
    if (t[0]) {
        struct partials partials = {t[1], t[2]};
        struct mustache_env env = {
            .partial = find, .context = &partials, .slots = slots, .n_slots = 2, .max_depth = 8, .max_output = 1 << 16};
        struct arena *a = arena_new();
        json_t *data = json_loads(sample, 0, NULL);
        struct piece *pieces;
        struct str *sentences;
        size_t n;
        if (mustache_render(t[0], data, &env, a, &pieces, &n, &err) == OK) {
            judge(pieces, n, kind, has_qz);
        }
        mustache_check(t[0], data, &env, a, &sentences, &n);
        json_decref(data);
        arena_free(a);
    }
    for (int i = 0; i < 3; i++) {
        mustache_free(t[i]);
    }
    return 0;
}
