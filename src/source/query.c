#include "source/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/stop.h"

struct query {
    sqlite3 *db;
    sqlite3_stmt *s;
    int64_t patience_s;
    int64_t deadline; /* monotonic nanoseconds */
    bool late;        /* the progress handler stopped it */
};

enum { PROGRESS_OPS = 20000 };

/* Reading and nothing else. FTS asks for data_version itself. */
static int authorize(void *ctx, int action, const char *one, const char *two, const char *db, const char *inner) {
    (void)ctx;
    (void)db;
    (void)inner;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return two && strcasecmp(two, "load_extension") != 0 && strcasecmp(two, "fts3_tokenizer") != 0 ? SQLITE_OK
                                                                                                       : SQLITE_DENY;
    case SQLITE_PRAGMA:
        return one && !two && strcasecmp(one, "data_version") == 0 ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int progress(void *ctx) {
    struct query *q = ctx;
    if (stop_asked) {
        return 1;
    }
    if (clock_mono_ns() < q->deadline) {
        return 0;
    }
    q->late = true;
    return 1;
}

static void be_patient(struct query *q) {
    q->deadline = clock_mono_ns() + q->patience_s * 1000000000;
}

static enum status failed(struct query *q, struct error *err) {
    if (q->late) {
        return error_set(err, ERR_DATA, "the query ran for %lld s without giving a row", (long long)q->patience_s);
    }
    switch (sqlite3_errcode(q->db) & 0xff) {
    case SQLITE_INTERRUPT:
        return error_set(err, ERR_TEMP, "stopped by a signal");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PERM:
        return error_set(err, ERR_NOINPUT, "the database can't be read: %s", sqlite3_errmsg(q->db));
    case SQLITE_NOMEM:
        return error_set(err, ERR_OS, "out of memory");
    case SQLITE_FULL:
        return error_set(err, ERR_IO, "no room left on the disk for sorting");
    case SQLITE_AUTH:
        return error_set(err, ERR_DATA, "the query may read and do nothing else: %s", sqlite3_errmsg(q->db));
    default:
        return error_set(err, ERR_DATA, "the query failed: %s", sqlite3_errmsg(q->db));
    }
}

/* Whether REST holds nothing but space, semicolons and comments. */
static bool is_empty(sqlite3 *db, const char *rest) {
    while (*rest) {
        sqlite3_stmt *s = NULL;
        const char *tail = rest;
        int rc = sqlite3_prepare_v2(db, rest, -1, &s, &tail);
        bool empty = rc == SQLITE_OK && !s;
        (void)sqlite3_finalize(s);
        if (!empty) {
            return false;
        }
        if (tail == rest) {
            break;
        }
        rest = tail;
    }
    return true;
}

/* What TEXT is by itself; *len: without the semicolon behind it. */
static enum status judge(struct query *q, const char *text, size_t *len, struct error *err) {
    const char *tail = text;
    if (sqlite3_prepare_v2(q->db, text, -1, &q->s, &tail) != SQLITE_OK) {
        return failed(q, err);
    }
    if (!q->s) {
        return error_set(err, ERR_DATA, "the query is empty");
    }
    if (!is_empty(q->db, tail)) {
        return error_set(err, ERR_DATA, "there is more than one statement; it must be one SELECT");
    }
    int columns = sqlite3_column_count(q->s);
    if (columns == 0 || !sqlite3_stmt_readonly(q->s) || sqlite3_stmt_isexplain(q->s)) {
        return error_set(err, ERR_DATA, "the query is no SELECT");
    }
    if (columns > QUERY_COLUMNS_MAX) {
        return error_set(err, ERR_DATA, "the query has more than %d columns", QUERY_COLUMNS_MAX);
    }
    if (sqlite3_bind_parameter_count(q->s) > 0) {
        return error_set(err, ERR_DATA, "the query has a parameter (? or :name), and nothing to put there");
    }
    *len = (size_t)(tail - text);
    while (*len > 0 && (isspace((unsigned char)text[*len - 1]) || text[*len - 1] == ';')) {
        --*len;
    }
    return query_column(q, "id") < 0 ? query_missing(q, "id", err) : OK;
}

enum status query_open(sqlite3 *db, const char *text, int64_t patience_s, struct query **out, struct error *err) {
    *out = NULL;
    struct buf sorted = BUF_INIT;
    size_t len = 0;
    struct query *q = calloc(1, sizeof *q);
    if (!q) {
        return error_set(err, ERR_OS, "out of memory");
    }
    q->db = db;
    q->patience_s = patience_s;
    be_patient(q);
    (void)sqlite3_set_authorizer(db, authorize, NULL);
    sqlite3_progress_handler(db, PROGRESS_OPS, progress, q);
    enum status st = judge(q, text, &len, err);
    if (st != OK) {
        goto done;
    }
    buf_adds(&sorted, "SELECT * FROM (");
    buf_add(&sorted, (struct str){text, len});
    buf_adds(&sorted,
             "\n) ORDER BY CASE WHEN typeof(\"id\") = 'text' AND \"id\" = CAST(CAST(\"id\" AS INTEGER) AS TEXT)"
             " THEN CAST(\"id\" AS INTEGER) ELSE \"id\" END");
    if (sorted.failed) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    (void)sqlite3_finalize(q->s);
    q->s = NULL;
    if (sqlite3_prepare_v2(db, buf_cstr(&sorted), -1, &q->s, NULL) != SQLITE_OK) {
        st = failed(q, err);
    }
done:
    buf_release(&sorted);
    if (st != OK) {
        query_close(q);
    } else {
        *out = q;
    }
    return st;
}

void query_close(struct query *q) {
    if (q) {
        (void)sqlite3_finalize(q->s);
        sqlite3_progress_handler(q->db, 0, NULL, NULL);
        (void)sqlite3_set_authorizer(q->db, NULL, NULL);
        free(q);
    }
}

int query_columns(const struct query *q) {
    return sqlite3_column_count(q->s);
}

const char *query_name(const struct query *q, int i) {
    const char *name = sqlite3_column_name(q->s, i);
    return name ? name : "";
}

int query_column(const struct query *q, const char *name) {
    for (int i = 0; i < query_columns(q); i++) {
        if (strcasecmp(query_name(q, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

enum status query_missing(const struct query *q, const char *name, struct error *err) {
    struct buf b = BUF_INIT;
    for (int i = 0; i < query_columns(q); i++) {
        buf_addf(&b, "%s%s", i ? ", " : "", query_name(q, i));
    }
    enum status st =
        error_set(err, ERR_DATA, "the query has no column %s; it has %s (use AS to name one)", name, buf_cstr(&b));
    buf_release(&b);
    return st;
}

enum status query_step(struct query *q, bool *row, struct error *err) {
    be_patient(q);
    int rc = sqlite3_step(q->s);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : failed(q, err);
}

int query_type(struct query *q, int i) {
    return i < 0 ? SQLITE_NULL : sqlite3_column_type(q->s, i);
}

int64_t query_int(struct query *q, int i) {
    return sqlite3_column_int64(q->s, i);
}

double query_double(struct query *q, int i) {
    return sqlite3_column_double(q->s, i);
}

struct str query_bytes(struct query *q, int i) {
    int type = query_type(q, i);
    if (type == SQLITE_NULL) {
        return STR_NONE;
    }
    const void *p = type == SQLITE_BLOB ? sqlite3_column_blob(q->s, i) : (const void *)sqlite3_column_text(q->s, i);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(q->s, i)} : STR("");
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

bool query_reads_clock(const char *text) {
    static const char *const bare[] = {"date", "time", "datetime", "julianday", "unixepoch"};
    for (const char *p = text; *p; p++) {
        if (p > text && is_word(p[-1])) {
            continue;
        }
        if (strncasecmp(p, "current_", 8) == 0 || (strncasecmp(p, "now", 3) == 0 && !is_word(p[3]))) {
            return true;
        }
        for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
            size_t n = strlen(bare[i]);
            if (strncasecmp(p, bare[i], n) == 0) {
                const char *e = p + n;
                while (isspace((unsigned char)*e)) {
                    e++;
                }
                if (*e == '(') {
                    do {
                        e++;
                    } while (isspace((unsigned char)*e));
                    if (*e == ')') {
                        return true; /* without an argument these mean now */
                    }
                }
            }
        }
    }
    return false;
}
