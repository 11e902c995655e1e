#include "text/moment.h"

#include "text/civil.h"
#include "text/zone.h"

#include <stdio.h>

/* A reader of IN from left to right. */
struct scan {
    struct str in;
    size_t at;
};

static char peek(const struct scan *s) {
    return s->at < s->in.len ? s->in.ptr[s->at] : 0;
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

/* How many digits stand here. */
static size_t digits(const struct scan *s) {
    size_t n = 0;
    while (s->at + n < s->in.len && digit(s->in.ptr[s->at + n])) {
        n++;
    }
    return n;
}

/* Exactly N digits as a number. */
static bool number(struct scan *s, size_t n, int *out) {
    *out = 0;
    if (digits(s) < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        *out = *out * 10 + (s->in.ptr[s->at++] - '0');
    }
    return true;
}

static bool eat(struct scan *s, char c) {
    if (peek(s) != c) {
        return false;
    }
    s->at++;
    return true;
}

static bool eat_word(struct scan *s, struct str word) {
    if (!str_starts_nocase(str_sub(s->in, s->at, s->in.len), word)) {
        return false;
    }
    s->at += word.len;
    return true;
}

/* 'Z', "UTC", "GMT" or an offset; *FOUND says whether there was one. False when it is malformed. */
static bool scan_zone(struct scan *s, bool *found, int *offset) {
    int hour = 0, minute = 0;

    *found = true;
    *offset = 0;
    if (eat_word(s, STR("UTC")) || eat_word(s, STR("GMT")) || eat_word(s, STR("Z"))) {
        return true;
    }
    bool minus = peek(s) == '-' || str_starts(str_sub(s->in, s->at, s->in.len), STR("\xe2\x88\x92"));
    if (minus || peek(s) == '+') {
        s->at += peek(s) == '-' || peek(s) == '+' ? 1 : 3;
        if (!number(s, 2, &hour)) {
            return false;
        }
        if (peek(s) == ':') {
            s->at++;
            if (!number(s, 2, &minute)) {
                return false;
            }
        } else if (digits(s) && !number(s, 2, &minute)) {
            return false;
        }
        *offset = (hour * 3600 + minute * 60) * (minus ? -1 : 1);
        return hour <= 23 && minute <= 59;
    }
    *found = false;
    return true;
}

/* Checks C (hour 24 and second 60 allowed) and turns it into *OUT by OFFSET or ZONE. */
static enum status finish(struct civil *c, bool has_offset, int offset, struct zone *zone, int64_t *out,
                          struct error *err) {
    int seconds = 0;

    if (c->hour == 24 && c->minute == 0 && c->second == 0) {
        c->hour = 0;
        seconds += 86400;
    }
    if (c->second == 60) {
        c->second = 59;
        seconds += 1;
    }
    if (!civil_is_valid(c)) {
        return error_set(err, ERR_DATA, "no such date or time of day");
    }
    c->second += seconds;
    if (has_offset || !zone) {
        int64_t t = civil_to_unix(c) - offset;
        *out = t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
    } else {
        *out = zone_unix(zone, c);
    }
    return OK;
}

static bool scan_fraction(struct scan *s) {
    if (eat(s, '.') || eat(s, ',')) {
        size_t n = digits(s);
        s->at += n;
        return n > 0;
    }
    return true;
}

static bool scan_date(struct scan *s, struct civil *c) {
    bool extended = str_find(s->in, '-', s->at) == s->at + 4;
    return number(s, 4, &c->year) && (!extended || eat(s, '-')) && number(s, 2, &c->month) &&
           (!extended || eat(s, '-')) && number(s, 2, &c->day) && !digit(peek(s));
}

static bool scan_time(struct scan *s, struct civil *c) {
    bool extended = str_find(s->in, ':', s->at) == s->at + 2;
    if (!number(s, 2, &c->hour)) {
        return false;
    }
    if (extended ? !eat(s, ':') : !digits(s)) {
        return !extended; /* "T07" alone is ISO 8601 too */
    }
    if (!number(s, 2, &c->minute)) {
        return false;
    }
    if (extended ? eat(s, ':') : digits(s) > 0) {
        return number(s, 2, &c->second) && !digit(peek(s)) && scan_fraction(s);
    }
    return !digit(peek(s));
}

/* "-?digits(.digits)?", 9 to 12 digits before the point. *IS says whether IN has that form at all. */
static enum status parse_unix(struct str in, bool *is, int64_t *out, struct error *err) {
    struct scan s = {in, 0};
    bool minus = eat(&s, '-');
    size_t n = digits(&s), start = s.at;

    s.at += n;
    *is = n > 0 && scan_fraction(&s) && s.at == in.len && (minus || n != 8);
    if (!*is) {
        return OK;
    }
    if (n < 9 || n > 12) {
        return error_set(err, ERR_DATA,
                         n < 9 ? "too few digits for Unix seconds (9 at least)"
                               : "too many digits for Unix seconds: are these milliseconds?");
    }
    int64_t t = 0;
    for (size_t i = 0; i < n; i++) {
        t = t * 10 + (in.ptr[start + i] - '0');
    }
    t = minus ? -t : t;
    if (t < CIVIL_FIRST || t > CIVIL_LAST) {
        return error_set(err, ERR_DATA, "beyond the years 1 to 9999");
    }
    *out = t;
    return OK;
}

enum status moment_parse(struct str in, struct zone *zone, int64_t *out, struct error *err) {
    struct civil c = {0};
    struct scan s = {str_trim(in), 0};
    bool is_unix = false, found = false;
    int offset = 0;

    *out = 0;
    enum status st = parse_unix(s.in, &is_unix, out, err);
    if (is_unix) {
        return st;
    }
    bool ok = scan_date(&s, &c);
    if (ok && s.at < s.in.len) {
        if (eat(&s, 'T') || eat(&s, 't')) {
            ok = scan_time(&s, &c);
        } else if (peek(&s) == ' ') {
            while (eat(&s, ' ')) {
            }
            ok = scan_time(&s, &c);
        }
        (void)eat(&s, ' ');
        ok = ok && scan_zone(&s, &found, &offset) && s.at == s.in.len;
    }
    if (!ok) {
        return error_set(err, ERR_DATA, "is no time: want 2026-11-23, 2026-11-23T07:00:00Z or Unix seconds");
    }
    return finish(&c, found, offset, zone, out, err);
}

/* White space and comments (RFC 5322 3.2.2). */
static void skip_space(struct scan *s) {
    int depth = 0;
    for (; s->at < s->in.len; s->at++) {
        char c = peek(s);
        if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
        } else if (c == '\\' && depth > 0) {
            s->at += s->at + 1 < s->in.len;
        } else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            return;
        }
    }
}

