#include "source/feed_atom.h"

#include "mime/decode.h"

static struct str text_of(struct feed *f, const struct feed_node *n, const char *name) {
    return str_trim(feed_text(feed_first(n, NS_ATOM, name), f->a));
}

enum kind { KIND_TEXT, KIND_HTML, KIND_XHTML };

/* What a text construct is in; *s: its value. A type that is no text gives an absent value. */
static enum kind construct(struct feed *f, const struct feed_node *n, struct str *s) {
    struct str type = str_trim(feed_attr(n, "type"));
    struct str mode = feed_attr(n, "mode"); /* of Atom 0.3 */
    if (str_eq_nocase(mode, STR("base64"))) {
        struct buf b = BUF_INIT;
        decode_text(feed_text(n, f->a), STR("base64"), &b);
        *s = arena_str(f->a, buf_str(&b));
        buf_release(&b);
        return str_starts_nocase(type, STR("text/html")) || str_eq_nocase(type, STR("html")) ? KIND_HTML : KIND_TEXT;
    }
    bool is_html = str_eq_nocase(type, STR("html")) || str_starts_nocase(type, STR("text/html"));
    bool is_xhtml = str_eq_nocase(type, STR("xhtml")) || str_starts_nocase(type, STR("application/xhtml"));
    bool is_text = !type.len || str_eq_nocase(type, STR("text")) || str_starts_nocase(type, STR("text/plain"));
    if (is_xhtml || feed_has_elements(n)) { /* also where it says otherwise */
        *s = feed_markup(n, is_html, f->a);
        return KIND_XHTML;
    }
    *s = feed_text(n, f->a);
    if (is_html || str_eq_nocase(mode, STR("escaped"))) {
        return KIND_HTML;
    }
    if (!is_text) {
        *s = STR_NONE;
    }
    return KIND_TEXT;
}

static struct str line_of(struct feed *f, const struct feed_node *n) {
    struct str s;
    if (!n) {
        return STR_NONE;
    }
    return construct(f, n, &s) == KIND_TEXT ? feed_plain_line(f, s) : feed_line(f, s);
}

static struct str link_of(struct feed *f, const struct feed_node *n, const char *rel, const char *type) {
    struct str any = STR_NONE;
    for (const struct feed_node *l = feed_first(n, NS_ATOM, "link"); l; l = feed_next(l, NS_ATOM, "link")) {
        struct str r = str_trim(feed_attr(l, "rel"));
        struct str t = feed_attr(l, "type");
        if (str_starts(r, STR("http://www.iana.org/assignments/relation/"))) {
            r = str_sub(r, 41, r.len);
        }
        if (!str_eq(r.len ? r : STR("alternate"), str_from(rel)) || (type && !str_starts_nocase(t, str_from(type)))) {
            continue;
        }
        struct str s = feed_link(f, feed_attr(l, "href"), l->base);
        if (!t.len || str_starts_nocase(t, STR("text/html")) || str_starts_nocase(t, STR("application/xhtml")) ||
            type) {
            if (s.len) {
                return s;
            }
        }
        any = any.len ? any : s;
    }
    return any;
}

static struct str authors_of(struct feed *f, const struct feed_node *n) {
    struct str out = STR_NONE;
    for (const struct feed_node *a = feed_first(n, NS_ATOM, "author"); a; a = feed_next(a, NS_ATOM, "author")) {
        feed_author(f, &out, text_of(f, a, "name"));
    }
    for (const struct feed_node *c = feed_first(n, NS_DC, "creator"); c && !out.len;
         c = feed_next(c, NS_DC, "creator")) {
        feed_author(f, &out, feed_text(c, f->a));
    }
    return out;
}

static int64_t date_of(struct feed *f, const struct feed_node *n, const char *const *names) {
    for (; *names; names++) {
        int64_t t = feed_date(f, text_of(f, n, *names));
        if (t != INT64_MIN) {
            return t;
        }
    }
    return feed_date(f, feed_text(feed_first(n, NS_DC, "date"), f->a));
}

