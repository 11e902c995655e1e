#include "queue/issue.h"

#include "base/stop.h"
#include "queue/delivery.h"
#include "queue/queue_internal.h"

#include <openssl/evp.h>

static struct str opt(struct arena *a, sqlite3_stmt *s, int col) {
    return arena_str(a, sql_str(s, col));
}

static struct issue_row row_from(sqlite3_stmt *s, struct arena *a) {
    return (struct issue_row){.id = sql_int(s, 0),
                              .newsletter = sql_int(s, 1),
                              .newsletter_name = opt(a, s, 2),
                              .cadence = opt(a, s, 3),
                              .due_at = sql_int(s, 4),
                              .number = sql_int(s, 5),
                              .state = (enum issue_state)sql_int(s, 6),
                              .built_at = sql_int(s, 7),
                              .released_at = sql_int(s, 8),
                              .arrival_to = sql_int(s, 9),
                              .subject = opt(a, s, 10),
                              .language = opt(a, s, 11),
                              .articles = sql_int(s, 12),
                              .hold_until = sql_int(s, 13),
                              .released_to = sql_int(s, 14),
                              .released = sql_int(s, 15) != 0,
                              .relays = opt(a, s, 16),
                              .done_at = sql_int(s, 17),
                              .claimed_to = sql_int(s, 18),
                              .release_at = sql_int(s, 19),
                              .deadline = sql_int(s, 20),
                              .mailed_at = sql_int(s, 21),
                              .reminded_at = sql_int(s, 22),
                              .approved = opt(a, s, 23),
                              .revision = sql_int(s, 24),
                              .corrects = sql_int(s, 25),
                              .arrival_from = sql_int(s, 26)};
}

enum status issue_freeze_content(struct queue *q, struct str content, unsigned char hash[32], struct error *err) {
    unsigned len = 32;
    if (!EVP_Digest(content.ptr, content.len, hash, &len, EVP_sha256(), NULL)) {
        return error_set(err, ERR_SOFTWARE, "SHA-256 failed");
    }
    sqlite3_stmt *s = queue_stmt(q, Q_FROZEN_ADD);
    sql_bind(s, "bb", ((struct str){(const char *)hash, len}), content);
    return sql_run(q->db, s, err);
}

enum status issue_add_inputs(struct queue *q, int64_t issue, const struct issue_input *inputs, size_t n,
                             struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        unsigned char hash[32];
        struct str h = {(const char *)hash, sizeof hash};
        if ((st = issue_freeze_content(q, inputs[i].content, hash, err)) != OK) {
            break;
        }
        sqlite3_stmt *s = queue_stmt(q, Q_INPUT_ADD);
        sql_bind(s, "iiisb", issue, (int64_t)inputs[i].kind, inputs[i].position, inputs[i].name, h);
        st = sql_run(q->db, s, err);
    }
    return st;
}

