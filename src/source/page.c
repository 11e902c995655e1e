#include "source/page.h"

#include <jansson.h>
#include <strings.h>

#include "base/utf8.h"
#include "source/front_matter.h"
#include "source/link.h"
#include "source/permalink.h"
#include "source/topic.h"
#include "text/charset.h"
#include "text/civil.h"
#include "text/language.h"
#include "text/moment_loose.h"

/* What a file's name tells. */
struct name {
    struct str stem; /* without date, language, ending */
    struct str folder, section, language;
    struct str date;    /* of Jekyll's 2026-11-23-slug.md */
    const char *format; /* body_format */
    bool bundle;        /* index.md: its folder is the article's own */
};

static struct str last_part(struct str path, char sep, struct str *before) {
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != sep) {
        at--;
    }
    *before = at ? str_sub(path, 0, at - 1) : STR_NONE;
    return str_sub(path, at, path.len);
}

static const char *format_of(struct str ending) {
    static const char *const list[][2] = {
        {"md", "markdown"}, {"markdown", "markdown"}, {"html", "html"}, {"htm", "html"}, {"txt", "text"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (str_eq_nocase(ending, str_from(list[i][0]))) {
            return list[i][1];
        }
    }
    return NULL;
}

bool page_is_named(struct str name) {
    struct str before;
    struct str ending = last_part(name, '.', &before);
    return before.len && name.ptr[0] != '_' && name.ptr[0] != '.' && format_of(ending);
}

static bool is_date(struct str s) {
    for (size_t i = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (i >= s.len || (dash ? s.ptr[i] != '-' : s.ptr[i] < '0' || s.ptr[i] > '9')) {
            return false;
        }
    }
    return s.len > 11 && s.ptr[10] == '-';
}

static struct name read_name(const struct page_reader *r, struct str path) {
    struct name n = {0};
    struct str stem, folder, outer;
    struct str ending = last_part(last_part(path, '/', &folder), '.', &stem);
    n.format = format_of(ending);
    n.format = n.format ? n.format : "markdown";
    /* post.de.md, index.pt-br.md */
    struct str before, tag = last_part(stem, '.', &before);
    if (before.len && tag.len >= 2 && tag.len <= 11 && (tag.len < 4 || tag.ptr[2] == '-' || tag.ptr[2] == '_') &&
        language_normalise(tag, r->a, &n.language, NULL) == OK) {
        stem = before;
    }
    n.bundle = str_eq(stem, STR("index"));
    if (n.bundle && folder.len) {
        stem = last_part(folder, '/', &outer);
        folder = outer;
    }
    if (is_date(stem)) {
        n.date = str_sub(stem, 0, 10);
        stem = str_sub(stem, 11, stem.len);
    }
    n.stem = stem;
    if (str_starts(folder, STR("_posts"))) { /* Jekyll's, no part of an address */
        folder = str_sub(folder, 7, folder.len);
    }
    size_t posts = str_search(folder, STR("/_posts"), 0);
    n.folder = str_sub(folder, 0, posts);
    n.section = str_sub(n.folder, 0, str_find(n.folder, '/', 0));
    return n;
}

/* --- values of the head --- */

static struct str text_of(const json_t *v) {
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : STR_NONE;
}

/* As Hugo has it, "Draft" is "draft". */
static const json_t *get(const json_t *head, const char *name) {
    const json_t *exact = json_object_get(head, name);
    const char *key;
    json_t *v;
    if (exact) {
        return exact;
    }
    json_object_foreach((json_t *)head, key, v) {
        if (strcasecmp(key, name) == 0) {
            return v;
        }
    }
    return NULL;
}

/* The value of the first of NAMES that stands there: itself, of a list the first, of an object its NAME, URL ... */
static const json_t *value(const json_t *head, const char *const *names) {
    for (; *names; names++) {
        const json_t *v = get(head, *names);
        if (v && !json_is_null(v)) {
            return v;
        }
    }
    return NULL;
}

static struct str first_text(const json_t *head, const char *const *names) {
    for (; *names; names++) {
        const json_t *v = get(head, *names);
        struct str s = str_trim(text_of(json_is_array(v) ? json_array_get(v, 0) : v));
        if (s.len) {
            return s;
        }
    }
    return STR_NONE;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool is_true(const json_t *head, const char *name) {
    const json_t *v = get(head, name);
    struct str s = text_of(v);
    return json_is_true(v) || str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("yes")) || str_eq(s, STR("1"));
}

static bool is_false(const json_t *head, const char *name) {
    const json_t *v = get(head, name);
    return json_is_false(v) || str_eq_nocase(text_of(v), STR("false")) || str_eq_nocase(text_of(v), STR("no"));
}

static enum status date_of(const struct page_reader *r, const json_t *head, const char *const *names, int64_t *out,
                           struct error *err) {
    struct error why = {0};
    struct str s = first_text(head, names);
    *out = INT64_MIN;
    if (s.len && moment_parse_loose(s, r->zone, out, &why) != OK) {
        *out = INT64_MIN;
        return error_set(err, ERR_DATA, "%s '%.*s' %s", names[0], STR_ARG(str_sub(s, 0, utf8_cut(s, 60))), why.text);
    }
    return OK;
}

static void offer(const struct page_reader *r, const json_t *v, struct topic *t) {
    size_t i;
    json_t *one;
    if (json_is_array(v)) {
        json_array_foreach(v, i, one) {
            topic_offer(t, r->topics, text_of(one));
        }
    } else {
        struct str rest = text_of(v), part;
        while (rest.len && str_split(&rest, ',', &part)) {
            topic_offer(t, r->topics, part);
        }
    }
}

static struct str topic_of(const struct page_reader *r, const json_t *head, const struct name *n) {
    static const char *const names[] = {"topic", "topics", "section", "categories", "category", "tags"};
    struct topic t = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        offer(r, get(head, names[i]), &t);
    }
    topic_offer(&t, r->topics, n->section);
    return t.name.len ? arena_str(r->a, t.name) : STR_NONE;
}

