#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/schema.h"
#include "store/statement.h"

#define KEY_INODE "inode" /* of the file itself, to know a copy by */
#define KEY_BIRTH "birth" /* in nanoseconds; 0 where the file system has none */

/* Writes nothing when the schema is up to date: most commands find it so. */
static enum status check_version(struct store *s, enum sql_mode mode, struct error *err) {
    sqlite3_stmt *st = NULL;
    int64_t version = -1;
    sqlite3 *db = sql_handle(s->sql);
    int rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        version = sqlite3_column_int64(st, 0);
    }
    (void)sqlite3_finalize(st);
    if (version < 0) {
        return sql_error(s->sql, rc, err);
    }
    if (version == schema_version) {
        return OK;
    }
    if (mode != SQL_READ || version > schema_version) {
        return sql_migrate(s->sql, schema_migrations, schema_version, err);
    }
    return error_set(err, ERR_CONFIG,
                     "%s has the schema of an older courant; run 'courant init' to bring it up to date",
                     sql_path(s->sql));
}

enum status store_open(const char *path, enum sql_mode mode, struct store **out, struct error *err) {
    *out = NULL;
    struct store *s = calloc(1, sizeof *s);
    if (!s) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = sql_open(path, mode, statement_texts, STATEMENTS, &s->sql, err);
    if (st == OK) {
        st = check_version(s, mode, err);
    }
    if (st != OK) {
        store_close(s);
        return st;
    }
    *out = s;
    return OK;
}

void store_close(struct store *s) {
    if (s) {
        sql_close(s->sql);
        buf_release(&s->delivery);
        free(s);
    }
}

struct sql *store_sql(struct store *s) {
    return s->sql;
}

static enum status identity(struct store *s, int64_t *inode, int64_t *birth, struct error *err) {
    struct statx x;
    const char *path = sql_path(s->sql);
    if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &x) != 0) {
        return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    }
    *inode = (int64_t)x.stx_ino;
    *birth = x.stx_mask & STATX_BTIME ? (int64_t)x.stx_btime.tv_sec * 1000000000 + (int64_t)x.stx_btime.tv_nsec : 0;
    return OK;
}

enum status store_adopt(struct store *s, struct error *err) {
    int64_t inode;
    int64_t birth;
    bool own;
    enum status st = identity(s, &inode, &birth, err);
    if (st != OK || (st = statement_begin(s, &own, err)) != OK) {
        return st;
    }
    if ((st = store_meta_set(s, KEY_INODE, inode, err)) == OK) {
        st = store_meta_set(s, KEY_BIRTH, birth, err);
    }
    return statement_end(s, own, st, err);
}

enum status store_init(struct store *s, const char *pair, struct error *err) {
    bool own;
    int64_t inode = -1;
    struct buf old = BUF_INIT;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    if ((st = store_meta_get(s, KEY_INODE, &inode, err)) == OK && inode == -1) {
        st = store_adopt(s, err);
    }
    if (st == OK && (st = store_meta_get_text(s, STORE_PAIR, &old, err)) == OK && old.len == 0) {
        st = store_meta_set_text(s, STORE_PAIR, str_from(pair), err);
    }
    buf_release(&old);
    return statement_end(s, own, st, err);
}

enum status store_is_original(struct store *s, bool *original, struct error *err) {
    int64_t inode;
    int64_t birth;
    int64_t kept_inode = -1;
    int64_t kept_birth = -1;
    enum status st = identity(s, &inode, &birth, err);
    if (st == OK && (st = store_meta_get(s, KEY_INODE, &kept_inode, err)) == OK) {
        st = store_meta_get(s, KEY_BIRTH, &kept_birth, err);
    }
    *original = st == OK && inode == kept_inode && birth == kept_birth;
    return st;
}

enum status store_meta_get(struct store *s, const char *key, int64_t *value, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_META_GET);
    sql_bind(q, "z", key);
    return sql_run_int(s->sql, q, value, err);
}

