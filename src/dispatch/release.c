#include "dispatch/release.h"

#include "digest/edition.h"
#include "digest/schedule.h"
#include "dispatch/readers.h"
#include "queue/issue.h"
#include "queue/release.h"

#include <stdlib.h>

enum { CHUNK = 4000 };

/* What a reader is due hangs on few things: readers who share them share a rendition without selecting again. */
struct known {
    struct str short_key; /* from, owed, topics, language, format */
    int64_t rendition;    /* 0: nothing, or too little */
};

struct release {
    struct site *s;
    const struct config_newsletter *n;
    struct issue_row issue;
    enum config_schedule_kind cadence;
    struct queue_newsletter row;
    int64_t store_newsletter;
    struct select_article *articles;
    size_t articles_n;
    struct arena *arena; /* lives as long as the release */
    struct known *known; /* open addressing; KNOWN_MAX slots */
    size_t known_n;
    struct known *keys; /* rendition keys → numbers, likewise */
    size_t keys_n;
    int64_t renditions;
    struct reader last; /* the one before, and what it got: most are alike */
    int64_t last_rendition;
    struct rendition_new *fresh;
    size_t fresh_n;
};

enum { TABLE = 1 << 14 };

/* The entry of KEY, or the free one where it belongs; NULL when the table is full. */
static struct known *lookup(struct known *table, struct str key) {
    for (uint64_t i = 0, h = str_hash(key); i < TABLE; i++) {
        struct known *k = &table[(h + i) & (TABLE - 1)];
        if (!k->short_key.ptr || str_eq(k->short_key, key)) {
            return k;
        }
    }
    return NULL;
}

static void know_rendition(void *ctx, int64_t number, struct str key) {
    struct release *r = ctx;
    if (number > r->renditions) {
        r->renditions = number;
    }
    if (r->keys_n < TABLE / 2) {
        struct known *k = lookup(r->keys, key);
        *k = (struct known){arena_str(r->arena, key), number};
        r->keys_n++;
    }
}

/* The number of the rendition for KEY; a new one is noted in FRESH for the chunk's transaction. */
static int64_t rendition_of(struct release *r, struct str key) {
    struct known *k = lookup(r->keys, key);
    if (k && k->short_key.ptr) {
        return k->rendition;
    }
    struct str copy = arena_str(r->arena, key);
    r->fresh[r->fresh_n++] = (struct rendition_new){++r->renditions, copy};
    if (k && r->keys_n < TABLE / 2) {
        *k = (struct known){copy, r->renditions};
        r->keys_n++;
    }
    return r->renditions;
}

static bool alike(const struct reader *a, const struct reader *b) {
    return a->spans_n == 1 && b->spans_n == 1 && a->from == b->from && a->text_only == b->text_only &&
           a->body == b->body && str_eq(a->topics, b->topics) && !a->topics.ptr == !b->topics.ptr &&
           str_eq(a->language, b->language);
}

static int64_t select_new(struct release *r, const struct reader *reader, struct buf *key) {
    struct select_reader sr = reader_select(reader, r->n);
    size_t min = r->n ? (size_t)r->n->min_articles : 1;
    buf_clear(key);
    for (size_t i = 0; i < reader->spans_n; i++) {
        buf_addf(key, "%lld-%lld,", (long long)reader->spans[i].from, (long long)reader->spans[i].to);
    }
    buf_addf(key, "|%.*s|%.*s|%d %d", STR_ARG(reader->topics), STR_ARG(reader->language), reader->text_only, sr.body);
    struct known *k = r->known_n < TABLE / 2 ? lookup(r->known, buf_str(key)) : NULL;
    if (k && k->short_key.ptr) {
        return k->rendition;
    }
    if (k) {
        k->short_key = arena_str(r->arena, buf_str(key));
        r->known_n++;
    }
    buf_clear(key);
    int64_t number = 0;
    if (select_key(r->articles, r->articles_n, &sr, key) >= min) {
        number = rendition_of(r, buf_str(key));
    }
    if (k) {
        k->rendition = number;
    }
    return number;
}

/* The rendition that READER is due; 0: nothing, or too little. */
static int64_t select_one(struct release *r, const struct reader *reader, struct buf *key) {
    if (!alike(reader, &r->last)) {
        r->last_rendition = select_new(r, reader, key);
    }
    r->last = *reader; /* its slices live as long as the chunk */
    return r->last_rendition;
}

