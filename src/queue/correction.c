#include "queue/correction.h"

#include "queue/queue_internal.h"

enum status correction_keys(struct queue *q, int64_t issue, bool all, struct arena *a, struct correction_key **keys,
                            size_t *n, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, all ? Q_RENDITION_ALL : Q_RENDITION_LIST);
    size_t cap = 64;
    bool row;
    enum status st;
    *keys = arena_alloc(a, cap * sizeof **keys);
    *n = 0;
    sql_bind(s, "i", issue);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        if (*n == cap) {
            struct correction_key *more = arena_alloc(a, cap * 2 * sizeof *more);
            memcpy(more, *keys, cap * sizeof *more);
            *keys = more;
            cap *= 2;
        }
        (*keys)[(*n)++] = (struct correction_key){sql_int(s, 0), arena_str(a, sql_str(s, 1))};
    }
    return st;
}

static enum status add_keys(struct queue *q, int64_t issue, int64_t revision, int64_t offset,
                            const struct correction_key *keys, size_t n, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_COPY);
        sql_bind(s, "iisi", issue, keys[i].number + offset, keys[i].key, revision);
        st = sql_run(q->db, s, err);
    }
    return st;
}

static enum status add_revision(struct queue *q, int64_t issue, int64_t revision, const struct issue_input *inputs,
                                size_t n, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        unsigned char hash[32];
        struct str h = {(const char *)hash, sizeof hash};
        if ((st = issue_freeze_content(q, inputs[i].content, hash, err)) == OK) {
            sqlite3_stmt *s = queue_stmt(q, Q_REVISION_ADD);
            sql_bind(s, "iiisbi", issue, (int64_t)inputs[i].kind, inputs[i].position, inputs[i].name, h, revision);
            st = sql_run(q->db, s, err);
        }
    }
    return st;
}

enum status correction_instead(const struct issue_row *row, struct error *err) {
    bool ended = row->state == ISSUE_DONE || row->state == ISSUE_CANCELLED;
    return error_set(err, ERR_DATA, "issue %lld is %s: 'courant issue correct %lld%s", (long long)row->id,
                     issue_state_name(row->state), (long long)row->id,
                     ended ? " --to-served' mails a correction to those who got it" : "' changes what is not sent yet");
}

static enum status revise(struct queue *q, const struct issue_row *row, const struct issue_input *inputs, size_t n,
                          const struct correction_key *keys, size_t keys_n, struct arena *a, int64_t *changed,
                          struct error *err) {
    struct issue_row now;
    int64_t counts[DELIVERY_STATES], offset = 0;
    enum status st = issue_get(q, row->id, a, &now, err);
    if (st != OK || (st = issue_counts(q, row->id, counts, err)) != OK) {
        return st;
    }
    if (now.state == ISSUE_DONE || now.state == ISSUE_CANCELLED) {
        return correction_instead(&now, err);
    }
    if (now.state != ISSUE_PAUSED || now.revision != row->revision) {
        return error_set(err, ERR_DATA, "issue %lld is %s: 'courant issue pause %lld' comes first", (long long)row->id,
                         issue_state_name(now.state), (long long)row->id);
    }
    if (counts[DELIVERY_CLAIMED]) {
        return error_set(err, ERR_TEMP, "%lld messages of issue %lld are on their way; try again in a moment",
                         (long long)counts[DELIVERY_CLAIMED], (long long)row->id);
    }
    sqlite3_stmt *s = queue_stmt(q, Q_RENDITION_MAX);
    sql_bind(s, "i", row->id);
    if ((st = sql_run_int(q->db, s, &offset, err)) != OK ||
        (st = add_revision(q, row->id, row->revision + 1, inputs, n, err)) != OK ||
        (st = add_keys(q, row->id, row->revision + 1, offset, keys, keys_n, err)) != OK) {
        return st;
    }
    s = queue_stmt(q, Q_DELIVERIES_CORRECT);
    sql_bind(s, "ii", row->id, offset);
    if ((st = sql_run(q->db, s, err)) != OK) {
        return st;
    }
    *changed = sqlite3_changes(sql_handle(q->db));
    s = queue_stmt(q, Q_ISSUE_CORRECTED);
    sql_bind(s, "iis", row->id, row->revision + 1, row->subject);
    return sql_run(q->db, s, err);
}

enum status correction_revise(struct queue *q, const struct issue_row *row, const struct issue_input *inputs, size_t n,
                              const struct correction_key *keys, size_t keys_n, int64_t *changed, struct error *err) {
    struct arena *a = arena_new();
    *changed = 0;
    enum status st = a ? sql_begin(q->db, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = revise(q, row, inputs, n, keys, keys_n, a, changed, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    arena_free(a);
    return st;
}

static enum status add(struct queue *q, struct issue_row *row, const struct issue_input *inputs, size_t n,
                       const struct correction_key *keys, size_t keys_n, int64_t *readers, struct error *err) {
    int64_t taken = 1, at = row->built_at;
    enum status st = OK;
    for (; taken && st == OK; at += taken != 0) { /* (newsletter, cadence, due time) is unique */
        taken = 0;
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_BY_DUE);
        sql_bind(s, "isi", row->newsletter, row->cadence, at);
        st = sql_run_int(q->db, s, &taken, err);
    }
    sqlite3_stmt *s = queue_stmt(q, Q_CORRECTION_ADD);
    sql_bind(s, "iiisin", row->corrects, at, row->built_at, row->subject, row->articles);
    if (s && row->hold_until) {
        (void)sqlite3_bind_int64(s, 6, row->hold_until);
    }
    if (st != OK || (st = sql_run(q->db, s, err)) != OK) {
        return st;
    }
    row->id = sqlite3_last_insert_rowid(sql_handle(q->db));
    if ((st = issue_add_inputs(q, row->id, inputs, n, err)) != OK ||
        (st = add_keys(q, row->id, 1, 0, keys, keys_n, err)) != OK) {
        return st;
    }
    s = queue_stmt(q, Q_CORRECTION_READERS);
    sql_bind(s, "iii", row->corrects, row->id, row->arrival_to);
    if ((st = sql_run(q->db, s, err)) != OK) {
        return st;
    }
    *readers = sqlite3_changes(sql_handle(q->db));
    return *readers
               ? queue_count_many(q, row->id, -1, DELIVERY_QUEUED, *readers, err)
               : error_set(err, ERR_DATA, "nobody got issue %lld, or it is too long ago", (long long)row->corrects);
}

enum status correction_add(struct queue *q, struct issue_row *row, const struct issue_input *inputs, size_t n,
                           const struct correction_key *keys, size_t keys_n, int64_t *readers, struct error *err) {
    *readers = 0;
    enum status st = sql_begin(q->db, err);
    if (st == OK && (st = add(q, row, inputs, n, keys, keys_n, readers, err)) == OK &&
        (st = queue_count_flush(q, row->built_at, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    q->deltas_n = 0;
    sql_rollback(q->db);
    return st;
}
