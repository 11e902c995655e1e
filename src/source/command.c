#include "source/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/nameless.h"
#include "source/json_rows.h"
#include "source/program.h"
#include "source/sheet.h"

enum { COLUMNS_MAX = 200 };
static const int64_t OUTPUT_MAX = INT64_C(1) << 30;

/* --- CSV --- */

static enum status keep_names(struct reading *r, enum import_kind kind, const struct sheet_row *row, struct str *names,
                              bool *utc, struct error *err) {
    if (row->n > COLUMNS_MAX) {
        return error_set(err, ERR_DATA, "has more than %d columns", COLUMNS_MAX);
    }
    for (size_t i = 0; i < row->n; i++) {
        names[i] = arena_str(r->arena, rows_our_name(kind, str_trim(row->cells[i]), &utc[i]));
    }
    return OK;
}

static enum status add_row(struct reading *r, enum import_kind kind, const struct sheet_row *row,
                           const struct str *names, const bool *utc, struct arena *a, struct error *err) {
    struct rows_value list[COLUMNS_MAX];
    arena_reset(a);
    for (size_t i = 0; i < row->n; i++) {
        list[i] = (struct rows_value){.name = names[i], .text = row->cells[i].len ? row->cells[i] : STR_NONE};
        if (utc[i] && list[i].text.len) {
            list[i].text = arena_printf(a, "%.*sZ", STR_ARG(list[i].text));
        }
    }
    return rows_add(r->rows, kind, list, row->n, err);
}

static enum status read_csv(struct reading *r, enum import_kind kind, int fd, struct error *err) {
    const struct sheet_options o = {0};
    struct sheet *s = NULL;
    struct str names[COLUMNS_MAX];
    bool utc[COLUMNS_MAX];
    size_t columns = 0;
    struct arena *a = arena_new();
    enum status st = a ? sheet_open(fd, &o, &s, err) : error_set(err, ERR_OS, "out of memory");
    while (st == OK) {
        struct sheet_row row;
        bool more;
        if ((st = sheet_next(s, &row, &more, err)) != OK || !more) {
            break;
        }
        if (row.fault) {
            st = error_set(err, ERR_DATA, "%s", row.fault);
        } else if (!columns) {
            columns = row.n;
            st = keep_names(r, kind, &row, names, utc, err);
        } else if (row.n != columns) { /* its cells may stand under the wrong names */
            st = error_set(err, ERR_DATA, "has %zu cells, the first line has %zu", row.n, columns);
        } else {
            st = add_row(r, kind, &row, names, utc, a, err);
        }
        if (st != OK) {
            (void)error_prefix(err, "line %lld", (long long)row.line);
        }
    }
    sheet_close(s);
    arena_free(a);
    return st;
}

/* --- */

static enum status read_json(struct reading *r, enum import_kind kind, int fd, struct error *err) {
    int copy = dup(fd);
    FILE *in = copy >= 0 ? fdopen(copy, "r") : NULL;
    if (!in) {
        if (copy >= 0) {
            (void)close(copy);
        }
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st =
        json_rows_read(in, kind, r->source->newsletter ? &r->source->newsletter->topics : NULL, r->rows, err);
    (void)fclose(in);
    return st;
}

static enum status add_hash(int fd, struct hash *hash, struct error *err) {
    char block[65536];
    ssize_t n;
    if (lseek(fd, 0, SEEK_SET) != 0) {
        return error_set(err, ERR_IO, "its output can't be read again");
    }
    while ((n = read(fd, block, sizeof block)) > 0) {
        hash_add(hash, block, (size_t)n);
    }
    hash_add_u64(hash, 0);
    return n < 0 || lseek(fd, 0, SEEK_SET) != 0 ? error_set(err, ERR_IO, "its output can't be read again") : OK;
}

static enum status run(struct reading *r, const char *command, int *fd, struct hash *hash, struct error *err) {
    const char *path = r->c->database.path; /* private files are at home beside it */
    if ((*fd = nameless_beside(path)) < 0) {
        return error_set(err, ERR_CANTCREATE, "no file can be made beside %s: %s", path, strerror(errno));
    }
    const struct program p = {.command = command,
                              .folder = r->c->folder,
                              .timeout_s = r->source->timeout_s,
                              .out = *fd,
                              .max_bytes = OUTPUT_MAX};
    enum status st = program_run(&p, err);
    return st == OK ? add_hash(*fd, hash, err) : st;
}

enum status command_read(struct reading *r, struct error *err) {
    static const char *const names[] = {"articles_command", "subscribers_command"};
    const char *const commands[] = {r->source->articles_command, r->source->subscribers_command};
    const char *const settings[] = {"command 1", r->source->output == CONFIG_OUTPUT_CSV ? "csv" : "jsonl", NULL};
    int fds[2] = {-1, -1};
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    struct hash *hash = hash_new();
    enum status st = OK;
    r->articles = commands[IMPORT_ARTICLE] != NULL;
    r->people = commands[IMPORT_SUBSCRIBER] != NULL;
    reading_stamp(r, settings);
    for (int k = 0; st == OK && k < 2; k++) {
        if (commands[k] && (st = run(r, commands[k], &fds[k], hash, err)) != OK) {
            (void)error_prefix(err, "%s", names[k]);
        }
    }
    hash_end(hash, h);
    hash_free(hash);
    hash_hex(h, sizeof h, hex);
    r->unchanged = st == OK && reading_is_same(r, str_from(hex));
    for (int k = 0; st == OK && !r->unchanged && k < 2; k++) {
        if (fds[k] >= 0) {
            st = r->source->output == CONFIG_OUTPUT_CSV ? read_csv(r, (enum import_kind)k, fds[k], err)
                                                        : read_json(r, (enum import_kind)k, fds[k], err);
        }
        if (st != OK) {
            (void)error_prefix(err, "%s", names[k]);
        }
    }
    for (int k = 0; k < 2; k++) {
        if (fds[k] >= 0) {
            (void)close(fds[k]);
        }
    }
    return st;
}
