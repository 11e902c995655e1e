/* The file is read by inih, whose limits are worked around here. Debian's library keeps a line in 200 bytes, a name in
 * 50, tells its handler no line number, calls nobody at a new section, and leaves comments on continuation lines in the
 * value. So the reader it calls for its next line
 *  - counts the lines of the file, checks them, strips comments, and registers sections;
 *  - hands a long line on as a first piece and continuation lines, each piece between two marks, so that no piece
 * begins with a comment sign or begins or ends with a blank that inih would strip. The first mark says how the piece is
 *    joined to what came before:
 *        key = <piece.        the value's beginning
 *         +piece.             goes on with the same line
 *         |piece.             the next line of the file
 */
#include "config/raw.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <ini.h>

enum { SECTIONS_MAX = 1000, KEYS_MAX = 4000, NUM_MIN = RAW_NAME_MAX + 16 };
#define MARK_FIRST '<'
#define MARK_SAME '+'
#define MARK_NEXT '|'
#define MARK_END '.'

struct reader {
    struct str text;
    size_t pos; /* in text */
    int line;   /* the number of the line read last */
    struct arena *arena;
    struct report *report;
    struct raw *raw;

    struct raw_section *section, *last_section;
    struct raw_entry *entry, *last_entry; /* the key whose value is being read, or NULL */
    struct buf value;
    size_t sections_n, keys_n;

