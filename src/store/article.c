#include "store/article.h"

#include <stdio.h>

#include "store/event.h"
#include "store/statement.h"
#include "text/language.h"

/* What a newsletter's condition sees: an article's columns under the names the sources use. */
#define CONDITION_VIEW                                                                                                 \
    "(SELECT a.id, o.name AS source, a.source_id, a.title, a.url,"                                                     \
    " strftime('%Y-%m-%dT%H:%M:%SZ', a.published_at, 'unixepoch') AS published_at,"                                    \
    " strftime('%Y-%m-%dT%H:%M:%SZ', a.updated_at, 'unixepoch') AS updated_at, a.language, a.author, a.topic,"         \
    " a.summary, a.body, CASE a.body_format WHEN 0 THEN 'html' WHEN 1 THEN 'markdown' ELSE 'text' END AS body_format," \
    " a.image_url, a.image_alt FROM main.article AS a LEFT JOIN main.source AS o ON o.id = a.source) AS article"

const char *article_format_name(enum article_format f) {
    return f == ARTICLE_TEXT ? "text" : f == ARTICLE_MARKDOWN ? "markdown" : "html";
}

enum status article_max_arrival(struct store *s, int64_t *out, struct error *err) {
    *out = 0;
    return store_meta_get(s, STORE_ARRIVAL, out, err);
}

enum status articles_arrive(struct store *s, int64_t now, int64_t *n, struct error *err) {
    int64_t waiting = 0;
    int64_t last = 0;
    int64_t arrived = 0;
    bool own;
    if (n) {
        *n = 0;
    }
    sqlite3_stmt *q = statement_get(s, STMT_ARTICLES_WAITING);
    sql_bind(q, "i", now);
    enum status st = sql_run_int(s->sql, q, &waiting, err);
    if (st != OK || !waiting) {
        return st; /* the usual case takes no write lock */
    }
    if ((st = statement_begin(s, &own, err)) != OK) {
        return st;
    }
    if ((st = article_max_arrival(s, &last, err)) == OK) {
        q = statement_get(s, STMT_ARTICLES_ARRIVE);
        sql_bind(q, "ii", now, last);
        st = sql_run(s->sql, q, err);
        arrived = statement_changes(s);
    }
    if (st == OK && arrived) {
        st = store_meta_set(s, STORE_ARRIVAL, last + arrived, err);
    }
    st = statement_end(s, own, st, err);
    if (n && st == OK) {
        *n = arrived;
    }
    return st;
}