static struct str author_of(const struct page_reader *r, const json_t *head) {
    const json_t *v = value(head, NAMES("author", "authors"));
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < (json_is_array(v) ? json_array_size(v) : 1); i++) {
        const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
        struct str s = str_trim(json_is_object(one) ? text_of(get(one, "name")) : text_of(one));
        if (s.len && b.len + s.len < 900) {
            buf_adds(&b, b.len ? ", " : "");
            buf_add(&b, s);
        }
    }
    struct str out = b.len && !b.failed ? arena_str(r->a, buf_str(&b)) : STR_NONE;
    buf_release(&b);
    return out;
}

/* The picture's address and text, in one of the shapes that themes have. */
static void picture_of(const struct page_reader *r, const json_t *head, const struct name *n, struct rows_article *e) {
    static const char *const names[] = {
        "image",   "cover",  "featured_image", "featuredImage", "feature_image", "featureImage",
        "feature", "images", "header",         "hero",          "thumbnail",     "banner",
        NULL};
    static const char *const inside[] = {"image", "src", "url", "path", "teaser", "thumbnail", "relative_url", NULL};
    static const char *const texts[] = {"alt", "image_alt", "alt_text", "imageAlt", "caption", NULL};
    struct str url = STR_NONE, alt = STR_NONE;
    for (const char *const *name = names; *name && !url.len; name++) {
        const json_t *v = get(head, *name);
        v = json_is_array(v) ? json_array_get(v, 0) : v;
        if (json_is_object(v)) {
            url = first_text(v, inside);
            alt = url.len ? first_text(v, texts) : alt;
        } else {
            url = str_trim(text_of(v));
        }
    }
    if (!url.len) {
        return;
    }
    if (!alt.len) {
        alt = first_text(head, NAMES("image_alt", "imageAlt", "cover_alt", "coverAlt", "featured_image_alt",
                                     "featuredImageAlt", "alt", "image_caption"));
    }
    /* a bundle has its pictures beside it, other articles have them with the site's files */
    struct str base = n->bundle && e->url.len ? e->url : str_from(r->site_url);
    if (link_resolve(url, base, r->a, &e->image_url, NULL) == OK) {
        e->image_alt = arena_str(r->a, alt);
    }
}

/* --- where it stands --- */

/* As generators make addresses of names: small letters, hyphens for spaces. */
static struct str slug_of(const struct page_reader *r, struct str s) {
    char *out = arena_cstr(r->a, s);
    for (size_t i = 0; out && i < s.len; i++) {
        out[i] = out[i] == ' ' ? '-' : out[i] >= 'A' && out[i] <= 'Z' ? (char)(out[i] | 32) : out[i];
    }
    return (struct str){out, s.len};
}