static enum status load(struct release *r, struct error *err) {
    struct issue_input *inputs;
    size_t n;
    r->known = calloc(TABLE, sizeof *r->known);
    r->keys = calloc(TABLE, sizeof *r->keys);
    r->fresh = calloc(CHUNK, sizeof *r->fresh);
    if (!r->known || !r->keys || !r->fresh) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = rendition_each(r->s->queue, r->issue.id, know_rendition, r, err);
    if (st == OK) {
        st = issue_inputs(r->s->queue, r->issue.id, r->arena, &inputs, &n, err);
    }
    if (st != OK) {
        return st;
    }
    r->articles = arena_alloc(r->arena, (n + 1) * sizeof *r->articles);
    for (size_t i = 0; i < n && st == OK; i++) {
        if (inputs[i].kind == ISSUE_ARTICLE) {
            struct select_article *a = &r->articles[r->articles_n++];
            a->arrival = inputs[i].position;
            st = edition_article_select(&inputs[i], r->arena, &a->topic, &a->language, err);
        }
    }
    return st;
}

static enum status release_one(struct release *r, const volatile sig_atomic_t *stop, bool *finished,
                               struct error *err) {
    struct site *s = r->s;
    struct buf key = BUF_INIT;
    struct arena *a = arena_new();
    struct delivery_new *rows = calloc(CHUNK, sizeof *rows);
    struct readers chunk = {.last = r->issue.released_to};
    int64_t now = clock_now(&s->clock);
    enum status st = a && rows ? load(r, err) : error_set(err, ERR_OS, "out of memory");
    *finished = false;
    if (st == OK) {
        st = delivery_release_begin(s->queue, r->issue.id, now, err);
    }
    while (st == OK && !*finished && !(stop && *stop)) {
        size_t n = 0;
        arena_reset(a);
        r->last = (struct reader){0};
        r->fresh_n = 0;
        st = readers_next(s, r->issue.newsletter, r->store_newsletter, r->row.first_built_at, r->issue.arrival_to,
                          chunk.last, CHUNK, a, &chunk, err);
        for (size_t i = 0; i < chunk.n && st == OK; i++) {
            const struct reader *reader = &chunk.list[i];
            if (r->n && !reader_takes(reader, r->n, r->cadence)) {
                continue;
            }
            int64_t rendition = select_one(r, reader, &key);
            if (rendition) {
                rows[n++] = (struct delivery_new){reader->subscriber, rendition, reader->from, reader->has_owed};
            }
        }
        if (st == OK) {
            st = delivery_release_chunk(s->queue, r->issue.id, r->issue.newsletter, r->issue.arrival_to, rows, n,
                                        r->fresh, r->fresh_n, chunk.last, chunk.end, now, err);
            *finished = st == OK && chunk.end;
        }
        sql_checkpoint_if_large(queue_sql(s->queue));
    }
    buf_release(&key);
    free(rows);
    arena_free(a);
    return st;
}

enum status release_all(struct site *s, const volatile sig_atomic_t *stop, int64_t *released, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row *open;
    size_t n = 0;
    *released = 0;
    enum status st = a ? issue_open(s->queue, a, &open, &n, err) : error_set(err, ERR_OS, "out of memory");
    for (size_t i = 0; i < n && st == OK && !(stop && *stop); i++) {
        if (open[i].state != ISSUE_APPROVED && open[i].state != ISSUE_RELEASING) {
            continue;
        }
        struct release r = {.s = s, .issue = open[i], .arena = arena_new()};
        const char *name = arena_cstr(a, open[i].newsletter_name);
        const char *cadence = arena_cstr(a, open[i].cadence);
        bool finished = false;
        r.n = config_newsletter_named(s->config, name);
        while (strcmp(schedule_cadence_name(r.cadence), cadence) != 0 && r.cadence < CONFIG_SCHEDULE_MANUAL) {
            r.cadence++;
        }
        st = r.arena ? queue_newsletter(s->queue, name, 0, &r.row, err) : error_set(err, ERR_OS, "out of memory");
        if (st == OK && (st = store_newsletter(s->store, open[i].newsletter_name, clock_now(&s->clock),
                                               &r.store_newsletter, NULL, err)) == OK) {
            st = release_one(&r, stop, &finished, err);
        }
        if (st == ERR_DATA) {
            st = OK; /* paused or cancelled meanwhile: not this run's to finish */
        }
        *released += finished;
        free(r.known);
        free(r.keys);
        free(r.fresh);
        arena_free(r.arena);
    }
    arena_free(a);
    return st;
}
