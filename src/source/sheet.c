#include "source/sheet.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "text/charset.h"

#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <unicode/ucnv.h>
#include <unistd.h>

enum { CHUNK = 65536, LOOK = 4096 };

struct sheet {
    int fd;
    bool ended; /* the file is read */
    int64_t bytes;
    UConverter *from, *utf8; /* NULL: bytes are taken as they are */
    UChar pivot[1024];
    UChar *pivot_at, *pivot_end;
    const char *encoding;
    UConverter *western; /* for rows that aren't UTF-8 */
    struct buf text;     /* UTF-8, or what is to be looked at row by row; from `at` on not used yet */
    size_t at;
    int64_t line; /* of text[at] */
    struct csv_parser csv;
    bool csv_open;
    char separator;
    /* the row under way */
    struct buf cells;
    size_t ends[SHEET_COLUMNS_MAX];
    size_t n;
    bool done, wide;
    bool skip; /* what is left of a line that is too long */
    struct str views[SHEET_COLUMNS_MAX];
    struct buf recoded;
};

static void on_cell(void *bytes, size_t len, void *arg) {
    struct sheet *s = arg;
    if (s->n == SHEET_COLUMNS_MAX) {
        s->wide = s->wide || len > 0; /* a spreadsheet's empty columns do no harm */
        return;
    }
    buf_add(&s->cells, (struct str){bytes, len});
    s->ends[s->n++] = s->cells.len;
}

static void on_row(int term, void *arg) {
    (void)term;
    ((struct sheet *)arg)->done = true;
}

static enum status csv_begin(struct sheet *s, struct error *err) {
    if (s->csv_open) {
        csv_free(&s->csv);
    }
    s->csv_open = csv_init(&s->csv, 0) == 0;
    if (!s->csv_open) {
        return error_set(err, ERR_OS, "out of memory");
    }
    csv_set_delim(&s->csv, (unsigned char)s->separator);
    buf_clear(&s->cells);
    s->n = 0;
    s->done = s->wide = false;
    return OK;
}

/* Appends IN to text by way of ICU; at the file's end what is left of a character comes out as U+FFFD. */
static enum status recode(struct sheet *s, const char *in, size_t len, struct error *err) {
    const char *end = in + len;
    for (;;) {
        UErrorCode code = U_ZERO_ERROR;
        char out[CHUNK];
        char *to = out;
        ucnv_convertEx(s->utf8, s->from, &to, out + sizeof out, &in, end, s->pivot, &s->pivot_at, &s->pivot_end,
                       s->pivot + sizeof s->pivot / sizeof *s->pivot, false, s->ended, &code);
        buf_add(&s->text, (struct str){out, (size_t)(to - out)});
        if (code == U_BUFFER_OVERFLOW_ERROR) {
            continue;
        }
        return U_FAILURE(code) && code != U_TRUNCATED_CHAR_FOUND
                   ? error_set(err, ERR_DATA, "it can't be read as %s (%s)", s->encoding, u_errorName(code))
                   : OK;
    }
}

static enum status read_some(struct sheet *s, char *in, size_t size, size_t *got, struct error *err) {
    ssize_t n;
    do {
        n = read(s->fd, in, size);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return error_set(err, ERR_NOINPUT, "it can't be read: %s", strerror(errno));
    }
    *got = (size_t)n;
    s->bytes += n;
    s->ended = n == 0;
    return OK;
}

/* Reads on; what was used is dropped first. */
static enum status fill(struct sheet *s, struct error *err) {
    char in[CHUNK];
    size_t got = 0;
    if (s->at > 0) {
        memmove(s->text.ptr, s->text.ptr + s->at, s->text.len - s->at);
        buf_truncate(&s->text, s->text.len - s->at);
        s->at = 0;
    }
    enum status st = read_some(s, in, sizeof in, &got, err);
    if (st == OK && s->from) {
        st = recode(s, in, got, err);
    } else if (st == OK) {
        buf_add(&s->text, (struct str){in, got});
    }
    return st == OK && s->text.failed ? error_set(err, ERR_OS, "out of memory") : st;
}

static enum status open_converters(struct sheet *s, const char *name, struct error *err) {
    UErrorCode code = U_ZERO_ERROR;
    s->encoding = name;
    s->from = ucnv_open(name, &code);
    s->utf8 = ucnv_open("UTF-8", &code);
    s->pivot_at = s->pivot_end = s->pivot;
    return U_FAILURE(code) ? error_set(err, ERR_USAGE, "there is no encoding '%s'", name) : OK;
}

/* UTF-16 without a mark: of ASCII letters every second byte is zero. */
static const char *sixteen_bits(struct str in) {
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < in.len; i++) {
        zeros[i % 2] += in.ptr[i] == 0;
    }
    return zeros[1] * 5 > in.len ? "UTF-16LE" : zeros[0] * 5 > in.len ? "UTF-16BE" : NULL;
}

