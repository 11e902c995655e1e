#include "queue/release.h"

#include "queue/issue.h"
#include "queue/queue_internal.h"
#include "queue/rows.h"

#include <stdlib.h>

enum status delivery_marks(struct queue *q, int64_t newsletter, int64_t first, int64_t last, struct arena *a,
                           struct queue_mark **marks, size_t *marks_n, struct queue_owed **owed, size_t *owed_n,
                           struct error *err) {
    bool row;
    enum status st;
    size_t cap = 1024;
    *marks = arena_alloc(a, cap * sizeof **marks);
    *marks_n = 0;
    sqlite3_stmt *s = queue_stmt(q, Q_MARK_RANGE);
    sql_bind(s, "iii", newsletter, first, last);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        if (*marks_n == cap) {
            struct queue_mark *more = arena_alloc(a, cap * 2 * sizeof *more);
            memcpy(more, *marks, cap * sizeof *more);
            *marks = more;
            cap *= 2;
        }
        (*marks)[(*marks_n)++] = (struct queue_mark){sql_int(s, 0), sql_int(s, 1)};
    }
    if (st != OK) {
        return st;
    }
    cap = 64;
    *owed = arena_alloc(a, cap * sizeof **owed);
    *owed_n = 0;
    s = queue_stmt(q, Q_OWED_RANGE);
    sql_bind(s, "iii", newsletter, first, last);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        if (*owed_n == cap) {
            struct queue_owed *more = arena_alloc(a, cap * 2 * sizeof *more);
            memcpy(more, *owed, cap * sizeof *more);
            *owed = more;
            cap *= 2;
        }
        (*owed)[(*owed_n)++] = (struct queue_owed){sql_int(s, 0), sql_int(s, 1), sql_int(s, 2)};
    }
    return st;
}

enum status delivery_owed_any(struct queue *q, int64_t newsletter, bool *any, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_OWED_ANY);
    sql_bind(s, "i", newsletter);
    enum status st = sql_step(q->db, s, any, err);
    (void)sqlite3_reset(s);
    return st;
}

enum status delivery_owed_drop(struct queue *q, int64_t subscriber, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_OWED_DROP);
    sql_bind(s, "i", subscriber);
    return sql_run(q->db, s, err);
}

enum status delivery_release_begin(struct queue *q, int64_t issue, int64_t hold_until, int64_t now, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_RELEASING);
    sql_bind(s, "iin", issue, now);
    if (s && hold_until) {
        (void)sqlite3_bind_int64(s, 3, hold_until);
    }
    return sql_run(q->db, s, err);
}

/* The steps of a chunk; a crash before the commit leaves the chunk undone and released_to behind it. */
static enum status chunk(struct queue *q, int64_t issue, int64_t newsletter, int64_t arrival_from, int64_t arrival_to,
                         const struct delivery_new *rows, size_t n, struct error *err) {
    enum status st = OK;
    struct rows_row *list = calloc(n ? n : 1, sizeof *list);
    if (!list) {
        return error_set(err, ERR_OS, "out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct rows_row){rows[i].subscriber, rows[i].rendition, rows[i].from,
                                    (rows[i].has_owed ? FLAG_OWED : 0) | (rows[i].due_at ? FLAG_LOCAL : 0)};
    }
    const struct rows all = {list, n};
    sqlite3_stmt *s = queue_stmt(q, Q_DELIVERIES_ADD);
    sql_bind(s, "ni", issue);
    rows_bind(s, 1, &all);
    st = sql_run(q->db, s, err);
    if (st == OK) {
        s = queue_stmt(q, Q_MARKS_SET);
        sql_bind(s, "nii", newsletter, arrival_to);
        rows_bind(s, 1, &all);
        st = sql_run(q->db, s, err);
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        if (rows[i].has_owed) {
            s = queue_stmt(q, Q_OWED_TAKE);
            sql_bind(s, "iiii", newsletter, rows[i].subscriber, issue, arrival_from);
            st = sql_run(q->db, s, err);
        }
        if (rows[i].due_at && st == OK) {
            s = queue_stmt(q, Q_TROUBLE_SET);
            sql_bind(s, "iiiiiiii", issue, rows[i].subscriber, rows[i].due_at, (int64_t)0, (int64_t)0, (int64_t)0,
                     (int64_t)0, (int64_t)CANCEL_NONE);
            st = sql_run(q->db, s, err);
        }
        if (rows[i].mark < rows[i].from && st == OK) {
            s = queue_stmt(q, Q_OWED_ADD);
            sql_bind(s, "iiii", newsletter, rows[i].subscriber, rows[i].mark, rows[i].from);
            st = sql_run(q->db, s, err);
        }
    }
    free(list);
    return st == OK ? queue_count_many(q, issue, -1, DELIVERY_QUEUED, (int64_t)n, err) : st;
}

enum status delivery_release_chunk(struct queue *q, int64_t issue, int64_t newsletter, int64_t arrival_to,
                                   const struct delivery_new *rows, size_t n, const struct rendition_new *renditions,
                                   size_t renditions_n, int64_t last, bool finished, int64_t now, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    enum status st = a ? sql_begin(q->db, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = issue_get(q, issue, a, &row, err)) == OK && row.state != ISSUE_RELEASING) {
        st = error_set(err, ERR_DATA, "issue %lld is %s: its release stops", (long long)issue,
                       issue_state_name(row.state));
    }
    for (size_t i = 0; i < renditions_n && st == OK; i++) {
        st = rendition_add(q, issue, renditions[i].number, renditions[i].key, err);
    }
    if (st == OK) {
        st = chunk(q, issue, newsletter, row.arrival_from, arrival_to, rows, n, err);
    }
    if (st == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_RELEASED_TO);
        sql_bind(s, "ii", issue, last);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && finished) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_RELEASED);
        sql_bind(s, "i", issue);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && finished) {
        st = queue_count(q, issue, DELIVERY_QUEUED, DELIVERY_QUEUED, err); /* so that an issue for nobody is done */
    }
    if (st == OK && (st = queue_count_flush(q, now, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    arena_free(a);
    return st;
}
