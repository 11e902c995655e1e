#include "source/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "crypto/hash.h"
#include "source/query.h"

enum { COLUMNS_MAX = QUERY_COLUMNS_MAX, NAME_MAX_BYTES = 100 };

/* In the order of enum article_column. */
static const char *const article_names[] = {"id",          "title",     "url",      "published_at", "updated_at",
                                            "language",    "author",    "topic",    "summary",      "body",
                                            "body_format", "image_url", "image_alt"};
static const char *const people_names[] = {"id", "email"};

struct table {
    const char *name;
    char *columns[COLUMNS_MAX];
    size_t n;
    sqlite3_stmt *insert; /* for the columns there are; NULL: to be prepared */
};

struct rows {
    sqlite3 *db;
    struct table tables[2]; /* by enum import_kind */
    struct buf ignored, query;
    bool merged;
};

static enum status failed(struct rows *r, struct error *err) {
    return sqlite3_errcode(r->db) == SQLITE_FULL ? error_set(err, ERR_IO, "no room left on the disk for what was read")
                                                 : error_set(err, ERR_SOFTWARE, "rows: %s", sqlite3_errmsg(r->db));
}

static enum status run(struct rows *r, const char *sql, struct error *err) {
    return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : failed(r, err);
}

static void add_quoted(struct buf *b, const char *name) {
    buf_addc(b, '"');
    for (const char *p = name; *p; p++) {
        buf_addc(b, *p);
        if (*p == '"') {
            buf_addc(b, '"');
        }
    }
    buf_addc(b, '"');
}

static enum status add_column(struct rows *r, struct table *t, struct str name, struct error *err) {
    struct buf sql = BUF_INIT;
    if (t->n == COLUMNS_MAX) {
        return error_set(err, ERR_DATA, "there are more than %d names of columns", COLUMNS_MAX);
    }
    char *copy = strndup(name.ptr, name.len);
    if (!copy) {
        return error_set(err, ERR_OS, "out of memory");
    }
    (void)sqlite3_finalize(t->insert);
    t->insert = NULL;
    buf_addf(&sql, t->n ? "ALTER TABLE %s ADD COLUMN " : "CREATE TABLE %s (", t->name);
    add_quoted(&sql, copy);
    buf_adds(&sql, t->n ? "" : ")");
    t->columns[t->n++] = copy;
    enum status st = sql.failed ? error_set(err, ERR_OS, "out of memory") : run(r, buf_cstr(&sql), err);
    buf_release(&sql);
    return st;
}