/* The letters that stand here. */
static struct str scan_letters(struct scan *s) {
    size_t start = s->at;
    while ((peek(s) >= 'a' && peek(s) <= 'z') || (peek(s) >= 'A' && peek(s) <= 'Z')) {
        s->at++;
    }
    return str_sub(s->in, start, s->at);
}

static int month_by_name(struct str name) {
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; i < 12; i++) {
        if (name.len >= 3 && str_eq_nocase(str_sub(name, 0, 3), (struct str){names + 3 * i, 3})) {
            return i + 1;
        }
    }
    return 0;
}

static void scan_mail_zone(struct scan *s, int *offset) {
    static const struct {
        const char *name;
        int hours;
    } names[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    bool found;
    struct scan back = *s;

    *offset = 0;
    if (scan_zone(s, &found, offset) && found) {
        return;
    }
    *s = back;
    *offset = 0;
    struct str name = scan_letters(s);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_nocase(name, str_from(names[i].name))) {
            *offset = names[i].hours * 3600;
        }
    }
}

enum status moment_parse_mail(struct str in, int64_t *out, struct error *err) {
    struct civil c = {0};
    struct scan s = {in, 0};
    int offset = 0;

    *out = 0;
    skip_space(&s);
    if (scan_letters(&s).len > 0) { /* the weekday adds nothing and is often wrong */
        skip_space(&s);
        (void)eat(&s, ',');
        skip_space(&s);
    }
    size_t n = digits(&s);
    bool ok = (n == 1 || n == 2) && number(&s, n, &c.day);
    skip_space(&s);
    (void)eat(&s, '-');
    ok = ok && (c.month = month_by_name(scan_letters(&s))) > 0;
    skip_space(&s);
    (void)eat(&s, '-');
    n = digits(&s);
    ok = ok && n >= 2 && n <= 4 && number(&s, n, &c.year);
    if (ok && n < 4) { /* RFC 5322 4.3 */
        c.year += n == 3 || c.year >= 50 ? 1900 : 2000;
    }
    skip_space(&s);
    n = digits(&s);
    ok = ok && (n == 1 || n == 2) && number(&s, n, &c.hour);
    skip_space(&s);
    ok = ok && eat(&s, ':');
    skip_space(&s);
    ok = ok && number(&s, 2, &c.minute);
    skip_space(&s);
    if (ok && eat(&s, ':')) {
        skip_space(&s);
        ok = number(&s, 2, &c.second);
    }
    if (!ok) {
        return error_set(err, ERR_DATA, "is no date of mail: want Mon, 23 Nov 2026 07:00:00 +0000");
    }
    skip_space(&s);
    scan_mail_zone(&s, &offset);
    return finish(&c, true, offset, NULL, out, err);
}

void moment_iso(int64_t t, char out[MOMENT_ISO_SIZE]) {
    struct civil c;
    civil_from_unix(t, &c);
    (void)snprintf(out, MOMENT_ISO_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                   c.second);
}
