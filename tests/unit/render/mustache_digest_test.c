/* Goal: the shipped digest templates compile, use known names only, print all that they are given, stay small, and keep
 * the mechanical rules of accessible mail. With MUSTACHE_OUT=FOLDER the results are written there to look at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "render/mustache_check.h"

#include "base/buf.h"
#include "render/mustache_render.h"

#include <stdio.h>
#include <stdlib.h>

static const struct mustache_slot slots[] = {
    {{"reader.name", 11}, 0},        {{"reader.given_name", 17}, 1}, {{"reader.address", 14}, 2},
    {{"unsubscribe_url", 15}, 3},    {{"preferences_url", 15}, 4},   {{"view_url", 8}, 5},
    {{"unsubscribe_mailto", 18}, 6},
};
enum { SLOTS = 7 };

struct folder {
    enum mustache_kind kind;
    struct mustache *made[16];
    size_t n;
};

static enum status read_template(struct folder *f, const char *name, struct mustache **out, struct error *err) {
    char path[256];
    static char text[64 * 1024];
    (void)snprintf(path, sizeof path, "templates/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    return mustache_compile((struct str){text, n}, name, f->kind, out, err);
}

static enum status find(void *context, struct str name, const struct mustache **out, struct error *err) {
    struct folder *f = context;
    char file[128];
    (void)snprintf(file, sizeof file, "%.*s", STR_ARG(name));
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(mustache_file(f->made[i]), file) == 0) {
            *out = f->made[i];
            return OK;
        }
    }
    assert_true(f->n < 16);
    enum status status = read_template(f, file, &f->made[f->n], err);
    *out = f->made[f->n];
    f->n += status == OK;
    return status;
}

static void fill(const struct piece *pieces, size_t n, const char *const *values, struct buf *out) {
    int hidden = 0;
    for (size_t i = 0; i < n; i++) {
        const struct piece *p = &pieces[i];
        const char *value = p->kind == PIECE_FIXED || p->kind == PIECE_END ? "" : values[p->slot];
        if (hidden) {
            hidden += p->kind == PIECE_IF || p->kind == PIECE_UNLESS;
            hidden -= p->kind == PIECE_END;
        } else if (p->kind == PIECE_FIXED) {
            buf_add(out, p->text);
        } else if (p->kind == PIECE_SLOT) {
            assert_true(p->escape != PIECE_URL);
            buf_adds(out, value);
        } else {
            hidden = (p->kind == PIECE_IF && !*value) || (p->kind == PIECE_UNLESS && *value);
        }
    }
}

/* Renders templates/NAME with DATA; VALUES fill the slots. Names not known to FULL are a failure. */
static void render(const char *name, enum mustache_kind kind, const json_t *full, const json_t *data,
                   const char *const *values, struct buf *out) {
    struct folder f = {.kind = kind};
    struct mustache_env env = {.partial = find, .context = &f, .slots = slots, .n_slots = SLOTS};
    struct arena *a = arena_new();
    struct error err = {.text = ""};
    struct mustache *t = NULL;
    struct piece *pieces;
    struct str *sentences;
    size_t n;
    buf_clear(out);
    if (read_template(&f, name, &t, &err) != OK || mustache_render(t, data, &env, a, &pieces, &n, &err) != OK) {
        fail_msg("%s", err.text);
    }
    fill(pieces, n, values, out);
    mustache_check(t, full, &env, a, &sentences, &n);
    for (size_t i = 0; i < n; i++) {
        (void)printf("%.*s\n", STR_ARG(sentences[i]));
    }
    assert_int_equal(n, 0);
    for (size_t i = 0; i < f.n; i++) {
        mustache_free(f.made[i]);
    }
    mustache_free(t);
    arena_free(a);
    if (getenv("MUSTACHE_OUT") && data == full && *values[0]) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", getenv("MUSTACHE_OUT"), name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fwrite(buf_cstr(out), 1, out->len, file);
        (void)fclose(file);
    }
}

static const char *const known[SLOTS] = {"Reader One",
                                         "Reader",
                                         "one@example.org",
                                         "https://news.example.org/u/1",
                                         "https://news.example.org/p/1",
                                         "https://news.example.org/v/1",
                                         "mailto:unsubscribe+1@example.org"};
static const char *const unknown[SLOTS] = {"", "", "one@example.org", "", "", "", "mailto:unsubscribe+1@example.org"};

static json_t *sample(void) {
    json_error_t error;
    json_t *data = json_load_file("tests/unit/render/mustache_digest.json", 0, &error);
    if (!data) {
        fail_msg("%s", error.text);
    }
    return data;
}

static bool has(const struct buf *b, const char *what) {
    return strstr(buf_cstr(b), what) != NULL;
}

static size_t count(const struct buf *b, const char *what) {
    size_t n = 0;
    for (const char *p = buf_cstr(b); (p = strstr(p, what)); p += strlen(what)) {
        n++;
    }
    return n;
}

