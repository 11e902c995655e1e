#include "cmd/table.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "text/csv.h"
#include "text/moment.h"
#include "text/width.h"

#include <errno.h>
#include <stdlib.h>

enum { WINDOW = 200, GAP = 2, SMALLEST = 8 };

struct table {
    FILE *out;
    bool json, csv, object, begun, failed, piped;
    size_t terminal;
    const struct table_column *columns;
    size_t n, at; /* columns, and the one whose value is next */
    size_t rows;  /* begun so far */
    json_t *row;
    struct arena *arena;
    struct str *cells; /* text: WINDOW rows of n; afterwards the first row alone is used */
    size_t held;       /* rows in cells that aren't printed */
    bool fixed;        /* widths stand */
    size_t fitting;    /* columns that a terminal has room for; with all of them, n */
    size_t *widths;
    struct buf line;
};

static _Noreturn void out_of_memory(void) {
    (void)fputs("courant: out of memory\n", stderr);
    exit(ERR_OS);
}

static void *need(void *p) {
    if (!p) {
        out_of_memory();
    }
    return p;
}

struct table *table_new(FILE *out, bool json, size_t columns) {
    struct table *t = need(calloc(1, sizeof *t));
    t->out = out;
    t->json = json;
    t->terminal = columns;
    t->arena = need(arena_new());
    return t;
}

void table_set_csv(struct table *t) {
    t->csv = true;
    t->terminal = 0;
}

void table_free(struct table *t) {
    if (t) {
        json_decref(t->row);
        arena_free(t->arena);
        buf_release(&t->line);
        free(t->cells);
        free(t->widths);
        free(t);
    }
}

static void put(struct table *t, struct str s) {
    if (!t->failed && s.len && fwrite(s.ptr, 1, s.len, t->out) != s.len) {
        t->failed = true;
        t->piped = errno == EPIPE;
    }
}

static void begin(struct table *t, const struct table_column *columns, size_t n, bool object) {
    t->columns = columns;
    t->n = n;
    t->object = object;
    t->begun = true;
    t->cells = need(calloc((object ? 1 : WINDOW) * (n ? n : 1), sizeof *t->cells));
    t->widths = need(calloc(n ? n : 1, sizeof *t->widths));
}

void table_list(struct table *t, const struct table_column *columns, size_t n) {
    begin(t, columns, n, false);
}

void table_object(struct table *t, const struct table_column *columns, size_t n) {
    begin(t, columns, n, true);
}

json_t *table_json_str(struct str s) {
    if (!s.ptr) {
        return json_null();
    }
    json_t *j = json_stringn(s.ptr, s.len);
    if (!j) {
        struct buf b = BUF_INIT;
        utf8_repair(s, &b);
        j = need(json_stringn(buf_cstr(&b), b.len));
        buf_release(&b);
    }
    return j;
}

json_t *table_json_time(int64_t v) {
    char iso[MOMENT_ISO_SIZE];
    if (v == 0 || v == INT64_MIN) {
        return json_null();
    }
    moment_iso(v, iso);
    return need(json_string(iso));
}

json_t *table_json_topics(struct str topics) {
    struct str part;
    if (!topics.ptr) {
        return json_null();
    }
    json_t *list = json_array();
    while (str_split(&topics, ',', &part)) {
        part = str_trim(part);
        if (part.len) {
            (void)json_array_append_new(list, table_json_str(part));
        }
    }
    return list;
}

void table_json_set(json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value) != 0) {
        out_of_memory();
    }
}

static bool shown(const struct table *t, size_t i) {
    return !(t->columns[i].flags & (t->csv ? TABLE_TEXT_ONLY : TABLE_JSON_ONLY));
}

static void value(struct table *t, json_t *j, struct str text) {
    if (t->at >= t->n) {
        json_decref(j);
        return;
    }
    const struct table_column *c = &t->columns[t->at];
    if (!t->json) {
        t->cells[t->held * t->n + t->at] = shown(t, t->at) ? arena_str(t->arena, text) : STR_NONE;
        json_decref(j);
    } else if (c->flags & TABLE_TEXT_ONLY) {
        json_decref(j);
    } else {
        if (!t->row) {
            t->row = need(json_object());
        }
        table_json_set(t->row, c->name, j ? j : json_null());
    }
    t->at++;
}

