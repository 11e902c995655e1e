/* What the tests of the mustache files share: rendering from literals to a string in which slots can be seen. */
#ifndef UNIT_RENDER_MUSTACHE_HELP_H
#define UNIT_RENDER_MUSTACHE_HELP_H

#include "base/buf.h"
#include "render/mustache_render.h"

#include <stdio.h>

struct help_partials {
    const json_t *texts;
    enum mustache_kind kind;
    struct mustache *made[128];
    size_t n;
};

static inline enum status help_find(void *context, struct str name, const struct mustache **out, struct error *err) {
    struct help_partials *p = context;
    char file[64];
    const json_t *text = json_object_getn(p->texts, name.ptr, name.len);
    (void)snprintf(file, sizeof file, "%.*s", STR_ARG(name));
    *out = NULL;
    for (size_t i = 0; text && i < p->n; i++) {
        if (strcmp(mustache_file(p->made[i]), file) == 0) {
            *out = p->made[i];
            return OK;
        }
    }
    if (!text || p->n >= 128) {
        return OK;
    }
    struct mustache *t;
    enum status status = mustache_compile(str_from(json_string_value(text)), file, p->kind, &t, err);
    if (status == OK) {
        p->made[p->n++] = t;
        *out = t;
    }
    return status;
}

static inline void help_free(struct help_partials *p) {
    for (size_t i = 0; i < p->n; i++) {
        mustache_free(p->made[i]);
    }
    p->n = 0;
}

/* PIECES as text: a slot is [N raw], [N html] or [N url]; conditions are [if N ...] and [unless N ...]. */
static inline void help_show(const struct piece *pieces, size_t n, struct buf *out) {
    static const char *const escapes[] = {"raw", "html", "url"};
    for (size_t i = 0; i < n; i++) {
        const struct piece *p = &pieces[i];
        switch (p->kind) {
        case PIECE_FIXED:
            buf_add(out, p->text);
            break;
        case PIECE_SLOT:
            buf_addf(out, "[%d %s]", p->slot, escapes[p->escape]);
            break;
        case PIECE_IF:
            buf_addf(out, "[if %d ", p->slot);
            break;
        case PIECE_UNLESS:
            buf_addf(out, "[unless %d ", p->slot);
            break;
        case PIECE_END:
            buf_addc(out, ']');
            break;
        }
    }
}

/* Renders TEXT with JSON data; PARTIALS is a JSON object of texts. OUT gets help_show's text, or "error: " and the
 * sentence. ENV may be NULL; its partial is set here. */
static inline void help_render(enum mustache_kind kind, const char *text, const char *data, const char *partials,
                               const struct mustache_env *env, struct buf *out) {
    struct help_partials p = {.kind = kind};
    struct mustache_env own = env ? *env : (struct mustache_env){0};
    struct arena *a = arena_new();
    struct error err = {.text = ""};
    struct mustache *t = NULL;
    struct piece *pieces = NULL;
    size_t n = 0;
    json_t *texts = json_loads(partials ? partials : "{}", 0, NULL);
    json_t *json = json_loads(data ? data : "{}", JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    p.texts = texts;
    own.partial = help_find;
    own.context = &p;
    buf_clear(out);
    enum status status = json && texts ? mustache_compile(str_from(text), "t", kind, &t, &err)
                                       : error_set(&err, ERR_DATA, "the test's JSON is malformed: %s", data);
    if (status == OK) {
        status = mustache_render(t, json, &own, a, &pieces, &n, &err);
    }
    if (status == OK) {
        help_show(pieces, n, out);
    } else {
        buf_addf(out, "error: %s", err.text);
    }
    mustache_free(t);
    help_free(&p);
    json_decref(texts);
    json_decref(json);
    arena_free(a);
}

struct help_case {
    const char *text;
    const char *data;
    const char *partials;
    const char *want; /* "error: ..." where it must fail: the beginning is compared */
};

/* Runs CASES; prints those that fail and returns how many. */
static inline int help_run(enum mustache_kind kind, const struct mustache_env *env, const struct help_case *cases,
                           size_t n) {
    struct buf got = BUF_INIT;
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        help_render(kind, cases[i].text, cases[i].data, cases[i].partials, env, &got);
        bool error = strncmp(cases[i].want, "error: ", 7) == 0;
        if (error ? strncmp(buf_cstr(&got), cases[i].want, strlen(cases[i].want)) != 0
                  : strcmp(buf_cstr(&got), cases[i].want) != 0) {
            (void)printf("case %zu: %s\n  want: %s\n  got:  %s\n", i, cases[i].text, cases[i].want, buf_cstr(&got));
            bad++;
        }
    }
    buf_release(&got);
    return bad;
}

#define HELP_RUN(kind, env, cases) assert_int_equal(help_run(kind, env, cases, sizeof(cases) / sizeof *(cases)), 0)

#endif
