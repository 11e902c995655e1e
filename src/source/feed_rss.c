#include "source/feed_rss.h"

static struct str text_of(struct feed *f, const struct feed_node *n, enum feed_ns ns, const char *name) {
    return str_trim(feed_text(feed_first(n, ns, name), f->a));
}

/* Markup that was not escaped is taken as it is; it has to be HTML. */
static struct str html_of(struct feed *f, const struct feed_node *n) {
    return feed_has_elements(n) ? feed_markup(n, false, f->a) : feed_text(n, f->a);
}

static struct str line_of(struct feed *f, const struct feed_node *n) {
    return n ? feed_line(f, html_of(f, n)) : STR_NONE;
}

/* The link of Atom with that relation; an alternate one needs none. */
static struct str atom_link(struct feed *f, const struct feed_node *n, const char *rel) {
    for (const struct feed_node *l = feed_first(n, NS_ATOM, "link"); l; l = feed_next(l, NS_ATOM, "link")) {
        struct str r = feed_attr(l, "rel");
        if (str_eq(r.len ? r : STR("alternate"), str_from(rel))) {
            return feed_link(f, feed_attr(l, "href"), l->base);
        }
    }
    return STR_NONE;
}

static struct str link_of(struct feed *f, const struct feed_node *n) {
    const struct feed_node *l = feed_first(n, NS_FEEDBURNER, "origLink"); /* without a redirect that counts readers */
    struct str out = l ? feed_link(f, feed_text(l, f->a), l->base) : STR_NONE;
    for (l = feed_first(n, NS_RSS, "link"); l && !out.len; l = feed_next(l, NS_RSS, "link")) {
        struct str text = feed_text(l, f->a);
        out = feed_link(f, str_trim(text).len ? text : feed_attr(l, "href"), l->base);
    }
    out = out.len ? out : atom_link(f, n, "alternate");
    const struct feed_node *g = feed_first(n, NS_RSS, "guid");
    if (!out.len && g && !str_eq_nocase(feed_attr(g, "isPermaLink"), STR("false"))) {
        struct str text = str_trim(feed_text(g, f->a));
        if (str_starts_nocase(text, STR("http://")) || str_starts_nocase(text, STR("https://"))) {
            out = feed_link(f, text, g->base);
        }
    }
    return out;
}

static int64_t first_date(struct feed *f, const struct feed_node *n, const char *const names[][2]) {
    for (size_t i = 0; names[i][1]; i++) {
        enum feed_ns ns = names[i][0][0] == 'd' ? NS_DC : names[i][0][0] == 'a' ? NS_ATOM : NS_RSS;
        int64_t t = feed_date(f, text_of(f, n, ns, names[i][1]));
        if (t != INT64_MIN) {
            return t;
        }
    }
    return INT64_MIN;
}

/* "desk@example.org (Jo Roe)", "Jo Roe <desk@example.org>", "Jo Roe (desk@example.org)", "Jo Roe": the name; of an
 * address alone nothing, which nobody meant to be mailed to all readers. */
static struct str name_of(struct str s) {
    s = str_trim(s);
    size_t open = str_find(s, '(', 0), angle = str_find(s, '<', 0), at = str_find(s, '@', 0);
    if (at == s.len) {
        return s;
    }
    if (open < s.len && open > at) {
        return str_trim(str_sub(s, open + 1, str_find(s, ')', open)));
    }
    if (open > 0 && open < at) {
        return str_trim(str_sub(s, 0, open));
    }
    return angle > 0 && angle < at && angle < s.len ? str_trim(str_sub(s, 0, angle)) : STR_NONE;
}

static struct str authors_of(struct feed *f, const struct feed_node *n) {
    struct str out = STR_NONE;
    for (const struct feed_node *c = feed_first(n, NS_DC, "creator"); c; c = feed_next(c, NS_DC, "creator")) {
        feed_author(f, &out, name_of(html_of(f, c)));
    }
    for (const struct feed_node *c = feed_first(n, NS_DC, "author"); c && !out.len; c = feed_next(c, NS_DC, "author")) {
        feed_author(f, &out, name_of(html_of(f, c)));
    }
    for (const struct feed_node *c = feed_first(n, NS_RSS, "author"); c && !out.len;
         c = feed_next(c, NS_RSS, "author")) {
        feed_author(f, &out, name_of(html_of(f, c)));
    }
    for (const struct feed_node *c = feed_first(n, NS_ATOM, "author"); c && !out.len;
         c = feed_next(c, NS_ATOM, "author")) {
        feed_author(f, &out, text_of(f, c, NS_ATOM, "name"));
    }
    if (!out.len) {
        feed_author(f, &out, name_of(text_of(f, n, NS_ITUNES, "author")));
    }
    return out;
}

static struct str topic_of(struct feed *f, const struct feed_node *n) {
    struct topic t = {0};
    for (const struct feed_node *c = feed_first(n, NS_RSS, "category"); c; c = feed_next(c, NS_RSS, "category")) {
        topic_offer(&t, f->topics, feed_line(f, feed_text(c, f->a)));
    }
    for (const struct feed_node *c = feed_first(n, NS_DC, "subject"); c; c = feed_next(c, NS_DC, "subject")) {
        topic_offer(&t, f->topics, feed_line(f, feed_text(c, f->a)));
    }
    for (const struct feed_node *c = feed_first(n, NS_ATOM, "category"); c; c = feed_next(c, NS_ATOM, "category")) {
        struct str label = feed_attr(c, "label");
        topic_offer(&t, f->topics, label.len ? label : feed_attr(c, "term"));
    }
    return t.name;
}