enum status issue_add(struct queue *q, struct issue_row *row, int64_t since, int64_t done_until,
                      const struct issue_input *inputs, size_t n, enum issue_added *added, struct error *err) {
    *added = ISSUE_ADDED;
    enum status st = sql_begin(q->db, err);
    if (st != OK) {
        return st;
    }
    int64_t id = 0;
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_BY_DUE);
    sql_bind(s, "isi", row->newsletter, row->cadence, row->due_at);
    if ((st = sql_run_int(q->db, s, &id, err)) != OK) {
        goto done;
    }
    if (!id) {
        s = queue_stmt(q, Q_ISSUE_UNRELEASED);
        sql_bind(s, "is", row->newsletter, row->cadence);
        if ((st = sql_run_int(q->db, s, &id, err)) != OK) {
            goto done;
        }
    }
    if (id) {
        row->id = id;
        *added = ISSUE_EXISTED;
        goto done;
    }
    int64_t numbers = 0;
    s = queue_stmt(q, Q_NEWSLETTER_NUMBERS);
    sql_bind(s, "i", row->newsletter);
    if ((st = sql_run_int(q->db, s, &numbers, err)) != OK) {
        goto done;
    }
    if (row->number != numbers + 1) {
        *added = ISSUE_OUTDATED;
        goto done;
    }
    s = queue_stmt(q, Q_NEWSLETTER_BUILT);
    sql_bind(s, "iii", row->newsletter, row->built_at, since);
    if ((st = sql_run(q->db, s, err)) != OK) {
        goto done;
    }
    s = queue_stmt(q, Q_ISSUE_ADD);
    sql_bind(s, "isiiiiissiis", row->newsletter, row->cadence, row->due_at, row->number, (int64_t)row->state,
             row->built_at, row->arrival_to, row->subject, row->language, row->articles, row->hold_until, row->relays);
    if (s) {
        (void)sqlite3_bind_int64(s, 15, row->arrival_from);
    }
    if (s && row->release_at) {
        (void)sqlite3_bind_int64(s, 13, row->release_at);
    }
    if (s && row->deadline) {
        (void)sqlite3_bind_int64(s, 14, row->deadline);
    }
    if ((st = sql_run(q->db, s, err)) != OK) {
        goto done;
    }
    row->id = sqlite3_last_insert_rowid(sql_handle(q->db));
    if ((st = issue_add_inputs(q, row->id, inputs, n, err)) != OK) {
        goto done;
    }
    if (done_until) {
        s = queue_stmt(q, Q_CADENCE_SET);
        sql_bind(s, "isi", row->newsletter, row->cadence, done_until);
        st = sql_run(q->db, s, err);
    }
done:
    if (st == OK && *added == ISSUE_ADDED) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    return st;
}

enum status issue_get(struct queue *q, int64_t id, struct arena *a, struct issue_row *out, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_GET);
    bool row;
    sql_bind(s, "i", id);
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && !row) {
        return error_set(err, ERR_NOINPUT, "there is no issue %lld; 'courant issue list' shows those there are",
                         (long long)id);
    }
    if (st == OK) {
        *out = row_from(s, a);
        (void)sqlite3_reset(s);
    }
    return st;
}

static enum status collect(struct queue *q, sqlite3_stmt *s, size_t max, struct arena *a, struct issue_row **rows,
                           size_t *n, struct error *err) {
    bool row;
    enum status st;
    *rows = arena_alloc(a, max * sizeof **rows);
    *n = 0;
    while ((st = sql_step(q->db, s, &row, err)) == OK && row && *n < max) {
        (*rows)[(*n)++] = row_from(s, a);
    }
    (void)sqlite3_reset(s);
    return st;
}

enum status issue_page(struct queue *q, int64_t after, struct arena *a, struct issue_row **rows, size_t *n,
                       struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_LIST);
    sql_bind(s, "i", after);
    return collect(q, s, 100, a, rows, n, err);
}

enum status issue_open(struct queue *q, struct arena *a, struct issue_row **rows, size_t *n, struct error *err) {
    return collect(q, queue_stmt(q, Q_ISSUE_OPEN), 1000, a, rows, n, err);
}

enum status issue_counts(struct queue *q, int64_t id, int64_t counts[DELIVERY_STATES], struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, id < 0 ? Q_COUNT_ALL : Q_COUNT_GET);
    bool row;
    enum status st;
    memset(counts, 0, DELIVERY_STATES * sizeof *counts);
    if (id >= 0) {
        sql_bind(s, "i", id);
    }
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        int64_t state = sql_int(s, 0);
        if (state >= 0 && state < DELIVERY_STATES) {
            counts[state] = sql_int(s, 1);
        }
    }
    return st;
}

enum status issue_inputs(struct queue *q, int64_t id, struct arena *a, struct issue_input **inputs, size_t *n,
                         struct error *err) {
    int64_t revision = 1;
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_REVISION);
    sql_bind(s, "i", id);
    enum status st = sql_run_int(q->db, s, &revision, err);
    return st == OK ? issue_inputs_of(q, id, revision, a, inputs, n, err) : st;
}

