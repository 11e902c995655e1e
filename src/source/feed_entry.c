#include "source/feed_entry.h"

#include "crypto/hash.h"
#include "render/article.h"
#include "render/clean.h"
#include "render/plain.h"
#include "source/link.h"
#include "text/charset.h"
#include "text/moment_loose.h"
#include "text/summary.h"

enum { TITLE_CHARS = 80 };

static struct str base_of(const struct feed *f, struct str base) {
    return base.len ? base : f->url.len ? f->url : f->home.len ? f->home : f->site;
}

struct str feed_link(struct feed *f, struct str address, struct str base) {
    struct str out = STR_NONE;
    address = str_trim(address);
    if (!address.len || link_resolve(address, base_of(f, base), f->a, &out, NULL) != OK) {
        return STR_NONE;
    }
    return out;
}

/* Control characters from 0x80 on, written as such or as &#146;, are windows-1252's punctuation, as the web reads them.
 */
static struct str without_controls(struct feed *f, struct str html) {
    struct buf b = BUF_INIT;
    size_t done = 0;
    for (size_t i = 0; i + 1 < html.len; i++) {
        unsigned char c = (unsigned char)html.ptr[i], d = (unsigned char)html.ptr[i + 1];
        size_t n = 0;
        char byte = 0;
        if (c == 0xc2 && d < 0xa0) {
            byte = (char)d;
            n = 2;
        } else if (c == '&' && d == '#' && i + 6 <= html.len && html.ptr[i + 2] == '1' && html.ptr[i + 5] == ';') {
            int v = 100 + (html.ptr[i + 3] - '0') * 10 + html.ptr[i + 4] - '0';
            byte = (char)v;
            n = v >= 0x80 && v < 0xa0 ? 6 : 0;
        }
        if (n) {
            buf_add(&b, str_sub(html, done, i));
            (void)charset_to_utf8((struct str){&byte, 1}, STR("windows-1252"), &b, NULL, NULL);
            done = i + n;
            i = done - 1;
        }
    }
    if (done) {
        buf_add(&b, str_sub(html, done, html.len));
        html = b.failed ? html : arena_str(f->a, buf_str(&b));
    }
    buf_release(&b);
    return html;
}

struct str feed_html(struct feed *f, struct str html, struct str base) {
    html = without_controls(f, html);
    struct buf b = BUF_INIT;
    struct clean_options o = {.base_url = base_of(f, base), .images = IMAGES_LINK};
    struct str out = STR_NONE;
    if (str_trim(html).len == 0) {
        return STR_NONE;
    }
    if (clean_html(html, &o, &b, NULL) != OK) {
        return html; /* too large or deep: the import says so */
    }
    if (!b.failed && str_trim(buf_str(&b)).len) {
        out = arena_str(f->a, str_trim(buf_str(&b)));
    }
    buf_release(&b);
    return out;
}

struct str feed_plain(struct feed *f, struct str text) {
    text = str_trim(text);
    if (!text.len) {
        return STR_NONE;
    }
    if (!article_is_html(text)) {
        return text;
    }
    struct buf b = BUF_INIT;
    clean_escape(text, false, &b);
    text = b.failed ? STR_NONE : arena_str(f->a, buf_str(&b));
    buf_release(&b);
    return text;
}

struct str feed_plain_line(struct feed *f, struct str text) {
    struct buf b = BUF_INIT;
    summary_flatten(text, &b);
    struct str out = b.failed ? STR_NONE : arena_str(f->a, buf_str(&b));
    buf_release(&b);
    return feed_plain(f, out);
}

static struct str line_of(struct feed *f, struct str html) {
    struct buf clean = BUF_INIT;
    struct buf text = BUF_INIT;
    struct plain_options o = {.unwrapped = true};
    struct str out = STR_NONE;
    if (clean_html(html, NULL, &clean, NULL) == OK && plain_from_html(buf_str(&clean), &o, NULL, &text, NULL) == OK) {
        struct buf flat = BUF_INIT;
        summary_flatten(buf_str(&text), &flat);
        out = flat.failed ? STR_NONE : arena_str(f->a, buf_str(&flat));
        buf_release(&flat);
    }
    buf_release(&clean);
    buf_release(&text);
    return out;
}

struct str feed_line(struct feed *f, struct str html) {
    return article_is_html(html) ? feed_plain(f, line_of(f, html)) : feed_plain_line(f, html);
}

int64_t feed_date(struct feed *f, struct str s) {
    int64_t t;
    s = str_trim(s);
    if (s.len && moment_parse_loose(s, f->zone, &t, NULL) == OK) {
        return t;
    }
    f->bad_dates += s.len > 0;
    return INT64_MIN;
}