enum status rows_open(struct rows **out, struct error *err) {
    *out = NULL;
    struct rows *r = calloc(1, sizeof *r);
    if (!r) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = OK;
    if (sqlite3_open_v2("", &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        st = r->db ? failed(r, err) : error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    r->tables[IMPORT_ARTICLE].name = "article";
    r->tables[IMPORT_SUBSCRIBER].name = "subscriber";
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    st = run(r,
             "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192; BEGIN;"
             "CREATE TABLE refused (id, reason, state)",
             err);
    for (size_t i = 0; st == OK && i < sizeof article_names / sizeof *article_names; i++) {
        st = add_column(r, &r->tables[IMPORT_ARTICLE], str_from(article_names[i]), err);
    }
    for (size_t i = 0; st == OK && i < sizeof people_names / sizeof *people_names; i++) {
        st = add_column(r, &r->tables[IMPORT_SUBSCRIBER], str_from(people_names[i]), err);
    }
done:
    if (st != OK) {
        rows_close(r);
    } else {
        *out = r;
    }
    return st;
}

void rows_close(struct rows *r) {
    for (size_t i = 0; r && i < 2; i++) {
        (void)sqlite3_finalize(r->tables[i].insert);
        for (size_t k = 0; k < r->tables[i].n; k++) {
            free(r->tables[i].columns[k]);
        }
    }
    if (r) {
        (void)sqlite3_close_v2(r->db);
        buf_release(&r->ignored);
        buf_release(&r->query);
        free(r);
    }
}

sqlite3 *rows_handle(struct rows *r) {
    return r->db;
}

static size_t find(const struct table *t, struct str name) {
    size_t i = 0;
    while (i < t->n && !str_eq_nocase(str_from(t->columns[i]), name)) {
        i++;
    }
    return i;
}

static enum status prepare(struct rows *r, struct table *t, struct error *err) {
    struct buf sql = BUF_INIT;
    if (t->insert) {
        (void)sqlite3_reset(t->insert);
        (void)sqlite3_clear_bindings(t->insert);
        return OK;
    }
    buf_addf(&sql, "INSERT INTO %s VALUES (", t->name);
    for (size_t i = 0; i < t->n; i++) {
        buf_adds(&sql, i ? ",?" : "?");
    }
    buf_addc(&sql, ')');
    enum status st = sql.failed ? error_set(err, ERR_OS, "out of memory")
                     : sqlite3_prepare_v2(r->db, buf_cstr(&sql), -1, &t->insert, NULL) == SQLITE_OK ? OK
                                                                                                    : failed(r, err);
    buf_release(&sql);
    return st;
}

static void ignore(struct rows *r, struct str name) {
    struct str list = buf_str(&r->ignored), one;
    while (str_split(&list, ',', &one)) {
        if (str_eq(str_trim(one), name)) {
            return;
        }
    }
    if (r->ignored.len < 400) {
        buf_adds(&r->ignored, r->ignored.len ? ", " : "");
        buf_add(&r->ignored, name);
    }
}

enum status rows_add(struct rows *r, enum import_kind kind, const struct rows_value *v, size_t n, struct error *err) {
    struct table *t = &r->tables[kind];
    bool given[COLUMNS_MAX] = {false};
    enum status st = OK;
    for (size_t i = 0; st == OK && i < n; i++) {
        if (find(t, v[i].name) < t->n) {
            continue;
        }
        if (kind == IMPORT_ARTICLE) {
            ignore(r, str_sub(v[i].name, 0, NAME_MAX_BYTES));
        } else if (v[i].name.len == 0 || v[i].name.len > NAME_MAX_BYTES || memchr(v[i].name.ptr, 0, v[i].name.len)) {
            st = error_set(err, ERR_DATA, "a column's name is empty or longer than %d bytes", NAME_MAX_BYTES);
        } else {
            st = add_column(r, t, v[i].name, err);
        }
    }
    if (st != OK || (st = prepare(r, t, err)) != OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = find(t, v[i].name);
        if (at == t->n || given[at]) {
            continue;
        }
        given[at] = true;
        if (v[i].type == ROWS_INTEGER) {
            (void)sqlite3_bind_int64(t->insert, (int)at + 1, v[i].integer);
        } else if (v[i].type == ROWS_REAL) {
            (void)sqlite3_bind_double(t->insert, (int)at + 1, v[i].real);
        } else if (v[i].text.ptr) {
            (void)sqlite3_bind_text64(t->insert, (int)at + 1, v[i].text.ptr, v[i].text.len, SQLITE_STATIC, SQLITE_UTF8);
        }
    }
    return sqlite3_step(t->insert) == SQLITE_DONE ? OK : failed(r, err);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *rows_query(struct rows *r, enum import_kind kind) {
    struct table *t = &r->tables[kind];
    char *names[COLUMNS_MAX];
    memcpy(names, t->columns, t->n * sizeof *names);
    qsort(names, t->n, sizeof *names, by_name);
    buf_clear(&r->query);
    for (size_t i = 0; i < t->n; i++) {
        buf_adds(&r->query, i ? ", " : "SELECT ");
        add_quoted(&r->query, names[i]);
    }
    buf_addf(&r->query, " FROM %s", t->name);
    if (r->merged && kind == IMPORT_ARTICLE) {
        buf_adds(&r->query, " WHERE rowid IN (SELECT min(rowid) FROM article GROUP BY id, url)");
    }
    return buf_cstr(&r->query);
}

void rows_merge(struct rows *r) {
    r->merged = true;
}

struct str rows_ignored(const struct rows *r) {
    return r->ignored.len ? buf_str(&r->ignored) : STR_NONE;
}

struct str rows_id(struct str id, struct arena *a) {
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    if (id.len <= 255) {
        return id;
    }
    hash_of(id.ptr, id.len, h);
    hash_hex(h, 16, hex);
    return arena_printf(a, "%.*s... %s", STR_ARG(str_sub(id, 0, utf8_cut(id, 200))), hex);
}

enum status rows_add_article(struct rows *r, const struct rows_article *a, struct error *err) {
    const struct str texts[] = {
        a->id,    a->title,   a->url,  a->published_text,        STR_NONE,     a->language, a->author,
        a->topic, a->summary, a->body, str_from(a->body_format), a->image_url, a->image_alt};
    enum { N = sizeof article_names / sizeof *article_names, PUBLISHED = 3, UPDATED = 4 };
    _Static_assert(sizeof texts / sizeof *texts == N, "one for each name");
    struct rows_value v[N];
    for (size_t i = 0; i < N; i++) {
        v[i] = (struct rows_value){.name = str_from(article_names[i]), .text = texts[i]};
    }
    if (a->published_at != INT64_MIN && !a->published_text.ptr) {
        v[PUBLISHED].type = ROWS_INTEGER;
        v[PUBLISHED].integer = a->published_at;
    }
    if (a->updated_at != INT64_MIN) {
        v[UPDATED].type = ROWS_INTEGER;
        v[UPDATED].integer = a->updated_at;
    }
    return rows_add(r, IMPORT_ARTICLE, v, N, err);
}

enum status rows_refuse(struct rows *r, struct str id, struct str reason, struct str state, struct error *err) {
    sqlite3_stmt *q = NULL;
    enum status st = OK;
    if (sqlite3_prepare_v2(r->db, "INSERT INTO refused VALUES (?, ?, ?)", -1, &q, NULL) != SQLITE_OK) {
        return failed(r, err);
    }
    (void)sqlite3_bind_text64(q, 1, id.ptr ? id.ptr : "", id.len, SQLITE_STATIC, SQLITE_UTF8);
    (void)sqlite3_bind_text64(q, 2, reason.ptr, reason.len, SQLITE_STATIC, SQLITE_UTF8);
    (void)sqlite3_bind_blob64(q, 3, state.ptr ? state.ptr : "", state.len, SQLITE_STATIC);
    if (sqlite3_step(q) != SQLITE_DONE) {
        st = failed(r, err);
    }
    (void)sqlite3_finalize(q);
    return st;
}

int64_t rows_count(struct rows *r, const char *table) {
    char sql[64];
    sqlite3_stmt *q = NULL;
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    int64_t n = sqlite3_prepare_v2(r->db, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW
                    ? sqlite3_column_int64(q, 0)
                    : 0;
    (void)sqlite3_finalize(q);
    return n;
}

static struct str column(sqlite3_stmt *q, int i) {
    const void *p = sqlite3_column_blob(q, i);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(q, i)} : STR("");
}

enum status rows_refused(struct rows *r,
                         enum status (*fn)(void *ctx, struct str id, struct str reason, struct str state,
                                           struct error *err),
                         void *ctx, struct error *err) {
    sqlite3_stmt *q = NULL;
    enum status st = OK;
    int rc = sqlite3_prepare_v2(r->db, "SELECT id, reason, state FROM refused ORDER BY id", -1, &q, NULL);
    while (st == OK && rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        st = fn(ctx, column(q, 0), column(q, 1), column(q, 2), err);
        rc = SQLITE_OK;
    }
    if (st == OK && rc != SQLITE_DONE) {
        st = failed(r, err);
    }
    (void)sqlite3_finalize(q);
    return st;
}