    struct str rest; /* of a long line, still to be handed on */
    bool named;      /* inih has a key to which an indented line belongs */
    bool skip_lines; /* the key above was refused: its continuation lines are dropped */
    bool skip_keys;  /* so was the section */
    bool expected;   /* the line handed on last must reach the handler */
    bool stop;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct str trim(struct str s) {
    while (s.len && is_blank(s.ptr[0]))
        s = str_sub(s, 1, s.len);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* The value read so far belongs to the entry and is complete. */
static void finish_entry(struct reader *r) {
    if (r->entry)
        r->entry->value = arena_cstr(r->arena, trim(buf_str(&r->value)));
    r->entry = NULL;
    buf_clear(&r->value);
}

static const char *where(const struct reader *r) {
    return arena_printf(r->arena, "%s:%d", r->report->file, r->line).ptr;
}

static void begin_section(struct reader *r, struct str name) {
    finish_entry(r);
    r->named = r->skip_lines = false;
    r->skip_keys = true;
    if (name.len > RAW_NAME_MAX) {
        report_add(r->report, r->line, "the section name '%.*s…' is longer than %d bytes; shorten it",
                   (int)utf8_cut(name, 20), name.ptr, RAW_NAME_MAX);
        return;
    }
    if (++r->sections_n > SECTIONS_MAX) {
        report_add(r->report, r->line, "more than %d sections; split the file", SECTIONS_MAX);
        r->stop = true;
        return;
    }
    const char *copy = arena_cstr(r->arena, name);
    const struct raw_section *old = raw_section(r->raw, copy);
    if (old) {
        report_add(r->report, r->line, "section [%s] is already on line %d; put its keys together there", copy,
                   old->line);
        return;
    }
    struct raw_section *s = arena_alloc(r->arena, sizeof *s);
    s->name = copy;
    s->line = r->line;
    s->where = where(r);
    if (r->last_section)
        r->last_section->next = s;
    else
        r->raw->sections = s;
    r->section = r->last_section = s;
    r->last_entry = NULL;
    r->skip_keys = false;
    r->keys_n = 0;
}

/* Takes the next line of the file without its end; false at the end. */
static bool take_line(struct reader *r, struct str *line) {
    if (r->stop || r->pos >= r->text.len)
        return false;
    size_t end = str_find(r->text, '\n', r->pos);
    *line = str_sub(r->text, r->pos, end);
    r->pos = end + 1;
    r->line++;
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool check_line(struct reader *r, struct str line) {
    if (line.len > RAW_LINE_MAX) {
        report_add(r->report, r->line,
                   "the line is longer than 64 KiB; break it: an indented line goes on with the value above");
        return false;
    }
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            report_add(r->report, r->line, "%s in the line; this must be a text file",
                       c == 0      ? "a NUL byte"
                       : c == '\r' ? "a carriage return"
                                   : "a control character");
            return false;
        }
    }
    if (!utf8_valid(line)) {
        report_add(r->report, r->line, "the line is not valid UTF-8; save the file as UTF-8");
        return false;
    }
    return true;
}

/* Cuts a comment off: ';' at the beginning or after a blank, as inih does on the lines it knows it on. */
static struct str strip_comment(struct str line) {
    for (size_t i = 1; i < line.len; i++)
        if (line.ptr[i] == ';' && is_blank(line.ptr[i - 1]))
            return str_sub(line, 0, i);
    return line;
}

/* Writes "KEY = MARK" or " MARK", as much of r->rest as fits into NUM bytes, and the end mark. */
static void hand_on(struct reader *r, char *out, size_t num, struct str key, char mark) {
    size_t n = 0;
    if (key.len) {
        memcpy(out, key.ptr, key.len);
        n = key.len;
        out[n++] = '=';
    }
    out[n++] = ' ';
    out[n++] = mark;
    struct str piece = str_sub(r->rest, 0, num - n - 2);
    if (piece.len)
        memcpy(out + n, piece.ptr, piece.len);
    n += piece.len;
    out[n++] = MARK_END;
    out[n] = '\0';
    r->rest = str_sub(r->rest, piece.len, r->rest.len);
    r->expected = true;
}

static bool read_section(struct reader *r, struct str line, char *out) {
    size_t end = str_find(line, ']', 0);
    struct str name = trim(str_sub(line, 1, end));
    if (end == line.len) {
        report_add(r->report, r->line, "'[' without ']'; a section is written [name]");
        finish_entry(r);
        r->skip_keys = true;
        r->named = false;
        return false;
    }
    if (end + 1 < line.len)
        report_add(r->report, r->line, "text after [%.*s]; put it on a line of its own", (int)(name.len % 64),
                   name.ptr);
    begin_section(r, name);
    if (r->skip_keys)
        return false;
    out[0] = '[';
    memcpy(out + 1, name.ptr, name.len);
    memcpy(out + 1 + name.len, "]", 2);
    return true;
}

static bool read_key(struct reader *r, struct str line, char *out, size_t num) {
    finish_entry(r);
    r->skip_lines = true;
    if (r->skip_keys)
        return false;
    size_t end = 0;
    while (end < line.len && line.ptr[end] != '=' && line.ptr[end] != ':')
        end++;
    struct str key = trim(str_sub(line, 0, end));
    if (end == line.len)
        report_add(r->report, r->line, "neither [section] nor key = value; a line that goes on must be indented");
    else if (!key.len)
        report_add(r->report, r->line, "no key before '%c'", line.ptr[end]);
    else if (key.len > RAW_NAME_MAX)
        report_add(r->report, r->line, "the key is longer than %d bytes", RAW_NAME_MAX);
    else if (!r->section)
        report_add(r->report, r->line, "a key before the first [section]");
    else if (++r->keys_n > KEYS_MAX) {
        report_add(r->report, r->line, "more than %d keys in [%s]", KEYS_MAX, r->section->name);
        r->stop = true;
    } else {
        r->rest = trim(str_sub(line, end + 1, line.len));
        hand_on(r, out, num, key, MARK_FIRST);
        r->skip_lines = false;
        r->named = true;
        return true;
    }
    return false;
}

/* What inih calls for its next line, as it would fgets: at most NUM bytes with the NUL. */
static char *reader_next(char *out, int num, void *user) {
    struct reader *r = user;
    if (r->expected || num < NUM_MIN) { /* an inih built otherwise than the ones known */
        report_add(r->report, r->line, "the INI library did not take this line");
        r->stop = true;
        return NULL;
    }
    if (r->rest.len) {
        hand_on(r, out, (size_t)num, STR_NONE, MARK_SAME);
        return out;
    }
    struct str line;
    while (take_line(r, &line)) {
        bool indented = line.len && is_blank(line.ptr[0]);
        bool continues = indented && (r->named || r->skip_lines);
        if (!check_line(r, line)) {
            if (!continues) {
                finish_entry(r);
                r->skip_lines = true;
            }
            continue;
        }
        struct str t = trim(line);
        if (!t.len || t.ptr[0] == ';' || t.ptr[0] == '#')
            continue;
        t = trim(strip_comment(t));
        if (continues) {
            if (r->skip_lines)
                continue;
            r->rest = t;
            hand_on(r, out, (size_t)num, STR_NONE, MARK_NEXT);
            return out;
        }
        if (t.ptr[0] == '[' ? read_section(r, t, out) : read_key(r, t, out, (size_t)num))
            return out;
    }
    finish_entry(r);
    return NULL;
}

/* What inih calls for each value and each continuation of one. */
static int reader_value(void *user, const char *section, const char *key, const char *value) {
    (void)section;
    struct reader *r = user;
    struct str v = str_from(value);
    r->expected = false;
    if (v.len < 2)
        return 0;
    char mark = v.ptr[0];
    v = str_sub(v, 1, v.len - 1);
    if (mark == MARK_FIRST) {
        const struct raw_entry *old = raw_entry(r->section, key);
        struct raw_entry *e = arena_alloc(r->arena, sizeof *e);
        if (old) {
            /* Its value is read, and dropped with the entry, which is in no list. */
            report_add(r->report, r->line, "'%s' is already set on line %d; keep one of them", key, old->line);
        } else {
            if (r->last_entry)
                r->last_entry->next = e;
            else
                r->section->entries = e;
            r->last_entry = e;
        }
        e->key = arena_cstr(r->arena, str_from(key));
        e->value = "";
        e->line = r->line;
        e->where = where(r);
        r->entry = e;
    } else if (mark == MARK_NEXT && r->value.len) {
        buf_addc(&r->value, '\n');
    }
    buf_add(&r->value, v);
    return 1;
}

static void read_text(struct str text, bool flat, struct arena *a, struct report *report, struct raw *out) {
    struct reader r = {.text = text, .arena = a, .report = report, .raw = out, .value = BUF_INIT};
    *out = (struct raw){NULL};
    if (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff"))) {
        report_add(report, 0, "the file is UTF-16; save it as UTF-8");
        return;
    }
    if (str_starts(text, STR("\xef\xbb\xbf")))
        r.text = str_sub(text, 3, text.len);
    if (flat)
        begin_section(&r, STR(""));
    if (ini_parse_stream(reader_next, &r, reader_value, &r) != 0 && !r.stop)
        report_add(report, r.line, "the INI library refused the file");
    if (r.value.failed)
        report_add(report, 0, "out of memory");
    buf_release(&r.value);
}

void raw_read(struct str text, struct arena *a, struct report *report, struct raw *out) {
    read_text(text, false, a, report, out);
}

void raw_read_flat(struct str text, struct arena *a, struct report *report, struct raw *out) {
    read_text(text, true, a, report, out);
}

const struct raw_entry *raw_entry(const struct raw_section *s, const char *key) {
    for (const struct raw_entry *e = s ? s->entries : NULL; e; e = e->next)
        if (strcmp(e->key, key) == 0)
            return e;
    return NULL;
}

const struct raw_section *raw_section(const struct raw *raw, const char *name) {
    for (const struct raw_section *s = raw->sections; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}
