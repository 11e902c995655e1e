#include "dispatch/rights.h"

#include "base/sql.h"
#include "queue/erase.h"
#include "queue/held.h"
#include "store/erase.h"
#include "store/held.h"
#include "store/subscriber.h"
#include "text/address.h"

#include <stdlib.h>
#include <string.h>

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

struct dated {
    json_t *row;
    size_t place;
};

static int by_time(const void *a, const void *b) {
    const struct dated *x = a, *y = b;
    const char *p = json_string_value(json_object_get(x->row, "at"));
    const char *q = json_string_value(json_object_get(y->row, "at"));
    int order = strcmp(p ? p : "", q ? q : "");
    return order ? order : x->place < y->place ? -1 : 1;
}

/* What several rows of one person have in LIST, in the order of time. */
static enum status in_time(json_t *list, struct error *err) {
    size_t n = json_array_size(list);
    struct dated *rows = n ? malloc(n * sizeof *rows) : NULL;
    if (n && !rows) {
        return error_set(err, ERR_OS, "out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct dated){json_incref(json_array_get(list, i)), i};
    }
    if (n) {
        qsort(rows, n, sizeof *rows, by_time);
    }
    (void)json_array_clear(list);
    for (size_t i = 0; i < n; i++) {
        (void)json_array_append_new(list, rows[i].row);
    }
    free(rows);
    return OK;
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
    static const char *const dated[] = {"changes", "deliveries", "attempts"};
    for (size_t i = 0; i < sizeof dated / sizeof *dated && st == OK && n > 1; i++) {
        st = in_time(json_object_get(held, dated[i]), err);
    }
    if (st == OK) {
        *out = held;
    } else {
        json_decref(held);
    }
    arena_free(a);
    return st;
}
