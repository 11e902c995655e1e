#include "source/feed_json.h"

#include <jansson.h>

static struct str text_of(struct feed *f, const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    if (json_is_string(v)) {
        return arena_str(f->a, (struct str){json_string_value(v), json_string_length(v)});
    }
    return json_is_integer(v) ? arena_printf(f->a, "%lld", (long long)json_integer_value(v)) : STR_NONE;
}

static struct str authors_of(struct feed *f, const json_t *o) {
    struct str out = STR_NONE;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(o, "authors"), i, one) {
        feed_author(f, &out, text_of(f, one, "name"));
    }
    if (!out.len) {
        feed_author(f, &out, text_of(f, json_object_get(o, "author"), "name"));
    }
    return out;
}

static enum status item(struct feed *f, const json_t *o, feed_entry_fn *fn, void *ctx, struct error *err) {
    struct rows_article e = {.body_format = "html"};
    struct topic topic = {0};
    size_t i;
    json_t *tag;
    e.id = text_of(f, o, "id");
    e.url = feed_link(f, text_of(f, o, "url"), STR_NONE);
    if (!e.url.len) {
        e.url = feed_link(f, text_of(f, o, "external_url"), STR_NONE);
    }
    e.title = feed_plain_line(f, text_of(f, o, "title"));
    e.body = feed_html(f, text_of(f, o, "content_html"), e.url);
    if (!e.body.len) {
        e.body = text_of(f, o, "content_text");
        e.body_format = "text";
    }
    e.summary = feed_plain(f, text_of(f, o, "summary"));
    e.published_at = feed_date(f, text_of(f, o, "date_published"));
    e.updated_at = feed_date(f, text_of(f, o, "date_modified"));
    e.published_at = e.published_at == INT64_MIN ? e.updated_at : e.published_at;
    e.author = authors_of(f, o);
    e.language = text_of(f, o, "language");
    json_array_foreach(json_object_get(o, "tags"), i, tag) {
        if (json_is_string(tag)) {
            topic_offer(&topic, f->topics, arena_str(f->a, str_from(json_string_value(tag))));
        }
    }
    e.topic = topic.name;
    e.image_url = feed_link(f, text_of(f, o, "image"), STR_NONE);
    if (!e.image_url.len) {
        e.image_url = feed_link(f, text_of(f, o, "banner_image"), STR_NONE);
    }
    feed_complete(f, &e);
    return fn(ctx, &e, err);
}

enum status feed_json(struct feed *f, struct str text, feed_entry_fn *fn, void *ctx, struct error *err) {
    json_error_t why;
    enum status st = OK;
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        return error_set(err, ERR_DATA, "the feed is no JSON: line %d: %s", why.line, why.text);
    }
    const json_t *items = json_object_get(root, "items");
    if (!json_is_array(items)) {
        st = error_set(err, ERR_DATA, "that is no JSON Feed: it has no list of items");
        goto done;
    }
    f->title = feed_plain_line(f, text_of(f, root, "title"));
    f->home = feed_link(f, text_of(f, root, "home_page_url"), STR_NONE);
    f->language = text_of(f, root, "language");
    f->author = authors_of(f, root);
    f->older = feed_link(f, text_of(f, root, "next_url"), STR_NONE);
    for (size_t i = 0; i < json_array_size(items) && st == OK; i++) {
        st = item(f, json_array_get(items, i), fn, ctx, err);
    }
done:
    json_decref(root);
    return st;
}