void table_str(struct table *t, struct str s) {
    value(t, t->json ? table_json_str(s) : NULL, s);
}

void table_cstr(struct table *t, const char *s) {
    table_str(t, str_from(s));
}

void table_int(struct table *t, int64_t v) {
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)v);
    value(t, t->json ? need(json_integer(v)) : NULL, str_from(text));
}

void table_id(struct table *t, int64_t v) {
    if (v == 0) {
        table_null(t);
    } else {
        table_int(t, v);
    }
}

void table_time(struct table *t, int64_t v) {
    char iso[MOMENT_ISO_SIZE];
    if (v == 0 || v == INT64_MIN) {
        table_null(t);
    } else {
        moment_iso(v, iso);
        if (!t->json && !t->csv && !t->object) {
            /* "2026-11-23 07:00Z": a list has many columns */
            iso[10] = ' ';
            iso[16] = 'Z';
            iso[17] = 0;
        }
        table_cstr(t, iso);
    }
}

void table_bool(struct table *t, bool v) {
    value(t, t->json ? json_boolean(v) : NULL, v ? STR("yes") : STR("no"));
}

void table_null(struct table *t) {
    value(t, NULL, STR_NONE);
}

void table_json(struct table *t, json_t *v, struct str text) {
    value(t, v, text);
}

static struct str cell(const struct table *t, size_t row, size_t i) {
    struct str s = t->cells[row * t->n + i];
    return s.len ? s : STR("-");
}

static void add_title(const struct table *t, size_t i, bool capitals, struct buf *out) {
    for (const char *p = t->columns[i].name; *p; p++) {
        buf_addc(out, *p == '_' ? ' ' : capitals && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
    }
}

/* Widths for the rows held; in a terminal the widest columns of text give way until a line fits. */
static void fix_widths(struct table *t) {
    size_t total = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!shown(t, i)) {
            continue;
        }
        t->widths[i] = strlen(t->columns[i].name);
        for (size_t r = 0; r < t->held; r++) {
            size_t w = width_of(cell(t, r, i));
            t->widths[i] = w > t->widths[i] ? w : t->widths[i];
        }
        total += t->widths[i] + (total ? GAP : 0);
    }
    while (t->terminal && total > t->terminal) {
        size_t widest = t->n;
        for (size_t i = 0; i < t->n; i++) {
            if (shown(t, i) && !(t->columns[i].flags & TABLE_RIGHT) && t->widths[i] > SMALLEST &&
                (widest == t->n || t->widths[i] > t->widths[widest])) {
                widest = i;
            }
        }
        if (widest == t->n) {
            break;
        }
        t->widths[widest]--;
        total--;
    }
    /* half a number would be another one: such a column is left out, with those behind it */
    size_t edge = 0;
    t->fitting = t->n;
    for (size_t i = 0; i < t->n && t->terminal && t->fitting == t->n; i++) {
        edge += shown(t, i) ? t->widths[i] + (edge ? GAP : 0) : 0;
        if (shown(t, i) && edge > t->terminal && t->columns[i].flags & TABLE_RIGHT) {
            t->fitting = i;
        }
    }
    t->fixed = true;
}

/* Prints the line that was built, without blanks at its end; FIT: what is beyond the terminal's edge is left out. */
static void put_line(struct table *t, bool fit) {
    size_t len = t->line.len;
    while (len && t->line.ptr[len - 1] == ' ') {
        len--;
    }
    if (t->terminal && fit) {
        len = width_fit(str_sub(buf_str(&t->line), 0, len), t->terminal);
    }
    buf_truncate(&t->line, len);
    buf_addc(&t->line, '\n');
    if (t->line.failed) {
        out_of_memory();
    }
    put(t, buf_str(&t->line));
    buf_clear(&t->line);
}

static void add_cell(struct table *t, size_t i, struct str s) {
    size_t w = t->widths[i];
    if (!t->terminal && width_of(s) > w) {
        w = width_of(s); /* nothing is cut in a file */
    }
    if (t->line.len) {
        buf_adds(&t->line, "  ");
    }
    width_pad(s, w, t->columns[i].flags & TABLE_RIGHT, &t->line);
}

