#include "text/tzfile.h"

#include "text/civil.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEADER = 44, FILE_MAX = 256 * 1024, NAME_LIMIT = 63, HOURS_MAX = 167, OFFSET_MAX = 86399 };

/* When a rule's part of the year begins: RFC 9636 3.3.2, POSIX's TZ. */
struct rule_date {
    char form;  /* 'M' month, week, day; 'J' day 1 to 365 without leap days; 'D' day 0 to 365 with them */
    int month;  /* M */
    int week;   /* M: 1 to 5, 5 is the last */
    int day;    /* M: 0 Sunday to 6; else the day of the year */
    int second; /* after that day's midnight by the clock that ends then; may be negative or beyond a day */
};

struct tzfile {
    size_t count;
    int64_t *at;     /* transitions, rising */
    int32_t *offset; /* count + 1: before the first, and from each on */
    bool has_rule;   /* what follows holds after the last transition */
    bool has_dst;
    int std, dst; /* offsets */
    struct rule_date start, end;
};

/* Reads big-endian numbers from the front of a slice. */
static uint64_t take(struct str *s, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v = (v << 8) | (unsigned char)s->ptr[i];
    }
    *s = str_sub(*s, n, s->len);
    return v;
}

struct counts {
    uint64_t isut, isstd, leap, time, type, chars;
};

static bool take_header(struct str *s, struct counts *c) {
    if (s->len < HEADER || !str_starts(*s, STR("TZif")) || s->ptr[4] < '2') {
        return false;
    }
    *s = str_sub(*s, 20, s->len);
    c->isut = take(s, 4);
    c->isstd = take(s, 4);
    c->leap = take(s, 4);
    c->time = take(s, 4);
    c->type = take(s, 4);
    c->chars = take(s, 4);
    return true;
}

/* The length of the data block after a header, with times of WIDTH bytes. The counts are below 2^32, so it can't wrap.
 */
static uint64_t block_length(const struct counts *c, uint64_t width) {
    return c->time * (width + 1) + c->type * 6 + c->chars + c->leap * (width + 4) + c->isstd + c->isut;
}

static bool scan_int(struct str *s, int *out) {
    size_t n = 0;
    *out = 0;
    while (n < s->len && n < 6 && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
        *out = *out * 10 + (s->ptr[n++] - '0');
    }
    *s = str_sub(*s, n, s->len);
    return n > 0;
}