static enum status find_encoding(struct sheet *s, const char *given, struct error *err) {
    char in[LOOK];
    size_t n = 0;
    enum status st = OK;
    while (st == OK && !s->ended && n < sizeof in) {
        size_t got = 0;
        st = read_some(s, in + n, sizeof in - n, &got, err);
        n += got;
    }
    if (st != OK) {
        return st;
    }
    struct str head = {in, n};
    size_t mark = 0;
    const char *name = charset_of_mark(head, &mark);
    if (name) {
        name = strcmp(name, "UTF-8") == 0 ? NULL : name;
    } else {
        name = given ? given : sixteen_bits(head);
    }
    head = str_sub(head, mark, n);
    if (name) {
        if ((st = open_converters(s, name, err)) == OK) {
            st = recode(s, head.ptr, head.len, err);
        }
    } else {
        buf_add(&s->text, head);
    }
    return st;
}

/* Where the line that begins at FROM ends, its end included; false when more of the file is needed to tell. */
static bool line_end(const struct sheet *s, size_t from, size_t *end) {
    for (size_t i = from; i < s->text.len; i++) {
        char c = s->text.ptr[i];
        if (c == '\n') {
            *end = i + 1;
            return true;
        }
        if (c == '\r' && (i + 1 < s->text.len || s->ended)) {
            *end = i + 1 + (i + 1 < s->text.len && s->text.ptr[i + 1] == '\n');
            return true;
        }
    }
    *end = s->text.len;
    return s->ended && s->text.len > from;
}

static enum status find_separator(struct sheet *s, struct error *err) {
    static const char may[] = ",;\t|";
    size_t count[4] = {0, 0, 0, 0};
    size_t end;
    bool quoted = false;
    while (!line_end(s, s->at, &end) && !s->ended && s->text.len - s->at < SHEET_ROW_MAX) {
        enum status st = fill(s, err);
        if (st != OK) {
            return st;
        }
    }
    struct str first = str_sub(buf_str(&s->text), s->at, end);
    if (first.len >= 5 && str_starts_nocase(first, STR("sep=")) && str_trim(str_sub(first, 5, end)).len == 0) {
        s->separator = s->separator ? s->separator : first.ptr[4];
        s->at = end;
        s->line++;
        return OK;
    }
    for (size_t from = s->at; str_trim(first).len == 0 && end > from; first = str_sub(buf_str(&s->text), from, end)) {
        from = end; /* an empty line tells nothing */
        (void)line_end(s, from, &end);
    }
    for (size_t i = 0; i < first.len; i++) {
        quoted = quoted != (first.ptr[i] == '"');
        for (size_t k = 0; k < 4 && !quoted; k++) {
            count[k] += first.ptr[i] == may[k];
        }
    }
    size_t best = 0;
    for (size_t k = 1; k < 4; k++) {
        best = count[k] > count[best] ? k : best;
    }
    s->separator = s->separator ? s->separator : may[best];
    return OK;
}

enum status sheet_open(int fd, const struct sheet_options *o, struct sheet **out, struct error *err) {
    struct sheet *s = calloc(1, sizeof *s);
    *out = s;
    if (!s) {
        return error_set(err, ERR_OS, "out of memory");
    }
    s->fd = fd;
    s->line = 1;
    s->encoding = "UTF-8";
    s->separator = o->separator;
    enum status st = find_encoding(s, o->encoding, err);
    if (st == OK && (st = find_separator(s, err)) == OK) {
        st = csv_begin(s, err);
    }
    if (st != OK) {
        sheet_close(s);
        *out = NULL;
    }
    return st;
}

void sheet_close(struct sheet *s) {
    if (s) {
        if (s->csv_open) {
            csv_free(&s->csv);
        }
        ucnv_close(s->from);
        ucnv_close(s->utf8);
        ucnv_close(s->western);
        buf_release(&s->text);
        buf_release(&s->cells);
        buf_release(&s->recoded);
        free(s);
    }
}

