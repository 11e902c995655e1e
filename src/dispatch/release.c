#include "dispatch/release.h"

#include "base/log.h"
#include "digest/edition.h"
#include "digest/schedule.h"
#include "dispatch/alarm.h"
#include "dispatch/approval.h"
#include "dispatch/hours.h"
#include "dispatch/known.h"
#include "dispatch/readers.h"
#include "queue/draft.h"
#include "queue/release.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 4000, CHOICES_MAX = 1 << 18 };

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
    /* What a reader is due hangs on few things (where the spans begin and end, topics, language, form): readers who
     * share them share a rendition without selecting again. 0: nothing, or too little. */
    struct known *choices;
    struct known *keys; /* of renditions → their numbers */
    int64_t renditions;
    struct reader last; /* the one before, and what it got: most are alike */
    int64_t last_rendition;
    struct rendition_new *fresh;
    size_t fresh_n;
    bool failed; /* out of memory */
};

static void know_rendition(void *ctx, int64_t number, struct str key) {
    struct release *r = ctx;
    if (number > r->renditions) {
        r->renditions = number;
    }
    bool is_new;
    int64_t *known = known_number(r->keys, key, &is_new);
    r->failed |= !known;
    if (known) {
        *known = number;
    }
}

/* The number of the rendition for KEY; a new one is noted in FRESH for the chunk's transaction. 0: memory ran out. */
static int64_t rendition_of(struct release *r, struct str key, struct arena *chunk) {
    bool is_new;
    int64_t *number = known_number(r->keys, key, &is_new);
    r->failed |= !number;
    if (number && is_new) {
        *number = ++r->renditions;
        r->fresh[r->fresh_n++] = (struct rendition_new){*number, arena_str(chunk, key)};
    }
    return number ? *number : 0;
}

static int64_t select_new(struct release *r, const struct reader *reader, struct buf *key, struct arena *chunk) {
    struct select_reader sr = reader_select(reader, r->n);
    size_t min = r->n ? (size_t)r->n->min_articles : 1;
    buf_clear(key);
    for (size_t i = 0; i < reader->spans_n; i++) {
        buf_addf(key, "%lld-%lld,", (long long)reader->spans[i].from, (long long)reader->spans[i].to);
    }
    buf_addf(key, "|%.*s|%.*s|%d %d", STR_ARG(reader->topics), STR_ARG(reader->language), reader->text_only, sr.body);
    bool is_new;
    int64_t *number = known_number(r->choices, buf_str(key), &is_new);
    r->failed |= !number;
    if (number && is_new) {
        buf_clear(key);
        bool enough = select_key(r->articles, r->articles_n, &sr, key) >= min;
        *number = enough ? rendition_of(r, buf_str(key), chunk) : 0;
    }
    return number ? *number : 0;
}

/* The rendition that READER is due; 0: nothing, or too little. */
static int64_t select_one(struct release *r, const struct reader *reader, struct buf *key, struct arena *chunk) {
    if (!reader_alike(reader, &r->last)) {
        r->last_rendition = select_new(r, reader, key, chunk);
    }
    r->last = *reader; /* its slices live as long as the chunk */
    return r->last_rendition;
}

static enum status load(struct release *r, struct error *err) {
    struct issue_input *inputs;
    size_t n;
    r->choices = known_new(CHOICES_MAX);
    r->keys = known_new(0);
    r->fresh = calloc(CHUNK, sizeof *r->fresh);
    if (!r->choices || !r->keys || !r->fresh) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = rendition_each(r->s->queue, r->issue.id, know_rendition, r, err);
    if (st == OK) {
        st = issue_inputs(r->s->queue, r->issue.id, r->arena, &inputs, &n, err);
    }
    return st == OK ? edition_select_articles(inputs, n, r->arena, &r->articles, &r->articles_n, err) : st;
}

static enum status release_one(struct release *r, const volatile sig_atomic_t *stop, bool *finished,
                               struct error *err) {
    struct site *s = r->s;
    struct buf key = BUF_INIT;
    struct arena *a = arena_new();
    struct delivery_new *rows = calloc(CHUNK, sizeof *rows);
    struct readers chunk = {.last = r->issue.released_to};
    const struct readers_of of = {.newsletter = r->issue.newsletter,
                                  .store_newsletter = r->store_newsletter,
                                  .first_built_at = r->row.first_built_at,
                                  .above = r->issue.arrival_from,
                                  .to = r->issue.arrival_to,
                                  .zones = r->n && r->n->local_hour};
    struct hours *hours = NULL;
    int64_t now = clock_now(&s->clock);
    enum status st = a && rows ? load(r, err) : error_set(err, ERR_OS, "out of memory");
    *finished = false;
    if (st == OK) {
        int64_t hold = r->n ? r->n->hold_s : 0; /* time to stop it, from now on */
        st = delivery_release_begin(s->queue, r->issue.id, hold ? now + hold : 0, now, err);
    }
    if (st == OK) {
        st = hours_new(s, r->n, r->issue.due_at, &hours, err);
    }
    while (st == OK && !*finished && !(stop && *stop)) {
        size_t n = 0;
        arena_reset(a);
        r->last = (struct reader){0};
        r->fresh_n = 0;
        st = readers_next(s, &of, chunk.last, CHUNK, a, &chunk, err);
        for (size_t i = 0; i < chunk.n && st == OK; i++) {
            const struct reader *reader = &chunk.list[i];
            if (r->n && !reader_takes(reader, r->n, r->cadence)) {
                continue;
            }
            int64_t rendition = select_one(r, reader, &key, a);
            if (rendition) {
                int64_t due = hours ? hours_due(hours, reader->timezone) : 0;
                rows[n++] = (struct delivery_new){.subscriber = reader->subscriber,
                                                  .rendition = rendition,
                                                  .from = reader->from,
                                                  .mark = reader->mark,
                                                  .due_at = due > now ? due : 0,
                                                  .has_owed = reader->has_owed};
            }
        }
        if (r->failed && st == OK) {
            st = error_set(err, ERR_OS, "out of memory");
        }
        if (st == OK) {
            st = delivery_release_chunk(s->queue, r->issue.id, r->issue.newsletter, r->issue.arrival_to, rows, n,
                                        r->fresh, r->fresh_n, chunk.last, chunk.end, now, err);
            *finished = st == OK && chunk.end;
        }
        sql_checkpoint_if_large(queue_sql(s->queue));
    }
    hours_free(hours);
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
        bool intact = true;
        if ((open[i].state != ISSUE_APPROVED && open[i].state != ISSUE_RELEASING) ||
            (open[i].state == ISSUE_APPROVED && open[i].release_at > clock_now(&s->clock))) {
            continue;
        }
        if (open[i].state == ISSUE_APPROVED && (st = approval_check(s, &open[i], &intact, err)) == OK && !intact) {
            st = draft_unapprove(s->queue, open[i].id, err);
            char about[64], sentence[200];
            (void)snprintf(about, sizeof about, "approval %lld", (long long)open[i].id);
            (void)snprintf(sentence, sizeof sentence,
                           "issue %lld is not what was approved: this program renders it differently; look at it "
                           "('courant issue preview %lld') and approve it again",
                           (long long)open[i].id, (long long)open[i].id);
            log_warning("%s", sentence);
            alarm_raise(s, NULL, about, sentence);
        }
        if (st != OK || !intact) {
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
        known_free(r.choices);
        known_free(r.keys);
        free(r.fresh);
        arena_free(r.arena);
    }
    arena_free(a);
    return st;
}