static void flush_rows(struct table *t) {
    if (!t->fixed) {
        fix_widths(t);
        struct buf title = BUF_INIT;
        for (size_t i = 0; i < t->fitting; i++) {
            if (shown(t, i)) {
                buf_clear(&title);
                add_title(t, i, true, &title);
                add_cell(t, i, buf_str(&title));
            }
        }
        buf_release(&title);
        put_line(t, true);
    }
    for (size_t r = 0; r < t->held; r++) {
        for (size_t i = 0; i < t->fitting; i++) {
            if (shown(t, i)) {
                add_cell(t, i, cell(t, r, i));
            }
        }
        put_line(t, true);
    }
    t->held = 0;
    arena_reset(t->arena);
}

/* Text of several lines, without what could disturb a terminal. */
static void put_block(struct table *t, struct str s) {
    size_t at = 0;
    buf_clear(&t->line);
    while (at < s.len) {
        uint32_t cp = utf8_next(s, &at);
        if (cp == '\n' || cp == '\t' || (cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0))) {
            buf_add_utf8(&t->line, cp);
        }
    }
    if (t->line.len && t->line.ptr[t->line.len - 1] != '\n') {
        buf_addc(&t->line, '\n');
    }
    put(t, buf_str(&t->line));
    buf_clear(&t->line);
}

static void put_object(struct table *t) {
    size_t widest = 0;
    struct buf title = BUF_INIT;
    for (size_t i = 0; i < t->n; i++) {
        size_t w = strlen(t->columns[i].name);
        if (shown(t, i) && !(t->columns[i].flags & TABLE_BLOCK) && w > widest) {
            widest = w;
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        if (shown(t, i) && !(t->columns[i].flags & TABLE_BLOCK)) {
            struct str s = cell(t, 0, i);
            buf_clear(&title);
            add_title(t, i, false, &title);
            width_pad(buf_str(&title), widest + GAP, false, &t->line);
            width_pad(s, width_of(s), false, &t->line);
            put_line(t, false); /* of one thing all is told */
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        if (shown(t, i) && t->columns[i].flags & TABLE_BLOCK && t->cells[i].len) {
            put(t, STR("\n"));
            put_block(t, t->cells[i]);
        }
    }
    buf_release(&title);
}

static void put_json(struct table *t) {
    json_t *row = t->row ? t->row : need(json_object());
    t->row = NULL;
    char *text = need(json_dumps(row, JSON_COMPACT | JSON_REAL_PRECISION(12)));
    json_decref(row);
    if (!t->object) {
        put(t, t->rows ? STR(",\n ") : STR("["));
    }
    put(t, str_from(text));
    free(text);
}

/* The names of the columns, or (NAMES false) the row held. */
static void put_csv(struct table *t, bool names) {
    bool first = true;
    buf_clear(&t->line);
    for (size_t i = 0; i < t->n; i++) {
        if (shown(t, i)) {
            if (!first) {
                buf_addc(&t->line, ',');
            }
            first = false;
            csv_add(names ? str_from(t->columns[i].name) : t->cells[i], &t->line);
        }
    }
    buf_addc(&t->line, '\n');
    if (t->line.failed) {
        out_of_memory();
    }
    put(t, buf_str(&t->line));
    if (!names) {
        arena_reset(t->arena);
    }
}

void table_row(struct table *t) {
    while (t->at < t->n) {
        table_null(t);
    }
    t->at = 0;
    if (t->json) {
        put_json(t);
    } else if (t->csv) {
        if (!t->rows) {
            put_csv(t, true);
        }
        put_csv(t, false);
    } else if (t->object) {
        put_object(t);
    } else if (++t->held == WINDOW || t->fixed) {
        flush_rows(t);
    }
    t->rows++;
}

bool table_failed(const struct table *t) {
    return t->failed;
}

enum status table_end(struct table *t, struct error *err) {
    if (t->begun && t->csv && !t->rows) {
        put_csv(t, true);
    } else if (t->begun && t->json) {
        put(t, t->object ? STR("\n") : t->rows ? STR("]\n") : STR("[]\n"));
    } else if (t->begun && !t->csv && !t->object && (t->held || (t->terminal && !t->rows))) {
        flush_rows(t); /* in a terminal an empty list has its headings, or one would wonder */
    }
    t->begun = false;
    if (!t->failed && fflush(t->out) != 0) {
        t->failed = true;
        t->piped = errno == EPIPE;
    }
    if (t->failed && t->piped) {
        return ERR_IO;
    }
    return t->failed ? error_set(err, ERR_IO, "standard output can't be written") : OK;
}