/* A row that isn't UTF-8 is Windows-1252, the Western spreadsheets' own. */
static enum status western(struct sheet *s, struct error *err) {
    UErrorCode code = U_ZERO_ERROR;
    size_t from = 0;
    if (!s->western) {
        s->western = ucnv_open("windows-1252", &code);
        s->encoding = "Windows-1252";
    }
    if (U_FAILURE(code)) {
        return error_set(err, ERR_SOFTWARE, "ICU has no windows-1252 (%s)", u_errorName(code));
    }
    buf_clear(&s->recoded);
    for (size_t i = 0; i < s->n; i++) {
        const char *in = s->cells.ptr + from, *end = s->cells.ptr + s->ends[i];
        while (in < end) {
            buf_add_utf8(&s->recoded, (uint32_t)ucnv_getNextUChar(s->western, &in, end, &code));
            code = U_ZERO_ERROR;
        }
        from = s->ends[i];
        s->ends[i] = s->recoded.len;
    }
    buf_clear(&s->cells);
    buf_add(&s->cells, buf_str(&s->recoded));
    return s->cells.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

static enum status give(struct sheet *s, struct sheet_row *row, struct error *err) {
    enum status st = OK;
    size_t from = 0;
    if (s->cells.failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (s->wide) {
        row->fault = "has more than 500 columns";
        return OK;
    }
    bool valid = true; /* each cell: the end of one and the beginning of the next may look like a character */
    for (size_t i = 0; i < s->n && valid; i++) {
        valid = utf8_valid(str_sub(buf_str(&s->cells), from, s->ends[i]));
        from = s->ends[i];
    }
    st = valid ? OK : western(s, err);
    from = 0;
    while (s->n && s->ends[0] >= from + 3 && memcmp(s->cells.ptr + from, "\xef\xbb\xbf", 3) == 0) {
        from += 3; /* files were joined, each with its mark */
    }
    for (size_t i = 0; i < s->n && st == OK; i++) {
        s->views[i] = str_sub(buf_str(&s->cells), from, s->ends[i]);
        from = s->ends[i];
    }
    row->cells = s->views;
    row->n = s->n;
    return st;
}

static enum status skip_line(struct sheet *s, struct error *err) {
    enum status st = OK;
    size_t end;
    while (st == OK && s->skip) {
        bool found = line_end(s, s->at, &end);
        s->skip = !found && !s->ended;
        s->line += found;
        s->at = end;
        st = s->skip ? fill(s, err) : OK;
    }
    return st;
}

enum status sheet_next(struct sheet *s, struct sheet_row *row, bool *more, struct error *err) {
    size_t end = 0, length = 0;
    size_t lines = 0, first_length = 0;
    enum status st = skip_line(s, err);
    *more = false;
    *row = (struct sheet_row){.line = s->line};
    if (st != OK) {
        return st;
    }
    if (s->n || s->done || s->cells.len) {
        buf_clear(&s->cells);
        s->n = 0;
        s->done = s->wide = false;
    }
    for (;;) {
        if (!line_end(s, s->at + length, &end)) {
            if (!s->ended && s->text.len - s->at <= SHEET_ROW_MAX) {
                if ((st = fill(s, err)) != OK) {
                    return st;
                }
                continue;
            }
            if (s->ended && length == 0) {
                return OK;
            }
        }
        bool last = s->ended && end == s->text.len;
        size_t part = end - s->at - length;
        if (part && csv_parse(&s->csv, s->text.ptr + s->at + length, part, on_cell, on_row, s) != part) {
            return error_set(err, ERR_OS, "libcsv: %s", csv_strerror(csv_error(&s->csv)));
        }
        length += part;
        lines++;
        first_length = lines == 1 ? length : first_length;
        if (last && !s->done && !(s->csv.quoted && s->csv.pstate == 2)) {
            (void)csv_fini(&s->csv, on_cell, on_row, s);
        }
        if (s->done) {
            s->at += length;
            s->line += (int64_t)lines;
            *more = true;
            return give(s, row, err);
        }
        bool within = s->csv.quoted && s->csv.pstate == 2; /* in a quoted cell */
        if (!within && !last && length <= SHEET_ROW_MAX) { /* an empty line */
            s->at += length;
            s->line += (int64_t)lines;
            row->line = s->line;
            length = lines = 0;
            continue;
        }
        if (last && !within) {
            s->at += length;
            return OK;
        }
        if (last || lines >= SHEET_LINES_MAX || length > SHEET_ROW_MAX) {
            /* the first line alone is given up: a quote in it goes astray */
            row->fault = !within                  ? "is longer than 256 KB"
                         : length > SHEET_ROW_MAX ? "is longer than 256 KB: is a quotation mark not closed?"
                                                  : "a quotation mark is opened and not closed";
            bool whole = first_length && (s->text.ptr[s->at + first_length - 1] == '\n' ||
                                          s->text.ptr[s->at + first_length - 1] == '\r');
            buf_clear(&s->recoded);
            utf8_repair(str_trim(str_sub(buf_str(&s->text), s->at, s->at + first_length)), &s->recoded);
            row->raw = buf_str(&s->recoded);
            s->at += first_length;
            s->line += whole;
            s->skip = !whole && !s->ended;
            *more = true;
            return csv_begin(s, err);
        }
    }
}

int64_t sheet_bytes(const struct sheet *s) {
    return s->bytes;
}

const char *sheet_encoding(const struct sheet *s) {
    return s->encoding;
}

char sheet_separator(const struct sheet *s) {
    return s->separator;
}