/* Every opening tag NAME of B that lacks the text WANTED. */
static size_t lacking(const struct buf *b, const char *name, const char *wanted) {
    size_t n = 0;
    for (const char *p = buf_cstr(b); (p = strstr(p, name)); p++) {
        const char *end = strchr(p, '>');
        const char *found = strstr(p, wanted);
        n += !found || found > end;
    }
    return n;
}

static void html(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    json_t *data = sample();
    render("digest.html", MUSTACHE_HTML, data, data, known, &b);
    assert_true(str_starts(buf_str(&b), STR("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">")));
    assert_int_equal(count(&b, "<h1"), 1);
    assert_int_equal(count(&b, "<h2"), 4);
    assert_int_equal(count(&b, "<h3"), 6);
    assert_int_equal(count(&b, "<style>"), 1);
    assert_int_equal(lacking(&b, "<table", "role=\"presentation\""), 0);
    assert_int_equal(lacking(&b, "<img", " alt=\""), 0);
    assert_int_equal(lacking(&b, "<body", "background-color"), 0);
    assert_int_equal(count(&b, "<body class"), 0);
    assert_false(has(&b, "<script") || has(&b, "<link") || has(&b, "@import") || has(&b, "url("));
    assert_false(has(&b, "src=\"http"));
    assert_true(has(&b, "<title>Council keeps the winter ferry</title>"));
    assert_true(has(&b, "<td lang=\"ar\" dir=\"rtl\""));
    assert_true(has(&b, "<h3"));
    assert_true(has(&b, "href=\"https://news.example.org/1?a=1&amp;b=2\""));
    assert_true(has(&b, "href=\"https://news.example.org/u/1\""));
    assert_true(has(&b, "href=\"https://news.example.org/p/1\""));
    assert_true(has(&b, "href=\"https://news.example.org/v/1\""));
    assert_true(has(&b, "and 37 more in the archive"));
    assert_true(has(&b, "border-top:6px solid #8c1c13"));
    assert_false(has(&b, "href=\"#\""));
    assert_false(has(&b, "mailto:unsubscribe"));
    const char *style = strstr(buf_cstr(&b), "<style>");
    assert_true(strstr(style, "</style>") - style < 8000);

    /* another reader, another colour */
    assert_int_equal(json_object_set_new(json_object_get(data, "colours"), "bar", json_string("#225533")), 0);
    render("digest.html", MUSTACHE_HTML, data, data, unknown, &b);
    assert_true(has(&b, "border-top:6px solid #225533"));
    assert_true(has(&b, "href=\"mailto:unsubscribe+1@example.org\""));
    assert_false(has(&b, "Hello"));
    assert_false(has(&b, "Change topics"));
    assert_false(has(&b, "<a href=\"\""));
    json_decref(data);
    buf_release(&b);
}

/* What an issue without articles weighs: Gmail clips at 102 KB, so that the rest is left for content. */
static void overhead(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    json_t *data = sample();
    json_t *bare = json_deep_copy(data);
    assert_int_equal(json_object_set_new(bare, "topics", json_array()), 0);
    assert_int_equal(json_object_set_new(bare, "more", json_array()), 0);
    assert_int_equal(json_object_set_new(bare, "links", json_array()), 0);
    render("digest.html", MUSTACHE_HTML, data, bare, known, &b);
    (void)printf("# %zu bytes of HTML around the articles\n", b.len);
    assert_true(b.len < 6500);
    render("digest.txt", MUSTACHE_TEXT, data, bare, known, &b);
    assert_false(has(&b, "More articles"));
    assert_false(has(&b, "Links"));
    json_decref(bare);
    json_decref(data);
    buf_release(&b);
}

static void text(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    json_t *data = sample();
    render("digest.txt", MUSTACHE_TEXT, data, data, known, &b);
    assert_true(
        str_starts(buf_str(&b), STR("Example Weekly\nMonday, 23 November 2026\n\nHello Reader\n\nDear readers")));
    assert_true(has(&b, "\nIn this issue\n\nTown\n1. Council keeps"));
    assert_true(has(&b, "1. Council keeps the winter ferry after four hundred letters\nReporter One, 22 November "
                        "2026\n\n[A small ferry"));
    assert_true(has(&b, "letters reached the town hall & not"));
    assert_true(has(&b, "\n\nRead: [1]\n"));
    assert_true(has(&b, "\nHarvest report for October [8]\n"));
    assert_true(has(&b, "\nLinks\n\n[1] https://news.example.org/1\n[2] "));
    assert_true(has(&b, "\nUnsubscribe from Example Weekly:\nhttps://news.example.org/u/1\n"));
    assert_false(has(&b, " \n")); /* a soft line break by mistake */
    assert_false(has(&b, "\n\n\n\n"));
    assert_false(has(&b, "---") || has(&b, "===") || has(&b, "***") || has(&b, "___"));
    render("digest.txt", MUSTACHE_TEXT, data, data, unknown, &b);
    assert_true(has(&b, "\nUnsubscribe from Example Weekly:\nmailto:unsubscribe+1@example.org\n"));
    assert_false(has(&b, "Change topics"));
    json_decref(data);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(html), cmocka_unit_test(overhead), cmocka_unit_test(text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