enum status issue_inputs_of(struct queue *q, int64_t id, int64_t revision, struct arena *a, struct issue_input **inputs,
                            size_t *n, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, revision > 1 ? Q_REVISION_LIST : Q_INPUT_LIST);
    bool row;
    enum status st;
    size_t cap = 64;
    *inputs = arena_alloc(a, cap * sizeof **inputs);
    *n = 0;
    sql_bind(s, "i", id);
    if (s && revision > 1) {
        (void)sqlite3_bind_int64(s, 2, revision);
    }
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        if (*n == cap) {
            struct issue_input *more = arena_alloc(a, cap * 2 * sizeof *more);
            memcpy(more, *inputs, cap * sizeof *more);
            *inputs = more;
            cap *= 2;
        }
        (*inputs)[(*n)++] = (struct issue_input){.kind = (enum issue_input_kind)sql_int(s, 0),
                                                 .position = sql_int(s, 1),
                                                 .name = opt(a, s, 2),
                                                 .content = arena_str(a, sql_str(s, 3))};
    }
    return st;
}

enum status issue_unreleased(struct queue *q, int64_t newsletter, const char *cadence, int64_t *id, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_UNRELEASED);
    sql_bind(s, "iz", newsletter, cadence);
    *id = 0;
    return sql_run_int(q->db, s, id, err);
}

enum status issue_last_built(struct queue *q, int64_t *out, struct error *err) {
    *out = 0;
    return sql_run_int(q->db, queue_stmt(q, Q_ISSUE_LAST), out, err);
}

/* Moves ISSUE from one of the states in FROM (terminated by -1) to TO; ERR_DATA when it is in none of them. */
static enum status move(struct queue *q, int64_t id, const int *from, enum issue_state to, const char *verb,
                        struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row;
    enum status st = a ? issue_get(q, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        st = error_set(err, ERR_DATA, "issue %lld is %s and can't be %s", (long long)id, issue_state_name(row.state),
                       verb);
        for (; *from >= 0; from++) {
            sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_STATE);
            sql_bind(s, "iii", id, (int64_t)to, (int64_t)*from);
            struct error e;
            if (sql_run(q->db, s, &e) != OK) {
                st = error_set(err, e.status, "%s", e.text);
                break;
            }
            if (sqlite3_changes(sql_handle(q->db)) == 1) {
                st = OK;
                break;
            }
        }
    }
    arena_free(a);
    return st;
}

enum status issue_pause(struct queue *q, int64_t id, struct error *err) {
    return move(q, id, (const int[]){ISSUE_SENDING, ISSUE_RELEASING, ISSUE_PAUSED, -1}, ISSUE_PAUSED, "paused", err);
}

enum status issue_resume(struct queue *q, int64_t id, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    enum status st = a ? issue_get(q, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    arena_free(a);
    if (st == OK) {
        enum issue_state to = row.released ? ISSUE_SENDING : ISSUE_RELEASING;
        st = move(q, id, (const int[]){ISSUE_PAUSED, ISSUE_RELEASING, ISSUE_SENDING, -1}, to, "resumed", err);
    }
    return st;
}

enum status issue_drop(struct queue *q, int64_t id, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    enum status st = a ? issue_get(q, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    arena_free(a);
    if (st == OK && row.state != ISSUE_DRAFT && row.state != ISSUE_APPROVED) {
        st = error_set(err, ERR_DATA, "issue %lld is %s; 'courant issue cancel %lld' stops what is being sent",
                       (long long)id, issue_state_name(row.state), (long long)id);
    }
    if (st != OK || (st = sql_begin(q->db, err)) != OK) {
        return st;
    }
    static const enum queue_statement steps[] = {Q_INPUT_DROP, Q_REVISION_DROP, Q_PURGE_RENDITIONS, Q_ISSUE_DROP};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && st == OK; i++) {
        sqlite3_stmt *s = queue_stmt(q, steps[i]);
        sql_bind(s, "i", id);
        st = sql_run(q->db, s, err);
    }
    if (st == OK) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    return st;
}

enum status issue_cancel(struct queue *q, int64_t id, bool drop, int64_t now, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    enum status st = a ? issue_get(q, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    arena_free(a);
    if (st == OK && row.state == ISSUE_DONE) {
        return error_set(err, ERR_DATA, "issue %lld is done: there is nothing left to cancel", (long long)id);
    }
    if (st == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_CANCEL);
        sql_bind(s, "iii", id, now, (int64_t)drop);
        st = sql_run(q->db, s, err);
    }
    return st == OK ? issue_cancel_rest(q, now, err) : st;
}

enum status issue_cancel_rest(struct queue *q, int64_t now, struct error *err) {
    for (;;) {
        bool row;
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_CANCELLED_OPEN);
        enum status st = sql_step(q->db, s, &row, err);
        if (st != OK || !row) {
            return st;
        }
        int64_t id = sql_int(s, 0);
        bool drop = sql_int(s, 1) != 0;
        (void)sqlite3_reset(s);
        if ((st = delivery_cancel_open(q, id, drop ? CANCEL_DROP : CANCEL_ISSUE, now, err)) != OK) {
            return st;
        }
    }
}

