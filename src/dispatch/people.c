#include "dispatch/people.h"

#include "queue/merge.h"
#include "queue/release.h"
#include "store/person.h"
#include "store/suppression.h"

static enum status is_erased(struct site *s, struct str key, struct arena *a, bool *erased, struct error *err) {
    char hashed[SUPPRESSION_ERASED_SIZE];
    struct suppression found;
    *erased = false;
    if (!s->erased_key) {
        return OK;
    }
    suppression_erased_key(s->erased_key, key, hashed);
    return suppression_get(s->store, str_from(hashed), a, erased, &found, err);
}

enum status people_barred(struct site *s, const struct address *address, struct arena *a, struct str *why,
                          struct error *err) {
    struct suppression found;
    bool there = false;
    *why = STR_NONE;
    enum status st = suppression_get(s->store, address->key, a, &there, &found, err);
    if (st == OK && there) {
        *why = arena_printf(a, "is suppressed (%s); 'courant suppress remove' first, if that is wanted",
                            suppression_reason_name(found.reason));
    } else if (st == OK && (st = is_erased(s, address->key, a, &there, err)) == OK && there) {
        *why = STR("asked to be erased; only the person can come back, by confirming an invitation");
    }
    return st;
}

enum status people_move(struct site *s, int64_t id, const struct address *address, bool merge, bool rehearse,
                        bool *changed, int64_t *merged, struct error *err) {
    struct arena *a = arena_new();
    struct subscriber other;
    bool taken = false, erased = false;
    int64_t now = clock_now(&s->clock);
    bool own = false;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    *changed = false;
    *merged = 0;
    if (st == OK && (st = subscriber_by_key(s->store, address->key, a, &taken, &other, err)) == OK) {
        taken = taken && other.id != id;
        st = is_erased(s, address->key, a, &erased, err);
    }
    if (st == OK && erased) {
        st = error_set(err, ERR_DATA, "the new address is that of a person who asked to be erased");
    } else if (st == OK && taken && !merge) {
        st = error_set(err, ERR_DATA,
                       "the new address is subscriber %lld's; --merge makes the two one, and the later word of both"
                       " counts",
                       (long long)other.id);
    }
    /* the queue first: after a crash between the two the same command does it again, and the mark is right already */
    if (st == OK && taken && !rehearse) {
        st = queue_merge(s->queue, other.id, id, err);
    }
    if (st == OK) {
        own = sqlite3_get_autocommit(sql_handle(store_sql(s->store))) != 0;
        st = own ? sql_begin(store_sql(s->store), err) : OK;
    }
    if (st == OK && taken && (st = person_merge(s->store, other.id, id, s->actor, now, err)) == OK) {
        *merged = other.id;
    }
    if (st == OK) {
        st = person_move(s->store, id, address->text, address->key, s->actor, now, changed, err);
    }
    if (own) {
        if (st == OK) {
            st = sql_commit(store_sql(s->store), err);
        }
        sql_rollback(store_sql(s->store));
    }
    arena_free(a);
    return st;
}

/* A suppression deletes what is owed. It does so at its end, in queue.db first: until then nobody asks, and a crash
 * between the two leaves the address suppressed. */
static enum status drop_owed(void *ctx, struct str key, struct error *err) {
    struct site *s = ctx;
    struct arena *a = arena_new();
    struct subscriber person;
    bool found = false;
    enum status st =
        a ? subscriber_by_key(s->store, key, a, &found, &person, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && found && person.status == SUBSCRIBER_SUPPRESSED) {
        st = delivery_owed_drop(s->queue, person.id, err);
    }
    arena_free(a);
    return st;
}

enum status people_release(struct site *s, struct str key, bool rehearse, bool *released, struct error *err) {
    enum status st = rehearse ? OK : drop_owed(s, key, err);
    return st == OK ? suppression_remove(s->store, key, s->actor, clock_now(&s->clock), released, err) : st;
}

enum status people_lapse(struct site *s, struct error *err) {
    return suppression_lapse(s->store, clock_now(&s->clock), drop_owed, s, err);
}
