#include "digest/view.h"

#include "config/config.h"
#include "digest/edition_internal.h"
#include "digest/edits.h"
#include "digest/look.h"
#include "digest/words.h"
#include "digest/select.h"
#include "store/subscription.h"
#include "render/dress.h"
#include "render/flow.h"
#include "text/language.h"
#include "text/moment.h"
#include "text/number.h"
#include "text/summary.h"
#include "text/words.h"

#include <stdlib.h>

enum { MORE_MAX = 200, PREHEADER_CHARS = 110, LOGO_WIDTH = 280, LOGO_HEIGHT = 120, PLACE_NONE = 1 << 30 };

struct item {
    json_t *article; /* borrowed */
    const char *topic;
    int64_t topic_order, published_at, arrival;
    size_t place; /* by the editor's order, from 0; PLACE_NONE */
    bool pinned;  /* stands above the topics: so does what the editor put first */
};

static const char *get(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

/* Likewise, as a title is read: databases have "Arts &amp; Culture". */
static const char *line_of(const json_t *j, const char *key, struct arena *a) {
    const char *s = get(j, key);
    return s[0] ? arena_cstr(a, article_line(str_from(s), a)) : "";
}

static const char *dir_of(const char *lang) {
    return language_is_rtl(lang) ? "rtl" : "ltr";
}

/* A reference to how LANG is set, which all passages in it share. */
static json_t *edition_type(struct edition *e, const char *lang) {
    json_t *type = json_object_get(e->types, lang);
    if (!type) {
        (void)json_object_set_new(e->types, lang, type = look_type(lang));
    }
    return json_incref(type);
}

/* TEXT behind FIRST in lines, for plain text. */
static json_t *in_lines(struct str first, struct str text, const char *lang) {
    struct flow f = {.lang = lang, .first = first};
    struct buf b = BUF_INIT;
    flow_text(&f, text, &b);
    size_t n = b.len;
    while (n && b.ptr[n - 1] == '\n') {
        n--;
    }
    json_t *j = json_stringn(n ? b.ptr : "", n);
    buf_release(&b);
    return j;
}

/* WORD in the reader's language, its placeholder filled with VALUE, in the form P. */
static json_t *word_json(const struct words_rows *rows, enum word w, enum plural p, struct str value) {
    const char *used;
    struct buf b = BUF_INIT;
    word_fill(words_text(rows, w, p, &used), value, &b);
    json_t *j = json_pack("{s:s, s:s, s:s, s:o}", "text", buf_cstr(&b), "lang", used, "dir", dir_of(used), "flowed",
                          in_lines(STR(""), buf_str(&b), used));
    buf_release(&b);
    return j;
}

/* N in the reader's digits. */
static struct str digits(size_t n, const struct numbers *numbers, struct arena *a) {
    struct buf b = BUF_INIT;
    numbers_add(numbers, (int64_t)n, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_release(&b);
    return s.ptr ? s : STR("");
}

static json_t *words_json(struct edition *e, const struct words_rows *rows, const struct numbers *numbers, size_t more,
                          struct arena *a) {
    json_t *words = json_object();
    const char *most;
    for (int i = 0; i < WORD_COUNT; i++) {
        enum word w = (enum word)i;
        bool count = w == WORD_AND_N_MORE;
        if (w != WORD_BY) { /* each article has it */
            (void)json_object_set_new(
                words, word_name(w),
                word_json(rows, w, count ? numbers_plural(numbers, (int64_t)more) : PLURAL_OTHER,
                          count ? digits(more, numbers, a) : str_from(edition_setting(e, "title"))));
        }
    }
    (void)words_text(rows, WORD_YOU_RECEIVE, PLURAL_OTHER, &most);
    (void)json_object_set_new(words, "type", edition_type(e, most));
    return words;
}

/* As the editor put them, pinned ones, then by topic, then newest first, at last by arrival so that the order never
 * hangs on chance. */
static int by_place(const void *x, const void *y) {
    const struct item *a = x, *b = y;
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    if (a->pinned != b->pinned) {
        return a->pinned ? -1 : 1;
    }
    if (!a->pinned && a->topic_order != b->topic_order) {
        return a->topic_order < b->topic_order ? -1 : 1;
    }
    if (a->published_at != b->published_at) {
        return a->published_at > b->published_at ? -1 : 1;
    }
    return a->arrival > b->arrival ? -1 : a->arrival < b->arrival;
}

static int by_arrival(const void *x, const void *y) {
    const int64_t *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

/* What the editor put first. */
static void order_first(const struct edition *e, struct item *items, size_t n) {
    const json_t *order = json_object_get(e->settings, "order");
    for (size_t i = 0; i < n; i++) {
        size_t k;
        json_t *id;
        items[i].place = PLACE_NONE;
        json_array_foreach(order, k, id) {
            if (json_equal(id, json_object_get(items[i].article, "id"))) {
                items[i].place = k;
                items[i].pinned = true;
                break;
            }
        }
    }
}

static struct edits_rank rank(const struct item *i) {
    return (struct edits_rank){i->place, i->pinned, i->published_at, i->arrival};
}

/* The editor's subject; else the newsletter's title and that of the article among ITEMS that the editor put first, a
 * pinned one, or the newest: a subject names nothing that its reader doesn't get. */
static enum status subject_of(const struct edition *e, const struct item *items, size_t n, struct arena *a,
                              struct str *out, struct error *err) {
    const struct item *first = items;
    *out = str_from(edition_setting(e, "subject"));
    if (n == 0 || json_is_true(json_object_get(e->settings, "own_subject"))) {
        return OK;
    }
    for (const struct item *i = items + 1; i < items + n; i++) {
        const struct edits_rank one = rank(i), best = rank(first);
        if (edits_before(&one, &best)) {
            first = i;
        }
    }
    return edits_subject_of(edition_setting(e, "title"), str_from(get(first->article, "title")), a, out, err);
}

/* The newsletter's order of topics; without one, the topic with the newest article first. */
static void order_topics(const struct edition *e, struct item *items, size_t n) {
    const json_t *topics = json_object_get(e->settings, "topics");
    for (size_t i = 0; i < n; i++) {
        size_t k;
        json_t *t;
        items[i].topic_order = (int64_t)json_array_size(topics);
        json_array_foreach(topics, k, t) {
            if (strcmp(json_string_value(t), items[i].topic) == 0) {
                items[i].topic_order = (int64_t)k;
                break;
            }
        }
        if (json_array_size(topics) == 0) {
            int64_t newest = INT64_MIN;
            size_t first = i;
            for (size_t m = 0; m < n; m++) {
                if (strcmp(items[m].topic, items[i].topic) == 0) {
                    newest = items[m].published_at > newest ? items[m].published_at : newest;
                    first = m < first ? m : first;
                }
            }
            /* later is less; two topics with the same newest second are told apart by who came first */
            items[i].topic_order = -newest * 4096 + (int64_t)(first & 4095);
        }
    }
}

struct maker {
    struct edition *e;
    struct arena *a;
    struct date_formatter *dates; /* the edition's */
    struct plain_links links;
    const struct numbers *numbers; /* likewise */
    struct words_rows words;
    struct dress dress;
    json_t *preheader; /* titles; of a single article the beginning of its text */
    bool single;
    size_t room;  /* what is left of images_size */
    int64_t body; /* enum config_body */
};

/* The picture of URL, now part of the rendition; NULL when there is none, or no room for it. */
static const struct edition_picture *embed(struct maker *m, struct str url) {
    for (size_t i = 0; i < m->e->pictures_n; i++) {
        struct edition_picture *p = &m->e->pictures[i];
        if (!str_eq(p->frozen.url, url)) {
            continue;
        }
        p = p->same;
        if (!p->used && p->frozen.bytes.len > m->room) {
            return NULL;
        }
        m->room -= p->used ? 0 : p->frozen.bytes.len;
        p->used = true;
        return p;
    }
    return NULL;
}

/* For the pictures of a body. */
struct embedding {
    struct maker *m;
    struct str lead; /* the article's own picture */
    bool has_lead;   /* the body shows it too */
};

static struct str embed_in_body(void *arg, struct str url) {
    struct embedding *g = arg;
    g->has_lead = g->has_lead || str_eq(url, g->lead);
    const struct edition_picture *p = embed(g->m, url);
    return p ? arena_printf(g->m->a, "cid:%.*s", STR_ARG(p->id)) : STR_NONE;
}

/* The article's own picture, above its text; false where there is none to be shown. One that can't be shown leaves its
 * alternative text. */
static json_t *lead_view(struct maker *m, const json_t *j) {
    const char *url = get(j, "image_url"), *alt = line_of(j, "image_alt", m->a);
    int64_t mode = edition_number(m->e, "images");
    if (!url[0] || mode == CONFIG_IMAGES_NONE ||
        (mode == CONFIG_IMAGES_EMBED && !edition_number(m->e, "images_size"))) { /* built before there were any */
        return json_false();
    }
    if (mode == CONFIG_IMAGES_LINK) {
        return json_pack("{s:s, s:s, s:s, s:s}", "src", url, "alt", alt, "width", "", "height", "");
    }
    const struct edition_picture *p = embed(m, str_from(url));
    if (p) {
        struct str src = arena_printf(m->a, "cid:%.*s", STR_ARG(p->id));
        return json_pack("{s:s, s:s, s:i, s:i}", "src", src.ptr, "alt", alt, "width", p->frozen.width, "height",
                         p->frozen.height);
    }
    return alt[0] ? json_pack("{s:s, s:s, s:s, s:s}", "src", "", "alt", alt, "width", "", "height", "") : json_false();
}

static struct article_input input_of(const json_t *j) {
    return (struct article_input){.title = str_from(get(j, "title")),
                                  .summary = str_from(get(j, "summary")),
                                  .body = str_from(get(j, "body")),
                                  .body_format = (enum article_format)json_integer_value(json_object_get(j, "format")),
                                  .lang = get(j, "language"),
                                  .url = str_from(get(j, "url"))};
}

/* What clean HTML says, without marks and numbers of links: its prose, or all when it has none. */
static json_t *said(struct str html, const char *lang) {
    struct buf b = BUF_INIT;
    struct plain_options o = {.lang = lang, .unwrapped = true, .prose = true};
    bool ok = plain_from_html(html, &o, NULL, &b, NULL) == OK;
    if (ok && !str_trim(buf_str(&b)).len) {
        buf_clear(&b);
        o.prose = false;
        ok = plain_from_html(html, &o, NULL, &b, NULL) == OK;
    }
    json_t *j = json_stringn(ok && b.len ? b.ptr : "", ok ? b.len : 0);
    buf_release(&b);
    return j;
}

static enum status article_view(struct maker *m, const json_t *j, size_t n, json_t **out, struct error *err) {
    const char *lang = get(j, "language");
    const struct article_input in = input_of(j);
    int64_t mode = m->body;
    int64_t images = edition_number(m->e, "images");
    struct embedding embedding = {.m = m, .lead = str_from(get(j, "image_url"))};
    json_t *image = mode == CONFIG_BODY_TITLES ? json_false() : lead_view(m, j);
    const char *author = line_of(j, "author", m->a);
    struct article_options o = {.mode = mode == CONFIG_BODY_FULL     ? ARTICLE_FULL
                                        : mode == CONFIG_BODY_TITLES ? ARTICLE_TITLES
                                                                     : ARTICLE_SUMMARY,
                                .images = images == CONFIG_IMAGES_LINK    ? IMAGES_LINK
                                          : images == CONFIG_IMAGES_EMBED ? IMAGES_EMBED
                                                                          : IMAGES_NONE,
                                .picture = embed_in_body,
                                .picture_arg = &embedding,
                                .links = &m->links};
    struct article_output r;
    struct buf date = BUF_INIT, body = BUF_INIT;
    struct error why;
    *out = NULL;
    if (kept_article(m->e->kept, j, &in, &o, m->a, &r, &why) != OK) {
        /* a body too large or too deep is no reason to keep the article from its readers: title and link remain */
        o.mode = ARTICLE_TITLES;
        enum status st = kept_article(m->e->kept, j, &in, &o, m->a, &r, err);
        if (st != OK) {
            json_decref(image);
            return st;
        }
    }
    size_t link_n = in.url.len ? plain_links_number(&m->links, in.url) : 0;
    date_formatter_add(m->dates, json_integer_value(json_object_get(j, "published_at")), m->e->zone, &date);
    if (embedding.has_lead) { /* once is enough */
        json_decref(image);
        image = json_false();
    }
    while (r.body_text.len && r.body_text.ptr[r.body_text.len - 1] == '\n') {
        r.body_text.len--;
    }
    m->dress.rtl = language_is_rtl(lang);
    dress_html(r.body_html.ptr ? r.body_html : STR(""), &m->dress, &body);
    struct str number = digits(n, m->numbers, m->a);
    *out = json_pack("{s:s%, s:s, s:s, s:s, s:s, s:s, s:s%, s:s%, s:b, s:b, s:b, s:o, s:s%, s:I, s:b, s:o}", "title",
                     r.title.ptr ? r.title.ptr : "", r.title.len, "url", in.url.ptr, "date", buf_cstr(&date), "author",
                     author, "lang", lang, "dir", dir_of(lang), "body_html", buf_cstr(&body), body.len, "body_text",
                     r.body_text.ptr ? r.body_text.ptr : "", r.body_text.len, "summary", o.mode == ARTICLE_SUMMARY,
                     "full", o.mode == ARTICLE_FULL, "titles_only", o.mode == ARTICLE_TITLES, "image", image, "n",
                     number.ptr, number.len, "link_n", (json_int_t)link_n, "last", 0, "type", edition_type(m->e, lang));
    if (*out) {
        char iso[MOMENT_ISO_SIZE];
        moment_iso(json_integer_value(json_object_get(j, "published_at")), iso);
        (void)json_object_set_new(*out, "id", json_integer(json_integer_value(json_object_get(j, "id"))));
        (void)json_object_set_new(*out, "date_iso", json_string(iso));
        (void)json_object_set_new(
            *out, "heading_text",
            in_lines(m->single ? STR("") : arena_printf(m->a, "%.*s. ", STR_ARG(number)), r.title, lang));
        if (json_is_object(image)) {
            (void)json_object_set_new(
                image, "alt_text",
                in_lines(STR(""), get(image, "alt")[0] ? arena_printf(m->a, "[%s]", get(image, "alt")) : STR(""),
                         lang));
        }
        (void)json_object_set_new(*out, "shortened", json_boolean(r.shortened));
        (void)json_object_set_new(
            *out, "by", author[0] ? word_json(&m->words, WORD_BY, PLURAL_OTHER, str_from(author)) : json_false());
        if (m->single && r.body_text.len) {
            (void)json_array_append_new(m->preheader, said(r.body_html, lang));
        } else if (n > 1) { /* the subject has the first one */
            (void)json_array_append_new(m->preheader, json_stringn(r.title.ptr ? r.title.ptr : "", r.title.len));
        }
    }
    *out = date.failed || body.failed ? NULL : *out;
    buf_release(&date);
    buf_release(&body);
    return *out ? OK : error_set(err, ERR_DATA, "an article's text isn't UTF-8");
}

/* "news" → "News": topics are slugs in most databases. */
static struct str topic_title(const char *topic, struct arena *a) {
    char *s = arena_cstr(a, article_line(str_from(topic), a));
    if (s[0] >= 'a' && s[0] <= 'z') {
        s[0] = (char)(s[0] - 32);
    }
    for (char *p = s; *p; p++) {
        if (*p == '-' || *p == '_') {
            *p = ' ';
        }
    }
    return str_from(s);
}

static enum status topics_view(struct maker *m, const struct item *items, size_t n, bool headings, json_t *topics,
                               struct error *err) {
    enum status st = OK;
    json_t *group = NULL, *list = NULL;
    const char *lang = edition_setting(m->e, "language");
    for (size_t i = 0; i < n && st == OK; i++) {
        if (i == 0 || items[i].pinned != items[i - 1].pinned ||
            (!items[i].pinned && strcmp(items[i].topic, items[i - 1].topic) != 0)) {
            struct str name = topic_title(items[i].topic, m->a);
            list = json_array();
            group = json_pack("{s:s, s:s, s:s, s:b, s:b, s:o, s:o}", "name", name.ptr, "lang", lang, "dir",
                              dir_of(lang), "show_heading", headings && !items[i].pinned && name.len, "first", i == 0,
                              "type", edition_type(m->e, lang), "articles", list);
            (void)json_array_append_new(topics, group);
        }
        json_t *view;
        if ((st = article_view(m, items[i].article, i + 1, &view, err)) == OK) {
            bool last = i + 1 == n || items[i + 1].pinned != items[i].pinned ||
                        (!items[i].pinned && strcmp(items[i + 1].topic, items[i].topic) != 0);
            (void)json_object_set_new(view, "last", json_boolean(last));
            (void)json_object_set_new(view, "topic", json_string(topic_title(items[i].topic, m->a).ptr));
            (void)json_array_append_new(list, view);
        }
    }
    return st;
}

static enum status more_view(struct maker *m, const struct item *items, size_t n, json_t *more, struct error *err) {
    for (size_t i = 0; i < n && i < MORE_MAX; i++) {
        const json_t *j = items[i].article;
        const struct article_input in = input_of(j);
        struct article_options o = {.mode = ARTICLE_TITLES};
        struct article_output r;
        enum status st = kept_article(m->e->kept, j, &in, &o, m->a, &r, err);
        if (st != OK) {
            return st;
        }
        const char *lang = get(j, "language");
        size_t link = in.url.len ? plain_links_number(&m->links, in.url) : 0;
        struct str line = link ? arena_printf(m->a, "%.*s [%zu]", STR_ARG(r.title), link) : r.title;
        (void)json_array_append_new(more, json_pack("{s:s%, s:o, s:s, s:s, s:s, s:o, s:I}", "title", r.title.ptr,
                                                    r.title.len, "heading_text", in_lines(STR(""), line, lang), "url",
                                                    in.url.ptr, "lang", lang, "dir", dir_of(lang), "type",
                                                    edition_type(m->e, lang), "link_n", (json_int_t)link));
    }
    return OK;
}

/* The editor's note, written in Markdown: clean HTML, and text. */
static enum status note_view(struct maker *m, struct article_output *out, struct error *err) {
    struct article_input in = {.body = str_from(edition_setting(m->e, "note")),
                               .body_format = ARTICLE_MARKDOWN,
                               .lang = edition_setting(m->e, "language"),
                               .url = str_from(edition_setting(m->e, "site_url"))};
    struct article_options o = {.mode = ARTICLE_FULL, .images = IMAGES_NONE, .links = &m->links};
    *out = (struct article_output){0};
    return in.body.len ? article_render(&in, &o, m->a, out, err) : OK;
}

static struct str preheader(struct maker *m) {
    struct buf b = BUF_INIT, cut = BUF_INIT;
    size_t i;
    json_t *t;
    json_array_foreach(m->preheader, i, t) {
        buf_addf(&b, "%s%s", i ? " · " : "", json_string_value(t));
    }
    (void)summary_cut(buf_str(&b), edition_setting(m->e, "language"), PREHEADER_CHARS, &cut);
    struct str s = arena_str(m->a, buf_str(&cut));
    buf_release(&b);
    buf_release(&cut);
    return s.ptr ? s : STR("");
}

/* The newsletter's name, looks and logo. */
static json_t *newsletter_json(struct maker *m) {
    const struct edition *e = m->e;
    const char *logo = edition_setting(e, "logo"); /* one that is linked to */
    const struct edition_picture *p = embed(m, STR(LOGO_INPUT));
    int width = 0, height = 0;
    if (p) {
        logo = arena_printf(m->a, "cid:%.*s", STR_ARG(p->id)).ptr;
        width = p->frozen.width;
        height = p->frozen.height;
        /* shown at half its size, and no higher than the masthead bears */
        if (width > LOGO_WIDTH) {
            height = height * LOGO_WIDTH / width;
            width = LOGO_WIDTH;
        }
        if (height > LOGO_HEIGHT) {
            width = width * LOGO_HEIGHT / height;
            height = LOGO_HEIGHT;
        }
    }
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", edition_setting(e, "name"), "title",
                          edition_setting(e, "title"), "colour", edition_setting(e, "colour"), "logo", logo, "logo_alt",
                          edition_setting(e, "title"), "footer", edition_setting(e, "footer"), "list_id",
                          edition_setting(e, "list_id"));
    (void)json_object_set_new(
        j, "footer_text", in_lines(STR(""), str_from(edition_setting(e, "footer")), edition_setting(e, "language")));
    (void)json_object_set_new(j, "logo_width", p ? json_integer(width > 0 ? width : 1) : json_false());
    (void)json_object_set_new(j, "logo_height", p ? json_integer(height > 0 ? height : 1) : json_false());
    return j;
}

enum status edition_view(struct edition *e, const struct select_form *form, int64_t date, const int64_t *arrivals,
                         size_t n, struct arena *a, json_t **out, struct error *err) {
    struct maker m = {.e = e,
                      .a = a,
                      .preheader = json_array(),
                      .room = (size_t)edition_number(e, "images_size"),
                      .body = form->body == BODY_DEFAULT ? edition_number(e, "body") : form->body,
                      .single = n == 1};
    struct item *items = arena_alloc(a, (n ? n : 1) * sizeof *items);
    size_t count = 0, i;
    json_t *j, *topics = json_array(), *more = json_array(), *links = json_array();
    struct buf day = BUF_INIT;
    enum status st = OK;
    const char *language = form->language.len ? arena_cstr(a, form->language) : edition_setting(e, "language");
    const char *site = edition_setting(e, "language");
    json_t *colours = look_colours(edition_setting(e, "colour"));
    *out = NULL;
    m.dress = (struct dress){.link = look_link(colours), .line = LOOK_LINE};
    words_choose(e->words, language, &m.words);
    plain_links_init(&m.links, a);
    for (i = 0; i < e->pictures_n; i++) {
        e->pictures[i].used = false;
    }
    json_array_foreach(e->articles, i, j) {
        int64_t arrival = json_integer_value(json_object_get(j, "arrival"));
        if (count < n && bsearch(&arrival, arrivals, n, sizeof *arrivals, by_arrival)) {
            items[count++] = (struct item){.article = j,
                                           .topic = get(j, "topic"),
                                           .arrival = arrival,
                                           .published_at = json_integer_value(json_object_get(j, "published_at")),
                                           .pinned = json_is_true(json_object_get(j, "pinned"))};
        }
    }
    json_t *newsletter = newsletter_json(&m); /* its logo comes first in images_size */
    order_first(e, items, count);
    order_topics(e, items, count);
    qsort(items, count, sizeof *items, by_place);
    size_t max = (size_t)edition_number(e, "max_articles");
    size_t shown = count < max ? count : max;
    bool headings = false;
    for (i = 1; i < shown; i++) {
        headings |= strcmp(items[i].topic, items[0].topic) != 0;
    }
    if (!(m.dates = kept_dates(e->kept, language)) || !(m.numbers = kept_numbers(e->kept, language))) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    struct article_output note = {0};
    struct str subject = STR_NONE;
    if (edition_number(e, "date")) {
        date = edition_number(e, "date"); /* the issue's own, however late it goes */
    }
    if (st == OK && (st = note_view(&m, &note, err)) == OK &&
        (st = subject_of(e, items, count, a, &subject, err)) == OK &&
        (st = topics_view(&m, items, shown, headings, topics, err)) == OK &&
        (st = more_view(&m, items + shown, count - shown, more, err)) == OK) {
        size_t more_n = count - shown > MORE_MAX ? count - shown - MORE_MAX : 0;
        char iso[MOMENT_ISO_SIZE];
        moment_iso(date, iso);
        date_formatter_add(m.dates, date, e->zone, &day);
        for (i = 0; i < m.links.count; i++) {
            (void)json_array_append_new(links, json_pack("{s:I, s:s%}", "n", (json_int_t)(i + 1), "url",
                                                         m.links.urls[i].ptr, m.links.urls[i].len));
        }
        const char *base = edition_setting(e, "base_url");
        struct str archive = base[0] && edition_number(e, "archive")
                                 ? arena_printf(a, "%s/archive/%s", base, edition_setting(e, "name"))
                                 : STR("");
        struct str pre = preheader(&m);
        struct str number = digits((size_t)edition_number(e, "number"), m.numbers, a);
        struct buf note_html = BUF_INIT;
        m.dress.rtl = language_is_rtl(site);
        m.dress.raise = 2; /* it stands under the newsletter's name, articles under their topic's and their own */
        dress_html(note.body_html.ptr ? note.body_html : STR(""), &m.dress, &note_html);
        json_t *issue =
            json_pack("{s:s%, s:s%, s:s, s:s, s:s, s:s, s:s%, s:s%, s:s%}", "subject", subject.ptr, subject.len,
                      "preheader", pre.ptr, pre.len, "lang", language, "dir", dir_of(language), "date", buf_cstr(&day),
                      "date_iso", iso, "number", number.ptr, number.len, "note_html", buf_cstr(&note_html),
                      note_html.len, "note_text", note.body_text.ptr ? note.body_text.ptr : "", note.body_text.len);
        buf_release(&note_html);
        struct str left = more_n ? digits(more_n, m.numbers, a) : STR("");
        *out = json_pack("{s:{s:s, s:s, s:s, s:s, s:s}, s:O, s:o, s:s, s:s, s:o, s:o, s:O, s:O, s:O, s:s%, s:s, s:O}",
                         "site", "name", edition_setting(e, "site_name"), "url", edition_setting(e, "site_url"),
                         "postal_address", edition_setting(e, "postal_address"), "lang", site, "dir", dir_of(site),
                         "newsletter", newsletter, "issue", issue, "lang", language, "dir", dir_of(language), "type",
                         edition_type(e, language), "words", words_json(e, &m.words, m.numbers, more_n, a), "colours",
                         colours, "topics", topics, "more", more, "more_n", left.ptr, left.len, "archive_url",
                         archive.ptr, "links", links);
        (void)json_object_set_new(*out, "several", json_boolean(count > 1));
        if (!*out) {
            st = error_set(err, ERR_DATA, "a text of the issue isn't UTF-8");
        }
    }
    buf_release(&day);
    json_decref(m.preheader);
    json_decref(newsletter);
    json_decref(colours);
    json_decref(topics);
    json_decref(more);
    json_decref(links);
    return st;
}
