#include "digest/weight.h"

#include "base/utf8.h"
#include "config/config.h"
#include "digest/edition_internal.h"

enum { NAMED = 3, TITLE_MAX = 60 };

struct heavy {
    const json_t *article;
    size_t bytes;
};

size_t weight_of(const struct piece *pieces, size_t n) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        bytes += pieces[i].kind == PIECE_FIXED ? pieces[i].text.len : 0;
    }
    return bytes;
}

static size_t kilobytes(size_t bytes) {
    return (bytes + 1023) / 1024;
}

/* Puts ARTICLE among the largest, which are in order. */
static void consider(struct heavy largest[NAMED], const json_t *article) {
    struct heavy h = {article, json_string_length(json_object_get(article, "body_html"))};
    for (size_t i = 0; i < NAMED; i++) {
        if (!largest[i].article || h.bytes > largest[i].bytes) {
            struct heavy moved = largest[i];
            largest[i] = h;
            h = moved;
        }
    }
}

static void add_article(const struct heavy *h, struct buf *out) {
    const char *title = json_string_value(json_object_get(h->article, "title"));
    struct str whole = str_from(title ? title : "");
    size_t n = utf8_cut(whole, TITLE_MAX);
    buf_addf(out, "article %lld (%.*s%s) with %zu KB", (long long)json_integer_value(json_object_get(h->article, "id")),
             (int)n, whole.ptr, n < whole.len ? "…" : "", kilobytes(h->bytes));
}

void weight_say(const struct edition *e, const json_t *view, size_t bytes, struct buf *out) {
    struct heavy largest[NAMED] = {{NULL, 0}};
    size_t i, k, articles = 0, bodies = 0;
    json_t *topic, *article;
    if (bytes <= WEIGHT_MAX) {
        return;
    }
    json_array_foreach(json_object_get(view, "topics"), i, topic) {
        json_array_foreach(json_object_get(topic, "articles"), k, article) {
            consider(largest, article);
            bodies += json_string_length(json_object_get(article, "body_html"));
            articles++;
        }
    }
    buf_addf(out,
             "newsletter %s: the HTML has %zu KB; Gmail cuts mail off at 102 KB, and with its end the link to "
             "unsubscribe. Largest: ",
             edition_setting(e, "name"), kilobytes(bytes));
    for (i = 0; i < NAMED && largest[i].article && largest[i].bytes >= 1024; i++) {
        buf_adds(out, i ? ", " : "");
        add_article(&largest[i], out);
    }
    if (bodies < bytes / 2) {
        buf_addf(out, "%stitles, links and the template of %zu articles and %zu titles with %zu KB", i ? ", " : "",
                 articles, json_array_size(json_object_get(view, "more")), kilobytes(bytes - bodies));
    }
    buf_addf(out, ". To cut it: %sa lower max_articles than %lld in [newsletter.%s]",
             edition_number(e, "body") == CONFIG_BODY_FULL      ? "body = summary, or "
             : edition_number(e, "body") == CONFIG_BODY_SUMMARY ? "body = titles, or "
                                                                : "",
             (long long)edition_number(e, "max_articles"), edition_setting(e, "name"));
    if (largest[0].article && largest[0].bytes > bytes / 5) {
        buf_addf(out, ", or 'courant article exclude %lld'",
                 (long long)json_integer_value(json_object_get(largest[0].article, "id")));
    }
}