void feed_author(struct feed *f, struct str *authors, struct str name) {
    name = feed_line(f, name);
    if (name.len && authors->len + name.len < 900) {
        *authors = authors->len ? arena_printf(f->a, "%.*s, %.*s", STR_ARG(*authors), STR_ARG(name)) : name;
    }
}

static bool is_picture(struct str type, struct str medium, struct str url) {
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
    if (type.len || medium.len) {
        return str_starts_nocase(type, STR("image/")) || str_eq_nocase(medium, STR("image"));
    }
    url = str_sub(url, 0, str_find(url, '?', 0));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (url.len > n && str_eq_nocase(str_sub(url, url.len - n, url.len), str_from(ends[i]))) {
            return true;
        }
    }
    return false;
}

static struct str media_text(struct feed *f, const struct feed_node *n) {
    static const char *const names[] = {"text", "description", "title"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str s = feed_line(f, feed_text(feed_first(n, NS_MEDIA, names[i]), f->a));
        if (s.len) {
            return s;
        }
    }
    return STR_NONE;
}

static void media_content(struct feed *f, const struct feed_node *n, struct str *url, struct str *alt) {
    for (const struct feed_node *m = feed_first(n, NS_MEDIA, "content"); m && !url->len;
         m = feed_next(m, NS_MEDIA, "content")) {
        struct str address = feed_attr(m, "url");
        if (is_picture(feed_attr(m, "type"), feed_attr(m, "medium"), address)) {
            *url = feed_link(f, address, m->base);
        } else {
            media_content(f, m, url, alt); /* a film's thumbnail */
            const struct feed_node *t = feed_first(m, NS_MEDIA, "thumbnail");
            if (!url->len && t) {
                *url = feed_link(f, feed_attr(t, "url"), t->base);
            }
        }
        *alt = url->len ? media_text(f, m) : *alt;
    }
}

void feed_media(struct feed *f, const struct feed_node *n, struct str *url, struct str *alt) {
    media_content(f, n, url, alt);
    for (const struct feed_node *g = feed_first(n, NS_MEDIA, "group"); g && !url->len;
         g = feed_next(g, NS_MEDIA, "group")) {
        feed_media(f, g, url, alt);
        *alt = url->len && !alt->len ? media_text(f, g) : *alt;
    }
    const struct feed_node *t = feed_first(n, NS_MEDIA, "thumbnail");
    if (!url->len && t) {
        *url = feed_link(f, feed_attr(t, "url"), t->base);
    }
    for (const struct feed_node *e = feed_first(n, NS_RSS, "enclosure"); e && !url->len;
         e = feed_next(e, NS_RSS, "enclosure")) {
        if (is_picture(feed_attr(e, "type"), STR_NONE, feed_attr(e, "url"))) {
            *url = feed_link(f, feed_attr(e, "url"), e->base);
        }
    }
    if (url->len && !alt->len) {
        *alt = media_text(f, n);
    }
    const struct feed_node *i = feed_first(n, NS_ITUNES, "image");
    if (!url->len && i) {
        *url = feed_link(f, feed_attr(i, "href"), i->base);
    }
}

const struct feed_node *feed_description(const struct feed_node *n) {
    const struct feed_node *d = feed_first(n, NS_MEDIA, "description");
    return d ? d : feed_first(feed_first(n, NS_MEDIA, "group"), NS_MEDIA, "description");
}

/* For entries that name themselves nowhere. */
static struct str made_id(struct feed *f, const struct rows_article *e) {
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    struct hash *hash = hash_new();
    const struct str parts[] = {e->title, e->published_at == INT64_MIN ? e->summary : STR_NONE,
                                e->published_at == INT64_MIN ? e->body : STR_NONE};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hash_add_str(hash, parts[i]);
    }
    hash_add_u64(hash, (uint64_t)e->published_at);
    hash_end(hash, h);
    hash_free(hash);
    hash_hex(h, 16, hex);
    return arena_printf(f->a, "hash:%s", hex);
}

void feed_complete(struct feed *f, struct rows_article *e) {
    if (!e->title.len) {
        struct buf b = BUF_INIT;
        struct str text = line_of(f, e->summary.len ? e->summary : e->body);
        if (text.len) {
            (void)summary_cut(text, e->language.len ? e->language.ptr : NULL, TITLE_CHARS, &b);
        }
        e->title = b.len && !b.failed ? feed_plain(f, arena_str(f->a, buf_str(&b))) : STR_NONE;
        buf_release(&b);
    }
    e->id = str_trim(e->id);
    if (!e->id.len) {
        e->id = e->url.len ? e->url : made_id(f, e);
    }
    e->id = rows_id(e->id, f->a);
    e->language = e->language.len ? e->language : f->language;
    if (!e->author.len) {
        e->author = f->author;
    }
}
