#include "store/missing.h"

#include "store/import_internal.h"
#include "store/statement.h"

enum status import_missing(struct import *im, struct import_count *out, struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, STMT_PERSON_SCAN);
    sql_bind(q, "i", im->source);
    *out = (struct import_count){
        .people_before = im->people_before, .people_now = im->people.count, .articles_now = im->articles.count};
    for (;;) {
        bool row;
        enum status st = sql_step(im->sql, q, &row, err);
        if (st != OK) {
            return st;
        }
        if (!row) {
            break;
        }
        out->people_missing += !idset_has(&im->people, sql_int(q, 1));
    }
    for (size_t i = 0; i < im->abandoned_n; i++) {
        out->people_missing += !idset_has(&im->people, im->abandoned[i]);
    }
    for (size_t i = 0; i < im->namesakes_n; i++) {
        out->articles_renamed += !idset_has(&im->articles, im->namesakes[i]);
    }
    return OK;
}

static enum status remove_person(struct import *im, int64_t subscriber, struct error *err) {
    int64_t other = 0;
    if (!im->newsletter) {
        return OK;
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_PERSON_ELSEWHERE);
    sql_bind(q, "iii", subscriber, im->source, im->newsletter);
    enum status st = sql_run_int(im->sql, q, &other, err);
    if (st != OK) {
        return st;
    }
    q = statement_get(im->s, other ? STMT_IMPORT_HAND_OVER : STMT_IMPORT_REMOVE);
    sql_bind(q, "iiii", im->newsletter, subscriber, im->source, other ? other : im->now);
    return sql_run(im->sql, q, err);
}

static enum status remove_people(struct import *im, int64_t *n, struct error *err) {
    enum status st;
    sqlite3_stmt *scan = statement_get(im->s, STMT_PERSON_SCAN);
    sql_bind(scan, "i", im->source);
    for (;;) {
        bool row;
        if ((st = sql_step(im->sql, scan, &row, err)) != OK || !row) {
            break;
        }
        int64_t subscriber = sql_int(scan, 1);
        if (idset_has(&im->people, subscriber)) {
            continue;
        }
        /* the row at the cursor keeps its key, so the cursor finds its way on */
        sqlite3_stmt *q = statement_get(im->s, STMT_PERSON_GONE);
        sql_bind(q, "ini", im->source, im->now);
        if (q) {
            (void)sqlite3_bind_value(q, 2, sqlite3_column_value(scan, 0));
        }
        if ((st = sql_run(im->sql, q, err)) != OK || (st = remove_person(im, subscriber, err)) != OK) {
            (void)sqlite3_reset(scan);
            break;
        }
        ++*n;
    }
    for (size_t i = 0; st == OK && i < im->abandoned_n; i++) {
        if (!idset_has(&im->people, im->abandoned[i])) {
            st = remove_person(im, im->abandoned[i], err);
            ++*n;
        }
    }
    return st;
}

/* Runs ACT for every row of SCAN whose id was not seen. */
static enum status sweep(struct import *im, enum statement scan_stmt, enum statement act, int64_t kind,
                         const struct idset *seen, int64_t *n, struct error *err) {
    enum status st;
    sqlite3_stmt *scan = statement_get(im->s, scan_stmt);
    if (scan_stmt == STMT_REFUSED_SCAN) {
        sql_bind(scan, "ii", im->source, kind);
    } else {
        sql_bind(scan, "i", im->source);
    }
    for (;;) {
        bool row;
        if ((st = sql_step(im->sql, scan, &row, err)) != OK || !row) {
            return st;
        }
        int64_t id = sql_int(scan, 0);
        if (idset_has(seen, id)) {
            continue;
        }
        sqlite3_stmt *q = statement_get(im->s, act);
        sql_bind(q, act == STMT_ARTICLE_GONE ? "ii" : "i", id, im->now);
        if ((st = sql_run(im->sql, q, err)) != OK) {
            (void)sqlite3_reset(scan);
            return st;
        }
        ++*n;
    }
}

enum status import_forget_refused(struct import *im, enum import_kind kind, struct error *err) {
    int64_t forgotten = 0;
    return sweep(im, STMT_REFUSED_SCAN, STMT_REFUSED_DELETE, kind, &im->refused[kind], &forgotten, err);
}

enum status import_remove_missing(struct import *im, enum import_kind kind, int64_t *n, struct error *err) {
    *n = 0;
    enum status st = kind == IMPORT_SUBSCRIBER
                         ? remove_people(im, n, err)
                         : sweep(im, STMT_ARTICLE_SCAN, STMT_ARTICLE_GONE, kind, &im->articles, n, err);
    if (st == OK) {
        st = import_forget_refused(im, kind, err);
    }
    im->removed[kind] = *n;
    return st;
}