static enum status address_of(const struct page_reader *r, const json_t *head, const struct name *n,
                              struct rows_article *e, struct error *err) {
    struct error why = {0};
    struct permalink p = {.folder = slug_of(r, n->folder),
                          .section = slug_of(r, n->section),
                          .name = slug_of(r, n->stem),
                          .language = e->language};
    struct str given = first_text(head, NAMES("permalink", "url"));
    struct str slug = first_text(head, NAMES("slug"));
    struct str site = str_from(r->site_url);
    p.slug = slug.len ? slug : p.name;
    p.path = p.folder.len ? arena_printf(r->a, "%.*s/%.*s", STR_ARG(p.folder), STR_ARG(p.slug)) : p.slug;
    if (e->published_at != INT64_MIN) {
        struct civil c;
        zone_civil(r->zone, e->published_at, &c);
        p.year = c.year;
        p.month = c.month;
        p.day = c.day;
    }
    bool code = str_search(given, STR("{{"), 0) < given.len; /* Eleventy's, which only it can run */
    struct str pattern = given.len && !code ? given : str_from(r->pattern);
    struct str filled = permalink_fill(pattern, &p, r->a);
    if (str_find(pattern, ':', 0) < pattern.len || given.len == 0 || code || str_find(given, '{', 0) < given.len) {
        given = filled;
    }
    /* "/x" of a site below a path is meant below it */
    size_t host = str_search(site, STR("://"), 0);
    struct str path = host < site.len ? str_sub(site, str_find(site, '/', host + 3), site.len) : STR_NONE;
    if (given.len && given.ptr[0] == '/' && path.len > 1 && !str_starts(given, path)) {
        given = arena_printf(r->a, "%.*s%.*s",
                             STR_ARG(str_ends(path, STR("/")) ? str_sub(path, 0, path.len - 1) : path), STR_ARG(given));
    } else if (given.len && given.ptr[0] != '/' && str_search(given, STR("://"), 0) == given.len) {
        given = arena_printf(r->a, "%.*s/%.*s",
                             STR_ARG(str_ends(site, STR("/")) ? str_sub(site, 0, site.len - 1) : site), STR_ARG(given));
    }
    return link_resolve(given, site, r->a, &e->url, &why) == OK
               ? OK
               : error_set(err, ERR_DATA, "its address '%.*s' %s", STR_ARG(str_sub(given, 0, utf8_cut(given, 100))),
                           why.text);
}

/* --- the text --- */

/* Copies the value of NAME="..." in TAG (without its braces). */
static struct str parameter(struct str tag, const char *name) {
    size_t n = strlen(name);
    for (size_t at = 0; (at = str_search(tag, str_from(name), at)) < tag.len; at++) {
        if (at > 0 && tag.ptr[at - 1] == ' ' && at + n + 1 < tag.len && tag.ptr[at + n] == '=' &&
            (tag.ptr[at + n + 1] == '"' || tag.ptr[at + n + 1] == '\'' || tag.ptr[at + n + 1] == '`')) {
            size_t start = at + n + 2;
            return str_sub(tag, start, str_find(tag, tag.ptr[start - 1], start));
        }
    }
    return STR_NONE;
}

/* Takes out what only the generator understands: {{< shortcodes >}}, {% tags %}, {{ values }}. A figure stays one. */
static struct str without_code(const struct page_reader *r, struct str body, bool markdown) {
    struct buf b = BUF_INIT;
    size_t done = 0;
    for (size_t i = 0; i + 1 < body.len; i++) {
        struct str rest = str_sub(body, i, body.len);
        bool values = str_starts(rest, STR("{{"));
        if (!values && !str_starts(rest, STR("{%"))) {
            continue;
        }
        size_t end = str_search(body, values ? STR("}}") : STR("%}"), i + 2);
        if (end == body.len || end - i > 4000) {
            continue;
        }
        struct str tag = str_sub(body, i, end);
        buf_add(&b, str_sub(body, done, i));
        if (str_search(tag, STR("figure"), 0) < 12 && parameter(tag, "src").len) {
            struct str alt = parameter(tag, "alt");
            alt = alt.len ? alt : parameter(tag, "caption");
            buf_addf(&b, markdown ? "![%.*s](%.*s)" : "<img alt=\"%.*s\" src=\"%.*s\">", STR_ARG(alt),
                     STR_ARG(parameter(tag, "src")));
        }
        done = end + 2;
        i = done - 1;
    }
    if (done) {
        buf_add(&b, str_sub(body, done, body.len));
        body = b.failed ? STR_NONE : arena_str(r->a, buf_str(&b));
    }
    buf_release(&b);
    return body;
}

