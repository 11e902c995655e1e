#include "dispatch/shelf.h"

#include "digest/edition.h"

#include <stdlib.h>

enum { EDITIONS = 4, PLACES = 4096 };

struct place {
    int64_t issue, number;
    struct message_rendition *rendition;
    uint64_t used;
    size_t memory;
};

struct shelf {
    struct site *site;
    size_t limit, memory;
    bool record;
    uint64_t tick;
    struct place *places; /* PLACES of them, by hash with a few neighbours */
    struct {
        int64_t issue, revision, date;
        struct edition *edition;
        uint64_t used;
    } editions[EDITIONS];
};

enum status shelf_new(struct site *s, size_t limit_bytes, bool record, struct shelf **out, struct error *err) {
    struct shelf *sh = calloc(1, sizeof *sh);
    *out = NULL;
    if (!sh || !(sh->places = calloc(PLACES, sizeof *sh->places))) {
        free(sh);
        return error_set(err, ERR_OS, "out of memory");
    }
    sh->site = s;
    sh->limit = limit_bytes;
    sh->record = record;
    *out = sh;
    return OK;
}

static void clear(struct shelf *sh, struct place *p) {
    if (p->rendition) {
        sh->memory -= p->memory;
        message_rendition_free(p->rendition);
        *p = (struct place){0};
    }
}

void shelf_free(struct shelf *sh) {
    if (!sh) {
        return;
    }
    for (size_t i = 0; i < PLACES; i++) {
        clear(sh, &sh->places[i]);
    }
    for (size_t i = 0; i < EDITIONS; i++) {
        edition_free(sh->editions[i].edition);
    }
    free(sh->places);
    free(sh);
}

static enum status edition_of(struct shelf *sh, int64_t issue, int64_t revision, struct edition **out, int64_t *date,
                              struct error *err) {
    size_t oldest = 0;
    for (size_t i = 0; i < EDITIONS; i++) {
        if (sh->editions[i].edition && sh->editions[i].issue == issue && sh->editions[i].revision == revision) {
            sh->editions[i].used = ++sh->tick;
            *out = sh->editions[i].edition;
            *date = sh->editions[i].date;
            return OK;
        }
        if (sh->editions[i].used < sh->editions[oldest].used) {
            oldest = i;
        }
    }
    struct arena *a = arena_new();
    struct issue_row row;
    enum status st = a ? issue_get(sh->site->queue, issue, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        *date = row.released_at;
        if ((st = edition_load(sh->site->queue, issue, revision, out, err)) == OK) {
            edition_free(sh->editions[oldest].edition);
            sh->editions[oldest].edition = *out;
            sh->editions[oldest].issue = issue;
            sh->editions[oldest].revision = revision;
            sh->editions[oldest].date = *date;
            sh->editions[oldest].used = ++sh->tick;
        }
    }
    arena_free(a);
    return st;
}

static enum status make(struct shelf *sh, int64_t issue, int64_t number, struct message_rendition **out,
                        struct error *err) {
    struct arena *a = arena_new();
    struct edition *e;
    struct str key, recorded;
    int64_t date, revision;
    *out = NULL;
    enum status st = a ? rendition_get(sh->site->queue, issue, number, a, &key, &recorded, &revision, err)
                       : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = edition_of(sh, issue, revision, &e, &date, err)) == OK &&
        (st = edition_render(e, key, date, out, err)) == OK &&
        (st = signing_keys_usable(&sh->site->signing, message_rendition_domain(*out), err)) == OK) {
        uint8_t hash[32];
        message_rendition_hash(*out, hash);
        struct str now = {(const char *)hash, sizeof hash};
        if (!recorded.len) {
            st = sh->record ? rendition_set_hash(sh->site->queue, issue, number, now, err) : OK;
        } else if (!str_eq(now, recorded)) {
            st =
                error_set(err, ERR_SOFTWARE,
                          "issue %lld would not be what others got of it: this program renders it differently from "
                          "the one that began; finish it with that one, or cancel it (its articles come with the next)",
                          (long long)issue);
        }
    }
    if (st != OK) {
        message_rendition_free(*out);
        *out = NULL;
    }
    arena_free(a);
    return st;
}

enum status shelf_get(struct shelf *sh, int64_t issue, int64_t number, struct message_rendition **out,
                      struct error *err) {
    enum { NEAR = 8 };
    size_t at = (size_t)((uint64_t)issue * 2654435761u + (uint64_t)number) % PLACES;
    struct place *victim = &sh->places[at];
    *out = NULL;
    for (size_t i = 0; i < NEAR; i++) {
        struct place *p = &sh->places[(at + i) % PLACES];
        if (p->rendition && p->issue == issue && p->number == number) {
            p->used = ++sh->tick;
            *out = message_rendition_ref(p->rendition);
            return OK;
        }
        if (p->used < victim->used) {
            victim = p;
        }
    }
    enum status st = make(sh, issue, number, out, err);
    if (st != OK) {
        return st;
    }
    clear(sh, victim);
    *victim = (struct place){issue, number, message_rendition_ref(*out), ++sh->tick, message_rendition_memory(*out)};
    sh->memory += victim->memory;
    while (sh->memory > sh->limit) {
        struct place *oldest = NULL;
        for (size_t i = 0; i < PLACES; i++) {
            if (sh->places[i].rendition && (!oldest || sh->places[i].used < oldest->used)) {
                oldest = &sh->places[i];
            }
        }
        if (!oldest) {
            break;
        }
        clear(sh, oldest); /* those in use live on by their own references */
    }
    return OK;
}