static struct str topic_of(struct feed *f, const struct feed_node *n) {
    struct topic t = {0};
    for (const struct feed_node *c = feed_first(n, NS_ATOM, "category"); c; c = feed_next(c, NS_ATOM, "category")) {
        struct str label = feed_attr(c, "label");
        struct str term = feed_attr(c, "term");
        struct topic by_term = {0};
        topic_offer(&t, f->topics, label.len ? label : term);
        topic_offer(&by_term, f->topics, term);
        if (by_term.known && !t.known) {
            t = by_term;
        }
    }
    for (const struct feed_node *c = feed_first(n, NS_DC, "subject"); c; c = feed_next(c, NS_DC, "subject")) {
        topic_offer(&t, f->topics, feed_text(c, f->a));
    }
    return t.name;
}

static enum status entry(struct feed *f, const struct feed_node *n, feed_entry_fn *fn, void *ctx, struct error *err) {
    static const char *const published[] = {"published", "issued", "created", NULL};
    static const char *const updated[] = {"updated", "modified", NULL};
    struct rows_article e = {.body_format = "html"};
    const struct feed_node *content = feed_first(n, NS_ATOM, "content");
    const struct feed_node *summary = feed_first(n, NS_ATOM, "summary");
    struct str s;
    e.title = line_of(f, feed_first(n, NS_ATOM, "title"));
    struct str original = feed_text(feed_first(n, NS_FEEDBURNER, "origLink"), f->a);
    e.url = original.len ? feed_link(f, original, n->base) : link_of(f, n, "alternate", NULL);
    if (!e.url.len && content && feed_attr(content, "src").len) {
        e.url = feed_link(f, feed_attr(content, "src"), content->base);
    }
    e.id = text_of(f, n, "id");
    e.published_at = date_of(f, n, published);
    e.updated_at = date_of(f, n, updated);
    e.published_at = e.published_at == INT64_MIN ? e.updated_at : e.published_at;
    e.author = authors_of(f, n);
    e.author = e.author.len ? e.author : authors_of(f, feed_first(n, NS_ATOM, "source"));
    e.topic = topic_of(f, n);
    e.language = content && content->lang.len ? content->lang : n->lang;
    if (content) {
        struct str base = content->base.len ? content->base : e.url;
        enum kind kind = construct(f, content, &s);
        e.body = kind == KIND_TEXT ? str_trim(s) : feed_html(f, s, base);
        e.body_format = kind == KIND_TEXT ? "text" : "html";
    }
    if (summary) {
        struct str base = summary->base.len ? summary->base : e.url;
        bool is_text = construct(f, summary, &s) == KIND_TEXT;
        e.summary = is_text ? feed_plain(f, s) : feed_html(f, s, base);
        if (!e.body.len) { /* all that there is */
            e.body = is_text ? str_trim(s) : e.summary;
            e.body_format = is_text ? "text" : "html";
            e.summary = STR_NONE;
        }
    }
    const struct feed_node *film = e.body.len ? NULL : feed_description(n);
    if (film) {
        e.body = str_trim(feed_text(film, f->a));
        e.body_format = "text";
    }
    e.image_url = link_of(f, n, "enclosure", "image/");
    feed_media(f, n, &e.image_url, &e.image_alt);
    feed_complete(f, &e);
    return fn(ctx, &e, err);
}

enum status feed_atom(struct feed *f, struct feed_node *root, feed_entry_fn *fn, void *ctx, struct error *err) {
    enum status st = OK;
    if (str_eq(root->name, STR("entry"))) { /* a document of one entry */
        return entry(f, root, fn, ctx, err);
    }
    f->title = line_of(f, feed_first(root, NS_ATOM, "title"));
    f->home = link_of(f, root, "alternate", NULL);
    f->language = root->lang.len ? root->lang : feed_text(feed_first(root, NS_DC, "language"), f->a);
    f->author = authors_of(f, root);
    f->older = link_of(f, root, "prev-archive", NULL);
    f->older = f->older.len ? f->older : link_of(f, root, "next", NULL);
    for (const struct feed_node *e = feed_first(root, NS_ATOM, "entry"); e && st == OK;
         e = feed_next(e, NS_ATOM, "entry")) {
        st = entry(f, e, fn, ctx, err);
    }
    return st;
}