enum status store_meta_set(struct store *s, const char *key, int64_t value, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_META_SET);
    sql_bind(q, "zi", key, value);
    return sql_run(s->sql, q, err);
}

enum status store_meta_get_text(struct store *s, const char *key, struct buf *out, struct error *err) {
    bool row;
    sqlite3_stmt *q = statement_get(s, STMT_META_GET);
    sql_bind(q, "z", key);
    buf_clear(out);
    enum status st = sql_step(s->sql, q, &row, err);
    if (st == OK && row) {
        buf_add(out, sql_str(q, 0));
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status store_meta_set_text(struct store *s, const char *key, struct str value, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_META_SET);
    sql_bind(q, "zs", key, value.ptr ? value : STR(""));
    return sql_run(s->sql, q, err);
}

enum status store_meta_raise(struct store *s, const char *key, int64_t value, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_META_RAISE);
    sql_bind(q, "zi", key, value);
    return sql_run(s->sql, q, err);
}

static enum status raise_sequence(struct store *s, const char *table, int64_t seq, struct error *err) {
    enum status st = OK;
    for (int i = 0; i < 2 && st == OK; i++) {
        sqlite3_stmt *q = statement_get(s, i ? STMT_SEQUENCE_ADD : STMT_SEQUENCE_RAISE);
        sql_bind(q, "zi", table, seq);
        st = sql_run(s->sql, q, err);
    }
    return st;
}

enum status store_raise_ids(struct store *s, int64_t article, int64_t subscriber, int64_t arrival, struct error *err) {
    bool own;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    if ((st = raise_sequence(s, "article", article, err)) == OK &&
        (st = raise_sequence(s, "subscriber", subscriber, err)) == OK) {
        st = store_meta_raise(s, STORE_ARRIVAL, arrival, err);
    }
    return statement_end(s, own, st, err);
}

static enum status newsletter_find(struct store *s, struct str name, int64_t *id, int64_t *seen_at, struct error *err) {
    bool row;
    sqlite3_stmt *q = statement_get(s, STMT_NEWSLETTER_FIND);
    sql_bind(q, "s", name);
    *id = 0;
    enum status st = sql_step(s->sql, q, &row, err);
    if (st == OK && row) {
        *id = sql_int(q, 0);
        *seen_at = sql_int(q, 1);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status store_newsletter_find(struct store *s, struct str name, int64_t *id, struct error *err) {
    int64_t seen;
    return newsletter_find(s, name, id, &seen, err);
}

enum status store_newsletter(struct store *s, struct str name, int64_t now, int64_t *id, int64_t *seen_at,
                             struct error *err) {
    int64_t seen = now;
    bool own;
    enum status st = newsletter_find(s, name, id, &seen, err);
    if (st == OK && *id == 0) {
        if ((st = statement_begin(s, &own, err)) != OK) {
            return st;
        }
        /* looked for again: another program may have been faster */
        if ((st = newsletter_find(s, name, id, &seen, err)) == OK && *id == 0) {
            sqlite3_stmt *q = statement_get(s, STMT_NEWSLETTER_ADD);
            sql_bind(q, "si", name, now);
            st = sql_run(s->sql, q, err);
            *id = sqlite3_last_insert_rowid(sql_handle(s->sql));
            seen = now;
        }
        st = statement_end(s, own, st, err);
    }
    if (seen_at) {
        *seen_at = seen;
    }
    return st;
}

enum status store_newsletter_name(struct store *s, int64_t id, struct buf *out, struct error *err) {
    bool row;
    sqlite3_stmt *q = statement_get(s, STMT_NEWSLETTER_NAME);
    sql_bind(q, "i", id);
    enum status st = sql_step(s->sql, q, &row, err);
    if (st == OK && row) {
        buf_add(out, sql_str(q, 0));
        (void)sqlite3_reset(q);
    }
    return st;
}
