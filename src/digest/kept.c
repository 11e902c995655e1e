#include "digest/kept.h"

#include <stdint.h>
#include <stdlib.h>

enum { LANGUAGES = 8, URLS_MAX = 64 };

/* A picture that O's function was asked for, and what it gave. */
struct asked {
    struct str url, got;
};

struct entry {
    const json_t *frozen; /* NULL: free */
    enum article_mode mode;
    enum status status; /* ERR_DATA: WHY it can't be rendered */
    const char *why;
    struct article_output out;
    bool numbered; /* its text has numbers of links, which are others in each rendition */
    struct asked *asked;
    size_t asked_n;
};

struct kept {
    struct arena *arena;
    struct entry *entries; /* open addressing; SLOTS is a power of two */
    size_t slots, n;
    struct formatters {
        char lang[64];
        struct date_formatter *dates; /* NULL: a free place */
        struct numbers *numbers;
    } languages[LANGUAGES];
    size_t next; /* whose place the next language takes */
};

struct kept *kept_new(void) {
    struct kept *k = calloc(1, sizeof *k);
    if (!k || !(k->arena = arena_new())) {
        free(k);
        return NULL;
    }
    return k;
}

void kept_free(struct kept *k) {
    if (!k) {
        return;
    }
    for (size_t i = 0; i < LANGUAGES; i++) {
        date_formatter_close(k->languages[i].dates);
        numbers_close(k->languages[i].numbers);
    }
    free(k->entries);
    arena_free(k->arena);
    free(k);
}

static struct formatters *formatters(struct kept *k, const char *lang) {
    size_t i = 0;
    while (i < LANGUAGES && (!k->languages[i].dates || strcmp(k->languages[i].lang, lang) != 0)) {
        i++;
    }
    if (i == LANGUAGES) {
        i = k->next;
        k->next = (k->next + 1) % LANGUAGES;
        struct formatters *f = &k->languages[i];
        date_formatter_close(f->dates);
        numbers_close(f->numbers);
        size_t n = strlen(lang);
        bool fits = n < sizeof f->lang;
        f->dates = date_formatter_open(lang, DATE_DAY);
        f->numbers = numbers_open(lang);
        /* one too long to be a language is not found again */
        memcpy(f->lang, fits ? lang : "?", fits ? n + 1 : 2);
    }
    return &k->languages[i];
}

struct date_formatter *kept_dates(struct kept *k, const char *lang) {
    return formatters(k, lang)->dates;
}

const struct numbers *kept_numbers(struct kept *k, const char *lang) {
    return formatters(k, lang)->numbers;
}

/* The entry of an article in MODE, or the free one where it belongs. */
static struct entry *lookup(struct entry *entries, size_t slots, const json_t *frozen, enum article_mode mode) {
    size_t i = (size_t)(((uint64_t)(uintptr_t)frozen / 16 + (uint64_t)mode) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (;; i++) {
        struct entry *e = &entries[i & (slots - 1)];
        if (!e->frozen || (e->frozen == frozen && e->mode == mode)) {
            return e;
        }
    }
}

/* Room for one more; false when memory ran out. */
static bool grow(struct kept *k) {
    size_t slots = k->slots ? k->slots * 2 : 128;
    if (k->n * 2 < k->slots) {
        return true;
    }
    struct entry *more = calloc(slots, sizeof *more);
    if (!more) {
        return false;
    }
    for (size_t i = 0; i < k->slots; i++) {
        if (k->entries[i].frozen) {
            *lookup(more, slots, k->entries[i].frozen, k->entries[i].mode) = k->entries[i];
        }
    }
    free(k->entries);
    k->entries = more;
    k->slots = slots;
    return true;
}

/* Stands between a rendering and O's function. */
struct recorder {
    const struct article_options *o;
    struct arena *a;
    struct asked asked[URLS_MAX];
    size_t n; /* beyond URLS_MAX: too many to be kept */
};

static struct str record(void *arg, struct str url) {
    struct recorder *r = arg;
    struct str got = r->o->picture ? r->o->picture(r->o->picture_arg, url) : STR_NONE;
    if (r->n < URLS_MAX) {
        r->asked[r->n] = (struct asked){arena_str(r->a, url), got};
    }
    r->n++;
    return got;
}

/* Asks O's function again, as rendering anew would: what it counts and notes comes out alike. False: it gives other
 * pictures this time. */
static bool same_pictures(const struct entry *e, const struct article_options *o) {
    for (size_t i = 0; i < e->asked_n; i++) {
        struct str got = o->picture ? o->picture(o->picture_arg, e->asked[i].url) : STR_NONE;
        if (!str_eq(got, e->asked[i].got)) {
            return false;
        }
    }
    return true;
}

static enum status from_entry(const struct entry *e, const struct article_input *in, const struct article_options *o,
                              struct arena *a, struct article_output *out, struct error *err) {
    *out = e->out;
    if (e->status != OK) {
        return error_set(err, e->status, "%s", e->why);
    }
    if (e->numbered) {
        struct plain_options po = {.lang = in->lang};
        struct buf text = BUF_INIT;
        enum status st = plain_from_html(e->out.body_html, &po, o->links, &text, err);
        out->body_text = arena_str(a, buf_str(&text));
        if (st == OK && text.failed) {
            st = error_set(err, ERR_OS, "out of memory");
        }
        buf_release(&text);
        return st;
    }
    return OK;
}

static void keep(struct kept *k, const json_t *frozen, enum article_mode mode, enum status status, const char *why,
                 const struct article_output *out, const struct recorder *r) {
    struct entry *e = lookup(k->entries, k->slots, frozen, mode);
    *e = (struct entry){.frozen = frozen, .mode = mode, .status = status};
    e->why = status == OK ? NULL : arena_cstr(k->arena, str_from(why));
    e->out = (struct article_output){.title = arena_str(k->arena, out->title),
                                     .body_html = arena_str(k->arena, out->body_html),
                                     .shortened = out->shortened};
    e->numbered = mode == ARTICLE_FULL && str_search(out->body_html, STR("<a "), 0) < out->body_html.len;
    if (!e->numbered) {
        e->out.body_text = arena_str(k->arena, out->body_text);
    }
    e->asked_n = r->n;
    e->asked = arena_alloc(k->arena, (r->n + 1) * sizeof *e->asked);
    for (size_t i = 0; i < r->n; i++) {
        e->asked[i] = (struct asked){arena_str(k->arena, r->asked[i].url), arena_str(k->arena, r->asked[i].got)};
    }
    k->n++;
}

enum status kept_article(struct kept *k, const json_t *frozen, const struct article_input *in,
                         const struct article_options *o, struct arena *a, struct article_output *out,
                         struct error *err) {
    struct entry *e = k->slots ? lookup(k->entries, k->slots, frozen, o->mode) : NULL;
    struct error why = {.text = ""};
    if (e && e->frozen && same_pictures(e, o)) {
        return from_entry(e, in, o, a, out, err);
    }
    bool is_new = !e || !e->frozen;
    struct recorder r = {.o = o, .a = a};
    struct article_options recorded = *o;
    recorded.picture = record;
    recorded.picture_arg = &r;
    enum status st = article_render(in, &recorded, a, out, &why);
    if ((st == OK || st == ERR_DATA) && is_new && r.n <= URLS_MAX && arena_used(k->arena) < KEPT_MAX && grow(k)) {
        keep(k, frozen, o->mode, st, why.text, out, &r);
    }
    return st == OK ? OK : error_set(err, st, "%s", why.text);
}
