/* Goal: every test of the public Mustache specification (its JSON files) passes. They aren't kept here: set
 * MUSTACHE_SPEC to a folder that has them (comments.json ... ~inheritance.json); without it this is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache_render.h"

#include "base/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

struct partials {
    const json_t *texts;
    struct mustache *made[64];
    size_t n;
};

static enum status find(void *context, struct str name, const struct mustache **out, struct error *err) {
    struct partials *p = context;
    const json_t *text = json_object_getn(p->texts, name.ptr, name.len);
    *out = NULL;
    if (!text || p->n >= 64) {
        return OK;
    }
    struct mustache *t;
    enum status status = mustache_compile(str_from(json_string_value(text)), "partial", MUSTACHE_SPEC, &t, err);
    if (status == OK) {
        p->made[p->n++] = t;
        *out = t;
    }
    return status;
}

static bool passes(const char *file, const json_t *test) {
    struct partials partials = {.texts = json_object_get(test, "partials")};
    struct mustache_env env = {.partial = find, .context = &partials};
    struct arena *a = arena_new();
    struct buf got = BUF_INIT;
    struct error err = {.text = ""};
    struct mustache *t = NULL;
    struct piece *pieces = NULL;
    size_t n = 0;
    const char *want = json_string_value(json_object_get(test, "expected"));
    enum status status = mustache_compile(str_from(json_string_value(json_object_get(test, "template"))), "template",
                                          MUSTACHE_SPEC, &t, &err);
    if (status == OK) {
        status = mustache_render(t, json_object_get(test, "data"), &env, a, &pieces, &n, &err);
    }
    for (size_t i = 0; i < n; i++) {
        buf_add(&got, pieces[i].text);
    }
    bool good = status == OK && strcmp(buf_cstr(&got), want) == 0;
    if (!good) {
        (void)printf("%s: %s\n--- template\n%s\n--- expected\n%s\n--- got\n%s%s\n", file,
                     json_string_value(json_object_get(test, "name")),
                     json_string_value(json_object_get(test, "template")), want, err.text, buf_cstr(&got));
    }
    for (size_t i = 0; i < partials.n; i++) {
        mustache_free(partials.made[i]);
    }
    mustache_free(t);
    buf_release(&got);
    arena_free(a);
    return good;
}

static void specification(void **state) {
    (void)state;
    const char *folder = getenv("MUSTACHE_SPEC");
    DIR *dir = folder ? opendir(folder) : NULL;
    if (!dir) {
        (void)puts("MUSTACHE_SPEC names no folder");
        skip();
    }
    int passed = 0;
    int failed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strstr(e->d_name, ".json") || strstr(e->d_name, "lambdas")) {
            continue;
        }
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        json_t *root = json_load_file(path, 0, NULL);
        assert_non_null(root);
        size_t i;
        json_t *test;
        json_array_foreach(json_object_get(root, "tests"), i, test) {
            if (passes(e->d_name, test)) {
                passed++;
            } else {
                failed++;
            }
        }
        json_decref(root);
    }
    closedir(dir);
    (void)printf("# %d tests of the specification passed, %d failed\n", passed, failed);
    assert_int_equal(failed, 0);
    assert_true(passed > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(specification)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