/* The element that holds the whole text, the shorter one into *summary. */
static const struct feed_node *body_of(const struct feed_node *n, const struct feed_node **summary) {
    const struct feed_node *description = feed_first(n, NS_RSS, "description");
    const struct feed_node *body = feed_first(n, NS_CONTENT, "encoded");
    body = body ? body : feed_first(n, NS_XHTML, "body");
    body = body ? body : feed_first(n, NS_XHTML, "div");
    body = body ? body : feed_first(n, NS_RSS, "body");
    body = body ? body : feed_first(n, NS_RSS, "fullitem");
    body = body ? body : feed_first(n, NS_ATOM, "content");
    description = description ? description : feed_first(n, NS_ATOM, "summary");
    description = description ? description : feed_first(n, NS_DC, "description");
    description = description ? description : feed_first(n, NS_RSS, "summary");
    description = description ? description : feed_first(n, NS_ITUNES, "summary");
    description = description ? description : feed_description(n);
    *summary = body ? description : NULL;
    return body ? body : description;
}

/* What is to be heard or seen, of an item without a page; its id does not hang on it. */
static struct str episode_of(struct feed *f, const struct feed_node *n) {
    for (const struct feed_node *c = feed_first(n, NS_RSS, "enclosure"); c; c = feed_next(c, NS_RSS, "enclosure")) {
        if (!str_starts(feed_attr(c, "type"), STR("image/"))) {
            return feed_link(f, feed_attr(c, "url"), c->base);
        }
    }
    return STR_NONE;
}

static enum status item(struct feed *f, const struct feed_node *n, feed_entry_fn *fn, void *ctx, struct error *err) {
    static const char *const published[][2] = {{"", "pubDate"},    {"d", "issued"}, {"d", "created"}, {"d", "date"},
                                               {"a", "published"}, {"", "date"},    {"", NULL}};
    static const char *const updated[][2] = {
        {"d", "modified"}, {"a", "updated"}, {"d", "date"}, {"", "lastBuildDate"}, {"", NULL}};
    struct rows_article e = {.published_at = INT64_MIN, .updated_at = INT64_MIN, .body_format = "html"};
    const struct feed_node *summary;
    const struct feed_node *body = body_of(n, &summary);
    const struct feed_node *title = feed_first(n, NS_RSS, "title");
    title = title ? title : feed_first(n, NS_DC, "title");
    title = title ? title : feed_first(n, NS_MEDIA, "title");
    title = title ? title : feed_first(n, NS_ITUNES, "title");
    e.title = line_of(f, title);
    e.url = link_of(f, n);
    e.id = text_of(f, n, NS_RSS, "guid");
    e.id = e.id.len ? e.id : text_of(f, n, NS_ATOM, "id");
    e.id = e.id.len ? e.id : feed_attr_ns(n, NS_RDF, "about");
    e.published_at = first_date(f, n, published);
    e.updated_at = first_date(f, n, updated);
    if (e.published_at == INT64_MIN) {
        e.published_at = e.updated_at;
    }
    e.author = authors_of(f, n);
    e.topic = topic_of(f, n);
    struct str language = text_of(f, n, NS_DC, "language");
    e.language = n->lang.len ? n->lang : language;
    if (body) {
        e.body = feed_html(f, html_of(f, body), body->base.len ? body->base : e.url);
        e.language = body->lang.len && !e.language.len ? body->lang : e.language;
    }
    if (summary) {
        e.summary = feed_html(f, html_of(f, summary), summary->base.len ? summary->base : e.url);
        if (str_eq(e.summary, e.body)) {
            e.summary = STR_NONE;
        }
    }
    feed_media(f, n, &e.image_url, &e.image_alt);
    feed_complete(f, &e);
    e.url = e.url.len ? e.url : episode_of(f, n);
    return fn(ctx, &e, err);
}

/* What RFC 5005 calls the pages behind this one. */
static struct str older(struct feed *f, const struct feed_node *channel) {
    struct str s = atom_link(f, channel, "prev-archive");
    return s.len ? s : atom_link(f, channel, "next");
}

static enum status items_of(struct feed *f, const struct feed_node *parent, feed_entry_fn *fn, void *ctx,
                            struct error *err) {
    enum status st = OK;
    for (const struct feed_node *i = feed_first(parent, NS_RSS, "item"); i && st == OK;
         i = feed_next(i, NS_RSS, "item")) {
        st = item(f, i, fn, ctx, err);
    }
    return st;
}

enum status feed_rss(struct feed *f, struct feed_node *root, feed_entry_fn *fn, void *ctx, struct error *err) {
    const struct feed_node *channel = feed_first(root, NS_RSS, "channel");
    if (!channel && str_eq(root->name, STR("channel"))) {
        channel = root;
    }
    const struct feed_node *title = feed_first(channel, NS_RSS, "title");
    f->title = line_of(f, title ? title : feed_first(channel, NS_DC, "title"));
    f->home = channel ? link_of(f, channel) : STR_NONE;
    f->language = text_of(f, channel, NS_RSS, "language");
    f->language = f->language.len ? f->language : text_of(f, channel, NS_DC, "language");
    f->language = f->language.len || !channel ? f->language : channel->lang;
    f->older = channel ? older(f, channel) : STR_NONE;
    f->author = channel ? authors_of(f, channel) : STR_NONE;
    f->url = f->home.len ? f->home : f->url; /* the feed may lie with a service; its links are meant for the site */
    enum status st = items_of(f, channel, fn, ctx, err);
    return st == OK && channel != root ? items_of(f, root, fn, ctx, err) : st;
}