static struct str copied(const struct page_reader *r, struct str s) {
    return s.len ? arena_str(r->a, s) : STR_NONE;
}

/* "# Title" on the first line with something on it, taken off. */
static struct str take_heading(struct str *body) {
    struct str s = *body;
    while (s.len && strchr(" \t\r\n", s.ptr[0])) {
        s = str_sub(s, 1, s.len);
    }
    if (!str_starts(s, STR("# "))) {
        return STR_NONE;
    }
    size_t end = str_find(s, '\n', 0);
    *body = str_sub(s, end, s.len);
    return str_trim(str_sub(s, 2, end));
}

static enum status fill(const struct page_reader *r, const json_t *head, struct str path, struct str body,
                        struct rows_article *e, enum page_kind *kind, bool *expires, struct error *err) {
    struct name n = read_name(r, path);
    int64_t date, until;
    enum status st;
    *kind = PAGE_DRAFT;
    if (is_true(head, "draft") || is_false(head, "published") || is_true(head, "unlisted") ||
        is_false(head, "permalink")) {
        return OK;
    }
    if ((st = date_of(r, head, NAMES("date", "publishedAt", "published_at", "pubDate", "created"), &date, err)) != OK ||
        (st = date_of(r, head, NAMES("publishDate", "publishdate"), &e->published_at, err)) != OK ||
        (st = date_of(r, head, NAMES("lastmod", "updated", "last_modified_at", "modified", "updated_at"),
                      &e->updated_at, err)) != OK ||
        (st = date_of(r, head, NAMES("expiryDate", "expirydate", "unpublishDate"), &until, err)) != OK) {
        return st;
    }
    *expires = until != INT64_MIN && until > r->now;
    if (until != INT64_MIN && until <= r->now) {
        return OK;
    }
    e->published_at = e->published_at != INT64_MIN ? e->published_at : date;
    if (e->published_at == INT64_MIN && n.date.len) {
        (void)moment_parse_loose(n.date, r->zone, &e->published_at, NULL);
    }
    if (e->published_at == INT64_MIN && !r->by_hand) {
        *kind = PAGE_NO_DATE;
        return OK;
    }
    *kind = PAGE_ARTICLE;
    e->id = rows_id(copied(r, path), r->a);
    e->title = copied(r, first_text(head, NAMES("title")));
    e->language = first_text(head, NAMES("language", "lang", "locale"));
    e->language = e->language.len ? copied(r, e->language) : n.language;
    e->author = author_of(r, head);
    e->topic = topic_of(r, head, &n);
    e->summary = copied(r, first_text(head, NAMES("summary", "description", "excerpt", "abstract", "lead")));
    e->body_format = n.format;
    if (!e->title.len) {
        e->title = copied(r, take_heading(&body));
    }
    e->body = without_code(r, body, strcmp(n.format, "markdown") == 0);
    if (r->by_hand) {
        e->id = STR_NONE; /* a file's name means nothing outside its folder */
    } else if (!e->title.len) {
        return error_set(err, ERR_DATA, "no title");
    }
    if (r->by_hand && !first_text(head, NAMES("permalink", "url")).len) {
        return OK;
    }
    if ((st = address_of(r, head, &n, e, err)) == OK) {
        picture_of(r, head, &n, e);
    }
    return st;
}

enum status page_read(const struct page_reader *r, struct str path, struct str bytes, struct rows_article *out,
                      enum page_kind *kind, bool *expires, size_t *line, struct error *err) {
    struct buf b = BUF_INIT;
    json_t *head = NULL;
    struct str body;
    *out = (struct rows_article){.published_at = INT64_MIN, .updated_at = INT64_MIN};
    *kind = PAGE_NO_HEAD;
    *expires = false;
    *line = 1;
    if (!utf8_valid(bytes)) {
        enum status st = charset_to_utf8(bytes, STR("windows-1252"), &b, NULL, err);
        if (st != OK) {
            return st;
        }
        bytes = arena_str(r->a, buf_str(&b));
        buf_release(&b);
    }
    enum status st = front_matter_parse(bytes, &head, &body, line, err);
    if (st == OK && !head && r->by_hand) {
        head = json_object();
    }
    if (st == OK && head) {
        *line = 1;
        st = fill(r, head, path, body, out, kind, expires, err);
    }
    json_decref(head);
    return st;
}
