/* For feed_judge.py: reads lines "FILE<tab>CHARSET<tab>URL" from standard input and prints what the feed parser makes
 * of each file, a JSON document a line. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/feed_document.h"
#include "text/moment.h"

static void set(json_t *o, const char *name, struct str s) {
    (void)json_object_set_new(o, name, s.ptr ? json_stringn(s.ptr, s.len) : json_null());
}

static void set_time(json_t *o, const char *name, int64_t t) {
    (void)json_object_set_new(o, name, t == INT64_MIN ? json_null() : json_integer(t));
}

static enum status take(void *ctx, const struct rows_article *e, struct error *err) {
    (void)err;
    json_t *o = json_object();
    const struct {
        const char *name;
        struct str value;
    } texts[] = {{"id", e->id},           {"title", e->title},        {"url", e->url},
                 {"author", e->author},   {"topic", e->topic},        {"language", e->language},
                 {"summary", e->summary}, {"body", e->body},          {"body_format", str_from(e->body_format)},
                 {"image", e->image_url}, {"image_alt", e->image_alt}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        set(o, texts[i].name, texts[i].value);
    }
    set_time(o, "published", e->published_at);
    set_time(o, "updated", e->updated_at);
    (void)json_array_append_new(ctx, o);
    return OK;
}

static struct str read_file(const char *path, struct arena *a) {
    struct buf b = BUF_INIT;
    FILE *f = fopen(path, "re");
    while (f && buf_reserve(&b, 65536)) {
        size_t n = fread(b.ptr + b.len, 1, 65536, f);
        if (n == 0) {
            break;
        }
        b.len += n;
    }
    if (f) {
        (void)fclose(f);
    }
    struct str out = arena_str(a, buf_str(&b));
    buf_release(&b);
    return out;
}

int main(void) {
    char *line = NULL;
    size_t cap = 0;
    struct arena *a = arena_new();
    while (a && getline(&line, &cap, stdin) > 0) {
        struct str rest = str_trim(str_from(line)), file, charset = STR_NONE, url = STR_NONE;
        struct error err = {0};
        json_t *o = json_object(), *entries = json_array();
        (void)str_split(&rest, '\t', &file);
        (void)str_split(&rest, '\t', &charset);
        (void)str_split(&rest, '\t', &url);
        struct feed f = {.a = a, .url = url, .site = STR("http://site.example/")};
        enum status st = feed_parse(&f, read_file(arena_cstr(a, file), a), charset, take, entries, &err);
        (void)json_object_set_new(o, "status", json_integer(st));
        set(o, "error", str_from(err.text));
        set(o, "title", f.title);
        set(o, "home", f.home);
        set(o, "language", f.language);
        set(o, "author", f.author);
        set(o, "older", f.older);
        (void)json_object_set_new(o, "entries", entries);
        (void)json_dumpf(o, stdout, JSON_ENSURE_ASCII);
        (void)putchar('\n');
        json_decref(o);
        arena_reset(a);
    }
    free(line);
    arena_free(a);
    return 0;
}
