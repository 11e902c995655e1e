/* What courant.db knows about a source as a whole: its last sync, whether it is held, what it refused. */
#ifndef STORE_IMPORT_STATE_H
#define STORE_IMPORT_STATE_H

#include "base/arena.h"
#include "store/import.h"
#include "store/store.h"

/* The id of the source NAME, made at first sight. */
enum status import_source(struct store *s, struct str name, int64_t *id, struct error *err);

/* What is known about a source as a whole. */
struct import_state {
    int64_t id;        /* 0: never synced */
    struct str stamp;  /* or absent */
    int64_t synced_at; /* 0: never */
    int64_t people, articles;
    struct str held; /* the sentence; or absent */
    int64_t held_at;
};
enum status import_state(struct store *s, struct str source, struct arena *a, struct import_state *out,
                         struct error *err);
/* *known: article ID of SOURCE was taken before. */
enum status import_has_article(struct store *s, int64_t source, struct str id, bool *known, struct error *err);
/* Notes that a sync was not applied and why. In a transaction of its own. */
enum status import_hold(struct store *s, struct str source, struct str stamp, struct str sentence, int64_t now,
                        struct error *err);

struct import_refused {
    int64_t n; /* to page by */
    enum import_kind kind;
    struct str id, reason;
};
/* At most LIMIT rows that SOURCE's last sync refused, with n above AFTER. */
enum status import_refused_list(struct store *s, struct str source, int64_t after, size_t limit, struct arena *a,
                                struct import_refused **rows, size_t *n, struct error *err);

#endif