enum status issue_purge(struct queue *q, int64_t before, struct error *err) {
    int64_t ids[10];
    size_t n = 0;
    bool row;
    enum status st;
    sqlite3_stmt *s = queue_stmt(q, Q_PURGE_ISSUES);
    sql_bind(s, "i", before);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row && n < 10) {
        ids[n++] = sql_int(s, 0);
    }
    (void)sqlite3_reset(s);
    for (size_t i = 0; i < n && st == OK; i++) {
        do {
            s = queue_stmt(q, Q_PURGE_DELIVERIES);
            sql_bind(s, "i", ids[i]);
            st = sql_run(q->db, s, err);
            if (stop_asked) {
                return OK; /* the next run goes on */
            }
        } while (st == OK && sqlite3_changes(sql_handle(q->db)) > 0);
        static const enum queue_statement steps[] = {Q_PURGE_TROUBLE, Q_PURGE_ATTEMPTS, Q_PURGE_RENDITIONS,
                                                     Q_INPUT_DROP,    Q_REVISION_DROP,  Q_PURGE_DONE};
        for (size_t k = 0; k < sizeof steps / sizeof *steps && st == OK; k++) {
            s = queue_stmt(q, steps[k]);
            sql_bind(s, "i", ids[i]);
            st = sql_run(q->db, s, err);
        }
    }
    if (n && st == OK) {
        st = sql_run(q->db, queue_stmt(q, Q_PURGE_FROZEN), err);
    }
    return st;
}

enum status rendition_add(struct queue *q, int64_t issue, int64_t number, struct str key, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_ADD);
    sql_bind(s, "iis", issue, number, key);
    return sql_run(q->db, s, err);
}

enum status rendition_each(struct queue *q, int64_t issue, void (*fn)(void *ctx, int64_t number, struct str key),
                           void *ctx, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_LIST);
    bool row;
    enum status st;
    sql_bind(s, "i", issue);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        fn(ctx, sql_int(s, 0), sql_str(s, 1));
    }
    return st;
}

enum status rendition_get(struct queue *q, int64_t issue, int64_t number, struct arena *a, struct str *key,
                          struct str *hash, int64_t *revision, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_GET);
    bool row;
    sql_bind(s, "ii", issue, number);
    enum status st = sql_step(q->db, s, &row, err);
    if (st == OK && !row) {
        return error_set(err, ERR_DATA, "issue %lld has no rendition %lld", (long long)issue, (long long)number);
    }
    if (st == OK) {
        *key = opt(a, s, 0);
        *hash = opt(a, s, 1);
        *revision = sql_int(s, 2);
        (void)sqlite3_reset(s);
    }
    return st;
}

enum status rendition_set_hash(struct queue *q, int64_t issue, int64_t number, struct str hash, struct error *err) {
    /* Made durable by the next turn's commit rather than by one for each of many renditions. A loss of power before
     * that forgets it: the next run records it anew, and only another program put in place meanwhile would go
     * unnoticed. */
    enum status st = sql_sync(q->db, false, err);
    if (st == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_HASH);
        sql_bind(s, "iib", issue, number, hash);
        st = sql_run(q->db, s, err);
    }
    enum status back = sql_sync(q->db, true, st == OK ? err : NULL);
    return st == OK ? back : st;
}
