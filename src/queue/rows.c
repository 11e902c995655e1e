#include "queue/rows.h"

#include <stdlib.h>

/* The name that ties the pointer to this module: no other value can be taken for it. */
static const char pointer_name[] = "courant-rows";

enum { COLUMN_POINTER = 4 };

struct cursor {
    sqlite3_vtab_cursor base;
    const struct rows *rows;
    size_t at;
};

static int rows_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **err) {
    (void)aux;
    (void)argc;
    (void)argv;
    (void)err;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(a INTEGER, b INTEGER, c INTEGER, d INTEGER, rows HIDDEN)");
    if (rc == SQLITE_OK) {
        *out = sqlite3_malloc(sizeof **out);
        if (!*out) {
            return SQLITE_NOMEM;
        }
        memset(*out, 0, sizeof **out);
        (void)sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    }
    return rc;
}

static int rows_disconnect(sqlite3_vtab *t) {
    sqlite3_free(t);
    return SQLITE_OK;
}

static int rows_best(sqlite3_vtab *t, sqlite3_index_info *info) {
    (void)t;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn == COLUMN_POINTER && info->aConstraint[i].usable &&
            info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ) {
            info->aConstraintUsage[i].argvIndex = 1;
            info->aConstraintUsage[i].omit = 1;
            info->estimatedCost = 1;
            info->estimatedRows = 1000;
            return SQLITE_OK;
        }
    }
    return SQLITE_CONSTRAINT;
}

static int rows_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out) {
    (void)t;
    struct cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return SQLITE_NOMEM;
    }
    *out = &c->base;
    return SQLITE_OK;
}

static int rows_close(sqlite3_vtab_cursor *c) {
    free(c);
    return SQLITE_OK;
}

static int rows_filter(sqlite3_vtab_cursor *base, int n, const char *s, int argc, sqlite3_value **argv) {
    (void)n;
    (void)s;
    struct cursor *c = (struct cursor *)base;
    c->rows = argc == 1 ? sqlite3_value_pointer(argv[0], pointer_name) : NULL;
    c->at = 0;
    return SQLITE_OK;
}

static int rows_next(sqlite3_vtab_cursor *base) {
    ((struct cursor *)base)->at++;
    return SQLITE_OK;
}

static int rows_eof(sqlite3_vtab_cursor *base) {
    const struct cursor *c = (const struct cursor *)base;
    return !c->rows || c->at >= c->rows->n;
}

static int rows_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int i) {
    const struct cursor *c = (const struct cursor *)base;
    const struct rows_row *r = &c->rows->list[c->at];
    if (i < COLUMN_POINTER) {
        sqlite3_result_int64(ctx, i == 0 ? r->a : i == 1 ? r->b : i == 2 ? r->c : r->d);
    }
    return SQLITE_OK;
}

static int rows_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    *out = (sqlite3_int64)((const struct cursor *)base)->at;
    return SQLITE_OK;
}

static const sqlite3_module module = {.xConnect = rows_connect,
                                      .xDisconnect = rows_disconnect,
                                      .xBestIndex = rows_best,
                                      .xOpen = rows_open,
                                      .xClose = rows_close,
                                      .xFilter = rows_filter,
                                      .xNext = rows_next,
                                      .xEof = rows_eof,
                                      .xColumn = rows_column,
                                      .xRowid = rows_rowid};

enum status rows_register(struct sql *db, struct error *err) {
    int rc = sqlite3_create_module(sql_handle(db), "rows", &module, NULL);
    return rc == SQLITE_OK ? OK : sql_error(db, rc, err);
}

void rows_bind(sqlite3_stmt *s, int i, const struct rows *r) {
    if (s) {
        (void)sqlite3_bind_pointer(s, i, (void *)(uintptr_t)r, pointer_name, NULL);
    }
}
