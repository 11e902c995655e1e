#include "source/hand.h"

#include <stdio.h>

#include "source/articles.h"
#include "source/json_rows.h"
#include "source/page.h"
#include "source/query.h"
#include "store/hand.h"

enum { REFUSED_MAX = 1000, PATIENCE_S = 60 };

struct hand {
    struct store *s;
    const struct hand_options *o;
    struct source_report *r;
    int64_t now, *last;
    struct cells v;
    struct rows *rows;
};

static bool ends(const char *name, const char *end) {
    struct str s = str_from(name), e = str_from(end);
    return s.len >= e.len && str_eq_nocase(str_sub(s, s.len - e.len, s.len), e);
}

/* A heading, or a name, or standard input that begins like it. */
static bool is_lines(struct str text, const struct hand_options *o) {
    if (o->title.len || o->format.len) {
        return false;
    }
    struct str start = str_trim(text);
    return o->name ? ends(o->name, ".jsonl") || ends(o->name, ".ndjson") || ends(o->name, ".json")
                   : start.len && (start.ptr[0] == '{' || start.ptr[0] == '[');
}

static enum status read_lines(struct hand *h, struct str text, struct error *err) {
    FILE *in = text.len ? fmemopen((void *)text.ptr, text.len, "r") : NULL;
    if (!in) {
        return text.len ? error_set(err, ERR_OS, "out of memory") : OK;
    }
    enum status st = json_rows_read(in, IMPORT_ARTICLE, NULL, h->rows, err);
    (void)fclose(in);
    return st;
}

static void set(struct str *field, struct str value) {
    *field = value.ptr ? value : *field;
}

static enum status read_article(struct hand *h, struct str text, const struct config *c, struct error *err) {
    const struct hand_options *o = h->o;
    struct page_reader p = {.site_url = c->site.url, .zone = h->v.zone, .now = h->now, .by_hand = true, .a = h->v.keep};
    struct rows_article e;
    enum page_kind kind;
    bool expires;
    size_t line;
    const char *slash = o->name ? strrchr(o->name, '/') : NULL;
    struct str name = o->name ? str_from(slash ? slash + 1 : o->name) : STR("-.md");
    enum status st = page_read(&p, name, text, &e, &kind, &expires, &line, err);
    if (st != OK) {
        return error_prefix(err, "line %zu", line);
    }
    if (kind == PAGE_DRAFT) {
        return error_set(err, ERR_DATA, "its head says that it is a draft, or not to be published");
    }
    set(&e.id, o->id);
    set(&e.title, o->title);
    set(&e.url, o->url);
    set(&e.topic, o->topic);
    set(&e.language, o->language);
    set(&e.author, o->author);
    set(&e.summary, o->summary);
    set(&e.image_url, o->image);
    set(&e.image_alt, o->image_alt);
    e.published_text = o->date;
    e.body_format = o->format.len ? o->format.ptr : e.body_format;
    e.body = str_trim(e.body);
    return rows_add_article(h->rows, &e, err);
}

static int64_t hash_row(const struct import_row *r) {
    const struct str texts[] = {r->title,   r->url,  r->language,  r->author,   r->topic,
                                r->summary, r->body, r->image_url, r->image_alt};
    uint8_t out[HASH_SIZE];
    int64_t n;
    struct hash *h = hash_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hash_add_str(h, texts[i]);
    }
    hash_add_u64(h, (uint64_t)r->published_at);
    hash_add_u64(h, (uint64_t)r->updated_at);
    hash_add_u64(h, (uint64_t)r->format);
    hash_end(h, out);
    hash_free(h);
    memcpy(&n, out, sizeof n);
    return n;
}

static void refuse(struct hand *h, struct str id, const char *reason) {
    struct source_report *r = h->r;
    r->articles.refused++;
    if (!r->refused) {
        r->refused = arena_alloc(r->arena, REFUSED_MAX * sizeof *r->refused);
    }
    if (r->refused_n < REFUSED_MAX) {
        r->refused[r->refused_n++] = (struct source_refusal){IMPORT_ARTICLE, arena_str(r->arena, id),
                                                             arena_str(r->arena, str_from(reason)), true};
    }
}

static enum status take(struct hand *h, struct query *q, const struct articles_columns *c, struct error *err) {
    struct import_row row;
    struct error why = {0};
    struct str id = STR("");
    enum import_result result;
    enum status st = articles_read(&h->v, q, c, &row, &why);
    struct str given = query_bytes(q, c->id);
    if (st == OK && str_trim(given).len) {
        st = cell_id(&h->v, given, &id, &why);
    } else if (st == OK) {
        id = rows_id(row.url.len ? row.url : row.title, h->v.row);
    } else {
        id = str_sub(cell_line(&h->v, given), 0, 255);
    }
    if (st == ERR_DATA) {
        refuse(h, id, why.text);
        return OK;
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    row.id = id;
    row.hash = hash_row(&row);
    if ((st = hand_put(h->s, &row, h->o->actor, h->now, &result, h->last, err)) == OK) {
        *(result == IMPORT_NEW       ? &h->r->articles.added
          : result == IMPORT_CHANGED ? &h->r->articles.changed
                                     : &h->r->articles.unchanged) += 1;
    }
    return st;
}

static enum status take_all(struct hand *h, struct error *err) {
    struct query *q = NULL;
    struct articles_columns c;
    enum status st = query_open(rows_handle(h->rows), rows_query(h->rows, IMPORT_ARTICLE), PATIENCE_S, &q, err);
    if (st == OK) {
        st = articles_columns(q, h->v.keep, &c, err);
    }
    while (st == OK) {
        bool more;
        arena_reset(h->v.row);
        if ((st = query_step(q, &more, err)) != OK || !more) {
            break;
        }
        st = take(h, q, &c, err);
    }
    query_close(q);
    return st;
}

static enum status commit(struct hand *h, struct error *err) {
    struct sql *sql = store_sql(h->s);
    enum status st = sql_begin(sql, err);
    if (st == OK && (st = take_all(h, err)) == OK && (st = articles_arrive(h->s, h->now, NULL, err)) == OK &&
        !h->o->dry) {
        return sql_commit(sql, err);
    }
    (void)sql_rollback(sql);
    return st;
}

enum status hand_add(struct store *s, const struct config *c, const struct clock *clock, struct str text,
                     const struct hand_options *o, struct source_report *out, int64_t *last, struct error *err) {
    struct hand h = {.s = s, .o = o, .r = out, .now = clock_now(clock), .last = last};
    *last = 0;
    *out = (struct source_report){.read = true, .arena = arena_new()};
    if (!out->arena) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = cells_init(&h.v, c, err);
    if (st == OK && (st = rows_open(&h.rows, err)) == OK &&
        (st = is_lines(text, o) ? read_lines(&h, text, err) : read_article(&h, text, c, err)) == OK) {
        struct str ignored = rows_ignored(h.rows);
        if (ignored.ptr) {
            struct str *note = arena_alloc(out->arena, sizeof *note);
            *note = arena_printf(out->arena, "nothing is known about %.*s; ignored", STR_ARG(ignored));
            out->notes = note;
            out->notes_n = 1;
        }
        st = commit(&h, err);
    }
    rows_close(h.rows);
    cells_release(&h.v);
    return st;
}
