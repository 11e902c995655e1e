#include "dispatch/links.h"

#include "fetch/http.h"
#include "store/article.h"

#include <jansson.h>

enum { ONE_S = 5, ALL_S = 20 };

/* Whether the source that ARTICLE is from lets its addresses be private. */
static bool may_be_private(struct site *s, int64_t article, struct arena *a) {
    struct article x;
    bool found = false;
    if (article_get(s->store, article, a, &found, &x, NULL) != OK || !found || !x.source.ptr) {
        return false;
    }
    const struct config_source *source = config_source_named(s->config, arena_cstr(a, x.source));
    return source && source->fetch_private;
}

/* Some servers know no HEAD: those are asked for the page. */
static enum status ask(struct http *h, const char *url, bool private, struct error *err) {
    struct arena *a = arena_new();
    struct http_response answer;
    struct http_request r = {
        .url = url, .max_bytes = 1 << 20, .timeout_s = ONE_S, .allow_private = private, .head = true};
    enum status st = a ? http_get(h, &r, a, &answer, err) : error_set(err, ERR_OS, "out of memory");
    if (st == ERR_NOINPUT || st == ERR_UNAVAILABLE) {
        r.head = false;
        st = http_get(h, &r, a, &answer, err);
        st = st == ERR_DATA ? OK : st; /* larger than we care for: it is there */
    }
    arena_free(a);
    return st;
}

enum status links_check(struct site *s, const struct issue_input *inputs, size_t n, struct arena *a,
                        struct links_report *out, struct error *err) {
    struct http *h = NULL;
    struct buf lines = BUF_INIT;
    int64_t began = clock_mono_ns();
    enum status st = OK;
    *out = (struct links_report){0};
    for (size_t i = 0; i < n && st == OK; i++) {
        json_t *j =
            inputs[i].kind == ISSUE_ARTICLE ? json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, NULL) : NULL;
        const char *url = json_string_value(json_object_get(j, "url"));
        const char *title = json_string_value(json_object_get(j, "title"));
        struct error why = {0};
        enum status one = ERR_NOPERM;
        if (url && url[0]) {
            if (out->checked < LINKS_MAX && clock_mono_ns() - began < (int64_t)ALL_S * 1000000000 &&
                (h || http_new(&h, &why) == OK)) {
                one = ask(h, url, may_be_private(s, json_integer_value(json_object_get(j, "id")), a), &why);
            }
            if (one == ERR_TEMP) {
                st = error_set(err, one, "%s", why.text);
            } else if (one == ERR_NOPERM) {
                out->unchecked++;
            } else {
                out->checked++;
                if (one != OK) {
                    out->broken++;
                    buf_addf(&lines, "  %s: %s\n", title ? title : "?", why.text);
                }
            }
        }
        json_decref(j);
    }
    out->lines = arena_str(a, buf_str(&lines));
    buf_release(&lines);
    http_free(h);
    return st;
}
