#include "queue/draft.h"

#include "queue/queue_internal.h"

#include <openssl/evp.h>

/* Whether issue ID can still be VERB; ERR_DATA when it is released. */
static enum status unreleased(struct queue *q, int64_t id, const char *verb, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    enum status st = a ? issue_get(q, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    arena_free(a);
    return st == OK && row.state != ISSUE_DRAFT && row.state != ISSUE_APPROVED
               ? error_set(err, ERR_DATA, "issue %lld is %s and can't be %s", (long long)id,
                           issue_state_name(row.state), verb)
               : st;
}

/* Runs S in a transaction of its own, if issue ID can still be VERB. */
static enum status run_unreleased(struct queue *q, int64_t id, sqlite3_stmt *s, const char *verb, struct error *err) {
    enum status st = sql_begin(q->db, err);
    if (st == OK && (st = unreleased(q, id, verb, err)) == OK && (st = sql_run(q->db, s, err)) == OK) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    return st;
}

enum status draft_approve(struct queue *q, int64_t id, struct str approved, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_APPROVE);
    sql_bind(s, "ib", id, approved);
    return run_unreleased(q, id, s, "approved", err);
}

enum status draft_unapprove(struct queue *q, int64_t id, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_UNAPPROVE);
    sql_bind(s, "i", id);
    return sql_run(q->db, s, err);
}

enum status draft_mailed(struct queue *q, int64_t id, bool reminder, int64_t now, struct error *err) {
    sqlite3_stmt *s = queue_stmt(q, reminder ? Q_ISSUE_REMINDED : Q_ISSUE_MAILED);
    sql_bind(s, "ii", id, now);
    return sql_run(q->db, s, err);
}

enum status draft_edit(struct queue *q, const struct issue_row *row, struct str settings, const int64_t *cut,
                       size_t cut_n, struct error *err) {
    const struct issue_input input = {.kind = ISSUE_SETTINGS, .content = settings};
    enum status st = sql_begin(q->db, err);
    if (st == OK) {
        st = unreleased(q, row->id, "changed", err);
    }
    for (size_t i = 0; i <= cut_n && st == OK; i++) {
        sqlite3_stmt *s = queue_stmt(q, Q_INPUT_CUT);
        sql_bind(s, "iii", row->id, (int64_t)(i ? ISSUE_ARTICLE : ISSUE_SETTINGS), i ? cut[i - 1] : 0);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && (st = issue_add_inputs(q, row->id, &input, 1, err)) == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_EDITED);
        sql_bind(s, "isi", row->id, row->subject, row->articles);
        if ((st = sql_run(q->db, s, err)) == OK) {
            st = sql_commit(q->db, err);
        }
    }
    sql_rollback(q->db);
    return st;
}

enum status draft_rebuild(struct queue *q, const struct issue_row *row, const struct issue_input *inputs, size_t n,
                          struct error *err) {
    enum status st = sql_begin(q->db, err);
    if (st == OK && (st = unreleased(q, row->id, "built again", err)) == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_INPUT_DROP);
        sql_bind(s, "i", row->id);
        st = sql_run(q->db, s, err);
    }
    if (st == OK && (st = issue_add_inputs(q, row->id, inputs, n, err)) == OK) {
        sqlite3_stmt *s = queue_stmt(q, Q_ISSUE_REBUILT);
        sql_bind(s, "iiiisii", row->id, (int64_t)row->state, row->built_at, row->arrival_to, row->subject,
                 row->articles, row->arrival_from);
        if ((st = sql_run(q->db, s, err)) == OK) {
            st = sql_commit(q->db, err);
        }
    }
    sql_rollback(q->db);
    return st;
}

static bool mix(EVP_MD_CTX *md, const void *p, size_t n) {
    uint64_t size = n; /* so that no two lists of parts run into the same bytes */
    return EVP_DigestUpdate(md, &size, sizeof size) && EVP_DigestUpdate(md, p ? p : "", n);
}

enum status draft_hash(struct queue *q, int64_t id, uint8_t hash[32], struct error *err) {
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool row, fine = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    enum status st;
    sqlite3_stmt *s = queue_stmt(q, Q_INPUT_HASHES);
    sql_bind(s, "i", id);
    while ((st = sql_step(q->db, s, &row, err)) == OK && row) {
        int64_t place[2] = {sql_int(s, 0), sql_int(s, 1)};
        struct str name = sql_str(s, 2), h = sql_str(s, 3);
        fine = fine && mix(md, place, sizeof place) && mix(md, name.ptr, name.len) && mix(md, h.ptr, h.len);
    }
    fine = fine && EVP_DigestFinal_ex(md, hash, NULL);
    EVP_MD_CTX_free(md);
    return st == OK && !fine ? error_set(err, ERR_SOFTWARE, "SHA-256 failed") : st;
}
