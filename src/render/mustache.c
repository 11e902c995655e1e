#include "render/mustache.h"

#include "render/mustache_html.h"
#include "render/mustache_parse.h"

#include <stdlib.h>

/* A copy of TEXT with every CRLF and lone CR made LF, in the arena. */
static struct str copy_lf(struct arena *a, struct str text) {
    char *to = arena_alloc(a, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\r') {
            to[n++] = text.ptr[i];
        } else if (i + 1 >= text.len || text.ptr[i + 1] != '\n') {
            to[n++] = '\n';
        }
    }
    return (struct str){to, n};
}

enum status mustache_compile(struct str text, const char *file_name, enum mustache_kind kind, struct mustache **out,
                             struct error *err) {
    enum status status = OK;
    *out = NULL;
    struct mustache *t = calloc(1, sizeof *t);
    if (!t) {
        return error_set(err, ERR_OS, "%s: out of memory", file_name);
    }
    t->arena = arena_new();
    if (!t->arena) {
        status = error_set(err, ERR_OS, "%s: out of memory", file_name);
        goto done;
    }
    if (kind != MUSTACHE_SPEC && str_starts(text, STR("\xef\xbb\xbf"))) {
        text = str_sub(text, 3, text.len); /* editors on Windows put a byte order mark there */
    }
    t->kind = kind;
    t->file = arena_cstr(t->arena, str_from(file_name));
    t->source = kind == MUSTACHE_SPEC ? arena_str(t->arena, text.ptr ? text : STR("")) : copy_lf(t->arena, text);
    status = mustache_parse(t, err);
    if (status == OK && kind == MUSTACHE_HTML) {
        status = mustache_html(t, err);
    }
done:
    if (status == OK) {
        *out = t;
    } else {
        mustache_free(t);
    }
    return status;
}

void mustache_free(struct mustache *t) {
    if (t) {
        arena_free(t->arena);
        free(t);
    }
}

const char *mustache_file(const struct mustache *t) {
    return t->file;
}
