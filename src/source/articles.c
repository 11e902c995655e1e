#include "source/articles.h"

#include "base/buf.h"
#include "source/link.h"

enum status articles_columns(const struct query *q, struct arena *a, struct articles_columns *c, struct error *err) {
    const struct {
        const char *name;
        int *col;
    } known[] = {{"id", &c->id},
                 {"title", &c->title},
                 {"url", &c->url},
                 {"published_at", &c->published_at},
                 {"updated_at", &c->updated_at},
                 {"language", &c->language},
                 {"author", &c->author},
                 {"topic", &c->topic},
                 {"summary", &c->summary},
                 {"body", &c->body},
                 {"body_format", &c->body_format},
                 {"image_url", &c->image_url},
                 {"image_alt", &c->image_alt}};
    enum { REQUIRED = 4 };
    size_t n = sizeof known / sizeof *known;
    struct buf unknown = BUF_INIT;
    *c = (struct articles_columns){0};
    for (size_t i = 0; i < n; i++) {
        *known[i].col = query_column(q, known[i].name);
        if (i < REQUIRED && *known[i].col < 0) {
            return query_missing(q, known[i].name, err);
        }
    }
    for (int col = 0; col < query_columns(q); col++) {
        bool is_known = false;
        for (size_t i = 0; i < n; i++) {
            is_known = is_known || str_eq_nocase(str_from(query_name(q, col)), str_from(known[i].name));
        }
        if (!is_known && unknown.len < 400) {
            buf_adds(&unknown, unknown.len ? ", " : "");
            buf_adds(&unknown, query_name(q, col));
        }
    }
    c->unknown = unknown.len ? arena_str(a, buf_str(&unknown)) : STR_NONE;
    buf_release(&unknown);
    return OK;
}

static enum status bounded(struct str s, const char *what, size_t max, const char *shown, struct error *err) {
    return s.len > max ? error_set(err, ERR_DATA, "%s is longer than %s", what, shown) : OK;
}

static enum status read_format(struct cells *v, struct str s, enum article_format *out, struct error *err) {
    static const enum article_format formats[] = {ARTICLE_HTML, ARTICLE_MARKDOWN, ARTICLE_TEXT};
    s = cell_text(v, s);
    *out = ARTICLE_HTML;
    for (size_t i = 0; s.ptr && i < sizeof formats / sizeof *formats; i++) {
        if (str_eq_nocase(s, str_from(article_format_name(formats[i])))) {
            *out = formats[i];
            return OK;
        }
    }
    return s.ptr ? error_set(err, ERR_DATA, "body_format is not html, markdown or text") : OK;
}

static enum status read_link(struct cells *v, struct str s, struct str *out, struct error *err) {
    enum { LINK_MAX = 2048 };
    *out = STR_NONE;
    s = cell_text(v, s);
    if (!s.ptr) {
        return OK;
    }
    return s.len > LINK_MAX ? error_set(err, ERR_DATA, "is longer than 2 KB")
                            : link_resolve(s, v->url, v->row, out, err);
}

enum status articles_read(struct cells *v, struct query *q, const struct articles_columns *c, struct import_row *out,
                          struct error *err) {
    struct error why = {0};
    enum status st;
    v->kind = 0;
    *out = (struct import_row){.updated_at = INT64_MIN};
    out->title = cell_line(v, query_bytes(q, c->title));
    if (!out->title.ptr) {
        return error_set(err, ERR_DATA, "no title");
    }
    if ((st = read_link(v, query_bytes(q, c->url), &out->url, &why)) != OK) {
        return error_set(err, st, "url %s", why.text);
    }
    if ((st = cell_time(v, q, c->published_at, &out->published_at, &why)) != OK) {
        return error_set(err, st, "published_at %s", why.text);
    }
    if (cell_time(v, q, c->updated_at, &out->updated_at, NULL) != OK) {
        v->ignored[0][CELL_TIME]++;
    }
    if (read_link(v, query_bytes(q, c->image_url), &out->image_url, NULL) != OK) {
        out->image_url = STR_NONE;
        v->ignored[0][CELL_IMAGE]++;
    }
    out->language = cell_language(v, query_bytes(q, c->language));
    out->author = cell_line(v, query_bytes(q, c->author));
    out->topic = cell_line(v, query_bytes(q, c->topic));
    out->summary = cell_text(v, query_bytes(q, c->summary));
    out->body = cell_text(v, query_bytes(q, c->body));
    out->image_alt = cell_line(v, query_bytes(q, c->image_alt));
    if ((st = bounded(out->title, "title", 1024, "1 KB", err)) != OK ||
        (st = bounded(out->author, "author", 1024, "1 KB", err)) != OK ||
        (st = bounded(out->topic, "topic", 255, "255 bytes", err)) != OK ||
        (st = bounded(out->summary, "summary", 65536, "64 KB", err)) != OK ||
        (st = bounded(out->body, "body", 1 << 20, "1 MB", err)) != OK ||
        (st = bounded(out->image_alt, "image_alt", 1024, "1 KB", err)) != OK) {
        return st;
    }
    return read_format(v, query_bytes(q, c->body_format), &out->format, err);
}
