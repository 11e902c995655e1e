#include "source/cell.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "text/language.h"
#include "text/moment.h"

static const int64_t TIME_MIN = -62135596800; /* year 1 */
static const int64_t TIME_MAX = 253402300799; /* year 9999 */

enum status cells_init(struct cells *v, const struct config *c, struct error *err) {
    struct error why = {0};
    *v = (struct cells){.url = str_from(c->site.url)};
    if (zone_open(str_from(c->site.timezone), &v->zone, &why) != OK) {
        return error_set(err, ERR_CONFIG, "%s: timezone: %s", config_where(c, "site", "timezone"), why.text);
    }
    v->row = arena_new();
    v->keep = arena_new();
    if (!v->row || !v->keep) {
        cells_release(v);
        return error_set(err, ERR_OS, "out of memory");
    }
    return OK;
}

void cells_release(struct cells *v) {
    zone_close(v->zone);
    arena_free(v->row);
    arena_free(v->keep);
    *v = (struct cells){0};
}

static struct str repaired(struct cells *v, struct str s) {
    if (utf8_valid(s) && !memchr(s.ptr, 0, s.len)) {
        return s;
    }
    struct buf b = BUF_INIT;
    utf8_repair(s, &b);
    struct str out = b.failed ? STR_NONE : arena_str(v->row, buf_str(&b));
    buf_release(&b);
    return out;
}

struct str cell_text(struct cells *v, struct str s) {
    s = str_trim(s);
    if (!s.ptr || !s.len) {
        return STR_NONE;
    }
    s = str_trim(repaired(v, s));
    return s.len ? s : STR_NONE;
}

struct str cell_line(struct cells *v, struct str s) {
    s = cell_text(v, s);
    bool clean = true;
    for (size_t i = 0; clean && i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        clean = c >= ' ' && c != 0x7f && c != 0xc2 && c != 0xe2; /* these two may begin what isn't */
    }
    if (clean) {
        return s;
    }
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.len;) {
        size_t from = i;
        uint32_t cp = utf8_next(s, &i);
        if ((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069)) {
            continue; /* would turn round the text behind it too; letters bring their own direction */
        }
        if (cp < ' ' || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029) {
            buf_addc(&b, ' ');
        } else {
            buf_add(&b, str_sub(s, from, i));
        }
    }
    s = b.failed ? STR_NONE : str_trim(arena_str(v->row, buf_str(&b)));
    buf_release(&b);
    return s.len ? s : STR_NONE;
}

/* An answer kept for IN; NULL when there is none. */
static const struct cell_answer *kept(const struct cell_answer *list, size_t n, struct str in) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i].in, in)) {
            return &list[i];
        }
    }
    return NULL;
}

static void keep(struct cells *v, struct cell_answer *list, size_t *n, struct str in, struct str out) {
    if (*n < CELL_ANSWERS) {
        list[(*n)++] = (struct cell_answer){arena_str(v->keep, in), arena_str(v->keep, out)};
    }
}

struct str cell_language(struct cells *v, struct str s) {
    struct str out = STR_NONE;
    s = cell_text(v, s);
    if (!s.ptr || s.len > 255) {
        return STR_NONE;
    }
    /* a person may have several, in order of preference; an article is in one */
    bool list = v->kind == 1 && (str_find(s, ',', 0) < s.len || str_find(s, ';', 0) < s.len);
    const struct cell_answer *known = kept(v->languages, v->languages_n, s);
    if (known) {
        out = known->out;
    } else {
        if ((list ? language_list_normalise(s, v->row, &out, NULL) : language_normalise(s, v->row, &out, NULL)) != OK) {
            out = STR_NONE;
        }
        keep(v, v->languages, &v->languages_n, s, out);
    }
    v->ignored[v->kind][CELL_LANGUAGE] += !out.ptr;
    return out;
}

struct str cell_timezone(struct cells *v, struct str s) {
    struct str out = STR_NONE;
    s = cell_text(v, s);
    if (!s.ptr || s.len > 255) {
        return STR_NONE;
    }
    const struct cell_answer *known = kept(v->zones, v->zones_n, s);
    if (known) {
        out = known->out;
    } else {
        struct zone *z = NULL;
        if (zone_open(s, &z, NULL) == OK) {
            out = s;
        }
        zone_close(z);
        keep(v, v->zones, &v->zones_n, s, out);
    }
    v->ignored[v->kind][CELL_TIMEZONE] += !out.ptr;
    return out;
}

enum status cell_time(struct cells *v, struct query *q, int col, int64_t *out, struct error *err) {
    *out = INT64_MIN;
    int64_t t = 0;
    switch (query_type(q, col)) {
    case SQLITE_NULL:
        return OK;
    case SQLITE_INTEGER:
        t = query_int(q, col);
        break;
    case SQLITE_FLOAT: {
        double d = query_double(q, col);
        if (!(d >= (double)TIME_MIN && d <= (double)TIME_MAX)) {
            return error_set(err, ERR_DATA, "is not between the years 1 and 9999");
        }
        t = (int64_t)d;
        t -= (double)t > d;
        break;
    }
    default: {
        struct str s = cell_text(v, query_bytes(q, col));
        if (!s.ptr) {
            return OK;
        }
        struct error why = {0};
        if (s.len > 64 || moment_parse(s, v->zone, &t, &why) != OK) {
            static const char said[] = "is no time: "; /* once is enough */
            const char *more = str_starts(str_from(why.text), str_from(said)) ? why.text + sizeof said - 1 : why.text;
            return error_set(err, ERR_DATA, "is not a time%s%s", more[0] ? ": " : "", more);
        }
    }
    }
    if (t < TIME_MIN || t > TIME_MAX) {
        return error_set(err, ERR_DATA, "is not between the years 1 and 9999; milliseconds must be divided by 1000");
    }
    *out = t;
    return OK;
}

enum status cell_id(struct cells *v, struct str s, struct str *out, struct error *err) {
    *out = STR("");
    s = cell_line(v, s);
    if (!s.ptr) {
        return error_set(err, ERR_DATA, "no id");
    }
    *out = str_sub(s, 0, utf8_cut(s, 255));
    return s.len > 255 ? error_set(err, ERR_DATA, "id is longer than 255 bytes") : OK;
}

void cell_json(struct str s, struct buf *out) {
    buf_addc(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            buf_addc(out, '\\');
            buf_addc(out, (char)c);
        } else if (c < ' ') {
            buf_addf(out, "\\u%04x", c);
        } else {
            buf_addc(out, (char)c);
        }
    }
    buf_addc(out, '"');
}