static bool eat(struct str *s, char c) {
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    *s = str_sub(*s, 1, s->len);
    return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool scan_hms(struct str *s, int *out) {
    int h = 0, m = 0, sec = 0;
    bool minus = eat(s, '-');
    if (!minus) {
        (void)eat(s, '+');
    }
    if (!scan_int(s, &h) || h > HOURS_MAX || (eat(s, ':') && (!scan_int(s, &m) || m > 59)) ||
        (eat(s, ':') && (!scan_int(s, &sec) || sec > 59))) {
        return false;
    }
    *out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
    return true;
}

/* A zone's abbreviation: letters, or anything in angle brackets. */
static bool skip_name(struct str *s) {
    size_t n = 0;
    if (eat(s, '<')) {
        n = str_find(*s, '>', 0);
        if (n == s->len) {
            return false;
        }
        n++;
    } else {
        while (n < s->len && ((s->ptr[n] >= 'a' && s->ptr[n] <= 'z') || (s->ptr[n] >= 'A' && s->ptr[n] <= 'Z'))) {
            n++;
        }
    }
    *s = str_sub(*s, n, s->len);
    return n > 0;
}

static bool scan_date(struct str *s, struct rule_date *d) {
    *d = (struct rule_date){.form = 'D', .second = 2 * 3600};
    if (!eat(s, ',')) {
        return false;
    }
    if (eat(s, 'M')) {
        d->form = 'M';
        if (!scan_int(s, &d->month) || d->month < 1 || d->month > 12 || !eat(s, '.') || !scan_int(s, &d->week) ||
            d->week < 1 || d->week > 5 || !eat(s, '.') || !scan_int(s, &d->day) || d->day > 6) {
            return false;
        }
    } else {
        d->form = eat(s, 'J') ? 'J' : 'D';
        if (!scan_int(s, &d->day) || d->day > 365 || (d->form == 'J' && d->day < 1)) {
            return false;
        }
    }
    return !eat(s, '/') || scan_hms(s, &d->second);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
static bool parse_rule(struct str s, struct tzfile *f) {
    int west = 0;
    if (s.len == 0) {
        return true;
    }
    if (!skip_name(&s) || !scan_hms(&s, &west) || west > OFFSET_MAX || west < -OFFSET_MAX) {
        return false;
    }
    f->has_rule = true;
    f->std = -west;
    if (s.len == 0) {
        return true;
    }
    f->has_dst = true;
    f->dst = f->std + 3600;
    if (!skip_name(&s)) {
        return false;
    }
    if (s.len > 0 && s.ptr[0] != ',') {
        if (!scan_hms(&s, &west) || west > OFFSET_MAX || west < -OFFSET_MAX) {
            return false;
        }
        f->dst = -west;
    }
    return scan_date(&s, &f->start) && scan_date(&s, &f->end) && s.len == 0;
}

/* Transitions and types of the second block into F; S begins behind its header. */
static bool parse_block(struct str s, const struct counts *c, struct tzfile *f) {
    struct str types = str_sub(s, c->time * 9, s.len);

    f->count = c->time;
    f->at = calloc(f->count + 1, sizeof *f->at);
    f->offset = calloc(f->count + 1, sizeof *f->offset);
    if (!f->at || !f->offset) {
        return false;
    }
    for (size_t i = 0; i <= f->count; i++) {
        size_t type = i == 0 ? 0 : (unsigned char)s.ptr[c->time * 8 + i - 1];
        if (type >= c->type) {
            return false;
        }
        struct str t = str_sub(types, type * 6, types.len);
        f->offset[i] = (int32_t)(uint32_t)take(&t, 4);
        if (f->offset[i] > OFFSET_MAX || f->offset[i] < -OFFSET_MAX) {
            return false;
        }
    }
    for (size_t i = 0; i < f->count; i++) {
        f->at[i] = (int64_t)take(&s, 8);
        if (i > 0 && f->at[i] <= f->at[i - 1]) {
            return false;
        }
    }
    return true;
}

enum status tzfile_parse(struct str bytes, struct tzfile **out, struct error *err) {
    enum status st = OK;
    struct counts c;
    struct str s = bytes;
    struct tzfile *f = calloc(1, sizeof *f);

    *out = NULL;
    if (!f) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    bool ok = take_header(&s, &c) && block_length(&c, 4) <= s.len;
    if (ok) {
        s = str_sub(s, block_length(&c, 4), s.len);
        ok = take_header(&s, &c) && block_length(&c, 8) <= s.len && c.leap == 0 && c.type > 0;
    }
    if (ok) {
        struct str footer = str_sub(s, block_length(&c, 8), s.len);
        ok = parse_block(s, &c, f) && eat(&footer, '\n') && str_find(footer, '\n', 0) < footer.len &&
             parse_rule(str_sub(footer, 0, str_find(footer, '\n', 0)), f);
    }
    if (!ok) {
        st = error_set(err, ERR_DATA, "is no TZif file of version 2 or later, has leap seconds or is damaged");
        goto done;
    }
    *out = f;
    f = NULL;
done:
    tzfile_free(f);
    return st;
}

static bool is_safe_name(struct str name) {
    bool ok = name.len > 0 && name.len <= NAME_LIMIT && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z';
    for (size_t i = 0; ok && i < name.len; i++) {
        char c = name.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
             c == '-' || (c == '/' && name.ptr[i - 1] != '/');
    }
    return ok && name.ptr[name.len - 1] != '/' && !str_eq(name, STR("Factory"));
}

enum status tzfile_open(struct str name, struct tzfile **out, struct error *err) {
    enum status st = OK;
    char path[128];
    char *bytes = NULL;
    FILE *file = NULL;

    *out = NULL;
    if (is_safe_name(name)) {
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", STR_ARG(name));
        file = fopen(path, "re");
    }
    if (!file) {
        st = error_set(err, ERR_NOINPUT, "the system has no file for this time zone");
        goto done;
    }
    bytes = malloc(FILE_MAX);
    if (!bytes) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    size_t n = fread(bytes, 1, FILE_MAX, file);
    st = tzfile_parse((struct str){bytes, n}, out, err);
done:
    free(bytes);
    if (file) {
        (void)fclose(file);
    }
    return st;
}

void tzfile_free(struct tzfile *f) {
    if (f) {
        free(f->at);
        free(f->offset);
        free(f);
    }
}

/* The moment in YEAR when D comes, by the clock in force before it, taken as UTC. */
static int64_t rule_moment(const struct rule_date *d, int year) {
    struct civil c = {year, 1, 1, 0, 0, 0, 0};
    if (d->form == 'M') {
        c.month = d->month;
        civil_from_unix(civil_to_unix(&c), &c);
        int first = (d->day + 6) % 7 - c.weekday; /* Sunday is 0 there and 6 here */
        c.day += (first < 0 ? first + 7 : first) + (d->week - 1) * 7;
        if (c.day > civil_days_in_month(year, d->month)) {
            c.day -= 7;
        }
    } else {
        c.day += d->form == 'D' ? d->day : d->day - 1 + (d->day >= 60 && civil_days_in_month(year, 2) == 29);
    }
    return civil_to_unix(&c) + d->second;
}

static int rule_offset(const struct tzfile *f, int64_t t) {
    struct civil c;
    if (!f->has_dst) {
        return f->std;
    }
    civil_from_unix(t + f->std, &c);
    int64_t start = rule_moment(&f->start, c.year) - f->std;
    int64_t end = rule_moment(&f->end, c.year) - f->dst;
    bool dst = start < end ? t >= start && t < end : t >= start || t < end;
    return dst ? f->dst : f->std;
}

int tzfile_offset(const struct tzfile *f, int64_t t) {
    if (f->has_rule && (f->count == 0 || t >= f->at[f->count - 1])) {
        return rule_offset(f, t);
    }
    size_t low = 0, high = f->count; /* the first transition after T */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->at[middle] <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return f->offset[low];
}