/* Only an article's columns and the source's name may be read, and no function with an effect called. */
static int authorize(void *ctx, int action, const char *one, const char *two, const char *db, const char *inner) {
    static const char *const columns[] = {"id",           "source",   "source_id", "title",     "url",
                                          "published_at", "language", "author",    "topic",     "summary",
                                          "updated_at",   "body",     "image_url", "image_alt", "body_format"};
    (void)ctx;
    (void)db;
    (void)inner;
    switch (action) {
    case SQLITE_SELECT:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return two && (strcasecmp(two, "load_extension") == 0 || strcasecmp(two, "fts3_tokenizer") == 0) ? SQLITE_DENY
                                                                                                         : SQLITE_OK;
    case SQLITE_READ:
        if (!one || !two) {
            return SQLITE_DENY;
        }
        if (strcmp(one, "source") == 0) {
            return !*two || strcmp(two, "name") == 0 || strcmp(two, "id") == 0 ? SQLITE_OK : SQLITE_DENY;
        }
        if (strcmp(one, "article") != 0) {
            return SQLITE_DENY;
        }
        if (!*two) {
            return SQLITE_OK; /* a table named without a column of it */
        }
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
            if (strcasecmp(two, columns[i]) == 0) {
                return SQLITE_OK;
            }
        }
        return SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* Prepares HEAD WHERE TAIL and tells in *err what is wrong with it. */
static enum status try_condition(sqlite3 *db, const char *head, const char *where, const char *tail,
                                 struct error *err) {
    struct buf b = BUF_INIT;
    sqlite3_stmt *q = NULL;
    const char *rest = NULL;
    enum status st = OK;
    buf_adds(&b, head);
    buf_adds(&b, where);
    buf_adds(&b, tail);
    if (b.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else if (sqlite3_prepare_v2(db, buf_cstr(&b), -1, &q, &rest) != SQLITE_OK) {
        st = error_set(err, ERR_CONFIG, "where is no condition on an article's columns: %s", sqlite3_errmsg(db));
    } else if (rest && *rest) {
        st = error_set(err, ERR_CONFIG, "where is no condition: it has a semicolon");
    } else if (sqlite3_bind_parameter_count(q) > 0) {
        st = error_set(err, ERR_CONFIG, "where has a parameter (? or :name), and nothing to put there");
    }
    (void)sqlite3_finalize(q);
    buf_release(&b);
    return st;
}

enum status article_where_check(struct store *s, const char *where, struct error *err) {
    sqlite3 *db = sql_handle(s->sql);
    if (strlen(where) > 65536) {
        return error_set(err, ERR_CONFIG, "where is longer than 64 KB");
    }
    (void)sqlite3_set_authorizer(db, authorize, NULL);
    /* Bare, a parenthesis that closes ours fails; within parentheses, a clause behind the condition does. */
    enum status st = try_condition(db, "SELECT 1 FROM " CONDITION_VIEW " WHERE ", where, "", err);
    if (st == OK) {
        st = try_condition(db, "SELECT 1 FROM " CONDITION_VIEW " WHERE (", where, "\n)", err);
    }
    (void)sqlite3_set_authorizer(db, NULL, NULL);
    return st;
}

static bool in_topics(const struct article_filter *f, struct str topic) {
    for (size_t i = 0; i < f->n_topics; i++) {
        if (str_eq(f->topics[i], topic)) {
            return true;
        }
    }
    return f->n_topics == 0;
}

static bool in_languages(const struct article_filter *f, struct str language) {
    for (size_t i = 0; i < f->n_languages; i++) {
        if (str_eq(f->languages[i], language) || language_matches(f->languages[i].ptr, language.ptr)) {
            return true;
        }
    }
    return f->n_languages == 0;
}

enum status article_due_list(struct store *s, const struct article_filter *f, struct arena *a,
                             struct article_row **rows, size_t *n, struct error *err) {
    sqlite3 *db = sql_handle(s->sql);
    sqlite3_stmt *q = NULL;
    struct buf text = BUF_INIT;
    size_t cap = 0;
    enum status st = OK;
    *rows = NULL;
    *n = 0;
    if (f->where && (st = article_where_check(s, f->where, err)) != OK) {
        return st;
    }
    buf_adds(&text, "SELECT id, arrival, published_at, pinned, topic, language, title FROM main.article AS due"
                    " WHERE arrival > ?1 AND arrival <= ?2 AND published_at >= ?3 AND withdrawn_at IS NULL"
                    " AND NOT excluded");
    if (f->where) {
        buf_adds(&text, " AND due.id IN (SELECT article.id FROM " CONDITION_VIEW " WHERE (");
        buf_adds(&text, f->where);
        buf_adds(&text, "\n))");
    }
    buf_adds(&text, " ORDER BY arrival");
    if (text.failed) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    if (sqlite3_prepare_v2(db, buf_cstr(&text), -1, &q, NULL) != SQLITE_OK) {
        st = sql_error(s->sql, SQLITE_OK, err);
        goto done;
    }
    sql_bind(q, "iii", f->from, f->to, f->since);
    for (;;) {
        bool row;
        if ((st = sql_step(s->sql, q, &row, err)) != OK || !row) {
            break;
        }
        struct str topic = sql_str(q, 4);
        struct str language = sql_str(q, 5);
        if (!language.ptr) {
            language = f->default_language;
        }
        if (!in_topics(f, topic) || !in_languages(f, language)) {
            continue;
        }
        if (*n == cap) {
            cap = cap ? cap * 2 : 64;
            struct article_row *more = arena_alloc(a, cap * sizeof *more);
            if (*n) {
                memcpy(more, *rows, *n * sizeof *more);
            }
            *rows = more;
        }
        (*rows)[(*n)++] = (struct article_row){.id = sql_int(q, 0),
                                               .arrival = sql_int(q, 1),
                                               .published_at = sql_int(q, 2),
                                               .pinned = sql_int(q, 3) != 0,
                                               .topic = arena_str(a, topic),
                                               .language = arena_str(a, language),
                                               .title = arena_str(a, sql_str(q, 6))};
    }
    if (st != OK) {
        *rows = NULL;
        *n = 0;
        (void)error_prefix(err, "the articles that are due");
    }
done:
    (void)sqlite3_finalize(q);
    buf_release(&text);
    return st;
}

static void read_article(sqlite3_stmt *q, struct arena *a, struct article *x) {
    *x = (struct article){.id = sql_int(q, 0),
                          .source = statement_text(q, 1, a),
                          .source_id = statement_text(q, 2, a),
                          .arrival = sql_int(q, 3),
                          .title = statement_text(q, 4, a),
                          .url = statement_text(q, 5, a),
                          .published_at = statement_int_or(q, 6, INT64_MIN),
                          .updated_at = statement_int_or(q, 7, INT64_MIN),
                          .language = statement_text(q, 8, a),
                          .author = statement_text(q, 9, a),
                          .topic = statement_text(q, 10, a),
                          .summary = statement_text(q, 11, a),
                          .format = (enum article_format)sql_int(q, 12),
                          .image_url = statement_text(q, 13, a),
                          .image_alt = statement_text(q, 14, a),
                          .withdrawn_at = sql_int(q, 15),
                          .pinned = sql_int(q, 16) != 0,
                          .excluded = sql_int(q, 17) != 0,
                          .body = statement_text(q, 18, a)};
}

enum status article_get(struct store *s, int64_t id, struct arena *a, bool *found, struct article *out,
                        struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_ARTICLE_GET);
    sql_bind(q, "i", id);
    enum status st = sql_step(s->sql, q, found, err);
    if (st == OK && *found) {
        read_article(q, a, out);
        (void)sqlite3_reset(q);
    }
    return st;
}

enum status article_list(struct store *s, int64_t after, size_t limit, bool withdrawn, struct arena *a,
                         struct article **rows, size_t *n, struct error *err) {
    sqlite3_stmt *q = statement_get(s, STMT_ARTICLE_LIST);
    sql_bind(q, "iii", after, (int64_t)limit, (int64_t)withdrawn);
    *rows = arena_alloc(a, limit * sizeof **rows);
    *n = 0;
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        read_article(q, a, &(*rows)[(*n)++]);
    }
}

enum status article_set_flag(struct store *s, int64_t id, enum article_flag flag, bool on, const char *actor,
                             int64_t now, bool *found, struct error *err) {
    static const enum statement stmts[] = {STMT_ARTICLE_PIN, STMT_ARTICLE_EXCLUDE, STMT_ARTICLE_WITHDRAW};
    static const char *const words[][2] = {{"unpin", "pin"}, {"include", "exclude"}, {"restore", "remove"}};
    char detail[64];
    bool own;
    *found = false;
    enum status st = statement_begin(s, &own, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(s, stmts[flag]);
    if (flag == ARTICLE_WITHDRAWN) {
        sql_bind(q, "iii", id, (int64_t)on, now);
    } else {
        sql_bind(q, "ii", id, (int64_t)on);
    }
    st = sql_run(s->sql, q, err);
    if (st == OK && statement_changes(s) > 0) {
        *found = true;
        (void)snprintf(detail, sizeof detail, "article %lld", (long long)id);
        st = audit_add(s, now, actor, words[flag][on], 0, str_from(detail), err);
    }
    return statement_end(s, own, st, err);
}
