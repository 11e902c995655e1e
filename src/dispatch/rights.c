#include "dispatch/rights.h"

#include "base/sql.h"
#include "queue/erase.h"
#include "queue/held.h"
#include "store/erase.h"
#include "store/held.h"
#include "store/subscriber.h"
#include "text/address.h"

/* The rows of the person with KEY, or (KEY absent) of subscriber ID. */
static enum status find(struct site *s, struct str key, int64_t id, struct arena *a, struct erase_row **rows, size_t *n,
                        struct error *err) {
    struct subscriber person;
    bool found;
    enum status st = key.ptr ? subscriber_by_key(s->store, key, a, &found, &person, err)
                             : subscriber_get(s->store, id, a, &found, &person, err);
    *n = 0;
    if (st == OK && found) {
        st = erase_find(s->store, person.id, a, rows, n, err);
    } else if (st == OK && !key.ptr) {
        st = error_set(err, ERR_NOINPUT, "there is no subscriber %lld", (long long)id);
    }
    return st;
}

enum status rights_erase(struct site *s, struct str email, int64_t id, bool forget, bool *any, struct error *err) {
    struct arena *a = arena_new();
    struct address address = {.key = STR_NONE};
    struct erase_row *rows = NULL;
    size_t n = 0;
    struct erase_options o = {
        .erased_key = s->erased_key, .forget = forget, .actor = s->actor, .now = clock_now(&s->clock)};
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    *any = false;
    if (st == OK && email.ptr) {
        st = address_parse(email, a, &address, err);
    }
    if (st == OK) {
        st = find(s, address.key, id, a, &rows, &n, err);
    }
    /* queue.db first: as long as courant.db knows the address, a second try finds what a crash has left */
    if (st == OK && n == 0) {
        st = queue_erase(s->queue, -1, address.text, err);
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        st = queue_erase(s->queue, rows[i].id, rows[i].email, err);
    }
    if (st == OK) {
        st = erase_commit(s->store, rows, n, address.key, &o, any, err);
    }
    if (st == OK && ((st = sql_checkpoint(queue_sql(s->queue), err)) != OK ||
                     (st = sql_checkpoint(store_sql(s->store), err)) != OK)) {
        st = error_prefix(err, "erased, but the old pages are still in a write-ahead log; do it again when no run is "
                               "at work");
    }
    arena_free(a);
    return st;
}

enum status rights_access(struct site *s, struct str email, int64_t id, json_t **out, struct error *err) {
    struct arena *a = arena_new();
    struct address address = {.key = STR_NONE};
    struct erase_row *rows = NULL;
    size_t n = 0;
    json_t *held = json_object();
    enum status st = a && held ? OK : error_set(err, ERR_OS, "out of memory");
    *out = NULL;
    if (st == OK && email.ptr) {
        st = address_parse(email, a, &address, err);
    }
    if (st == OK && (st = find(s, address.key, id, a, &rows, &n, err)) == OK) {
        st = held_in_store(s->store, rows, n, address.key, s->erased_key, held, err);
    }
    if (st == OK && n == 0) {
        st = held_in_queue(s->queue, -1, address.text, held, err);
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        st = held_in_queue(s->queue, rows[i].id, rows[i].email, held, err);
    }
    if (st == OK) {
        *out = held;
    } else {
        json_decref(held);
    }
    arena_free(a);
    return st;
}
