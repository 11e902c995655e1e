#include "text/moment_loose.h"

#include "text/civil.h"
#include "text/moment.h"
#include "text/zone.h"

enum { TEXT_MAX = 100 };

/* What was found so far; -1: not yet. */
struct found {
    int year, month, day, hour, minute, second;
    bool pm, am, has_zone, early_month, bad;
    int offset;
};

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* A month by the beginning of its name; 0: none. Three letters are enough but where months share them. */
static int month_of(struct str word) {
    static const struct {
        const char *start;
        int month;
    } names[] = {{"jan", 1},  {"jän", 1},  {"gen", 1},  {"ene", 1},  {"feb", 2},  {"fév", 2},  {"fev", 2},
                 {"mar", 3},  {"mär", 3},  {"mrz", 3},  {"maa", 3},  {"mrt", 3},  {"apr", 4},  {"avr", 4},
                 {"abr", 4},  {"may", 5},  {"mai", 5},  {"mei", 5},  {"mag", 5},  {"jun", 6},  {"juin", 6},
                 {"giu", 6},  {"jul", 7},  {"juil", 7}, {"lug", 7},  {"aug", 8},  {"aoû", 8},  {"aou", 8},
                 {"ago", 8},  {"sep", 9},  {"set", 9},  {"oct", 10}, {"okt", 10}, {"out", 10}, {"ott", 10},
                 {"nov", 11}, {"dec", 12}, {"déc", 12}, {"dez", 12}, {"dic", 12}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_starts_nocase(word, str_from(names[i].start))) {
            return names[i].month;
        }
    }
    return 0;
}

static bool zone_of(struct str word, int *offset) {
    static const struct {
        const char *name;
        int minutes;
    } names[] = {{"UTC", 0},    {"GMT", 0},    {"UT", 0},     {"Z", 0},      {"WET", 0},    {"BST", 60},
                 {"CET", 60},   {"MET", 60},   {"MEST", 120}, {"AT", -240},  {"MEZ", 60},   {"WEST", 60},
                 {"CEST", 120}, {"MESZ", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"EST", -300},
                 {"EDT", -240}, {"ET", -300},  {"CST", -360}, {"CDT", -300}, {"CT", -360},  {"MST", -420},
                 {"MDT", -360}, {"MT", -420},  {"PST", -480}, {"PDT", -420}, {"PT", -480},  {"AKST", -540},
                 {"HST", -600}, {"AST", -240}, {"ADT", -180}, {"NST", -210}, {"JST", 540},  {"KST", 540},
                 {"HKT", 480},  {"AEST", 600}, {"AEDT", 660}, {"NZST", 720}, {"NZDT", 780}, {"A", -60},
                 {"N", 60},     {"M", -720},   {"Y", 720}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_nocase(word, str_from(names[i].name))) {
            *offset = names[i].minutes * 60;
            return true;
        }
    }
    return false;
}

static int value(struct str s) {
    int n = 0;
    for (size_t i = 0; i < s.len && i < 8; i++) {
        n = n * 10 + (s.ptr[i] - '0');
    }
    return n;
}

static struct str digits_at(struct str s, size_t at) {
    size_t end = at;
    while (end < s.len && digit(s.ptr[end])) {
        end++;
    }
    return str_sub(s, at, end);
}

static int full_year(struct str s) {
    int y = value(s);
    return s.len > 2 ? y : y < 69 ? 2000 + y : 1900 + y;
}

/* "+01:00", "-0800", "+1", "GMT+2" at AT; its length, 0: none. */
static size_t take_offset(struct str s, size_t at, struct found *f) {
    if (at >= s.len || (s.ptr[at] != '+' && s.ptr[at] != '-')) {
        return 0;
    }
    struct str h = digits_at(s, at + 1);
    size_t n = 1 + h.len;
    int hours, minutes = 0;
    if (h.len == 4 || h.len == 3) {
        hours = value(str_sub(h, 0, h.len - 2));
        minutes = value(str_sub(h, h.len - 2, h.len));
    } else if (h.len == 1 || h.len == 2) {
        hours = value(h);
        if (at + n < s.len && s.ptr[at + n] == ':') {
            struct str m = digits_at(s, at + n + 1);
            minutes = value(m);
            n += 1 + m.len;
        }
    } else {
        return 0;
    }
    if (hours > 23 || minutes > 59) {
        return 0;
    }
    f->offset = (hours * 3600 + minutes * 60) * (s.ptr[at] == '-' ? -1 : 1);
    f->has_zone = true;
    return n;
}

/* "07:00", "7:00:00.25" at AT; its length, 0: none. */
static size_t take_time(struct str s, size_t at, struct found *f) {
    struct str h = digits_at(s, at);
    size_t i = at + h.len;
    if (f->hour >= 0 || h.len < 1 || h.len > 2 || i + 1 >= s.len || s.ptr[i] != ':' || !digit(s.ptr[i + 1])) {
        return 0;
    }
    struct str m = digits_at(s, i + 1);
    if (m.len > 2) {
        return 0;
    }
    f->hour = value(h);
    f->minute = value(m);
    i += 1 + m.len;
    if (i + 1 < s.len && s.ptr[i] == ':' && digit(s.ptr[i + 1])) {
        struct str sec = digits_at(s, i + 1);
        f->second = value(sec);
        f->bad = f->bad || sec.len > 2;
        i += 1 + sec.len;
    }
    if (i + 1 < s.len && (s.ptr[i] == '.' || s.ptr[i] == ',') && digit(s.ptr[i + 1])) {
        i += 1 + digits_at(s, i + 1).len;
    }
    return i - at;
}

/* "2026-11-23", "2026/11/23", "26-11-23", "23.11.2026", "11/23/2026" at AT; its length, 0: none. */
static size_t take_triple(struct str s, size_t at, struct found *f) {
    struct str a = digits_at(s, at);
    size_t i = at + a.len;
    if (f->day >= 0 || f->year >= 0 || i + 1 >= s.len || !strchr("-/.", s.ptr[i]) || !digit(s.ptr[i + 1])) {
        return 0;
    }
    char sep = s.ptr[i];
    struct str b = digits_at(s, i + 1);
    i += 1 + b.len;
    if (i + 1 >= s.len || s.ptr[i] != sep || !digit(s.ptr[i + 1])) {
        return 0;
    }
    struct str c = digits_at(s, i + 1);
    i += 1 + c.len;
    if (a.len == 4 || (sep == '-' && a.len == 2 && c.len == 2)) {
        f->year = full_year(a);
        f->month = value(b);
        f->day = value(c);
    } else if (c.len == 4 || c.len == 2) {
        bool day_first = sep != '/' || value(a) > 12;
        f->year = full_year(c);
        f->month = value(day_first ? b : a);
        f->day = value(day_first ? a : b);
    } else {
        return 0;
    }
    return i - at;
}

static void take_number(struct str n, struct found *f) {
    if (n.len == 4 && f->year < 0) {
        f->year = value(n);
    } else if (n.len <= 2 && f->day < 0 && value(n) >= 1 && value(n) <= 31) {
        f->day = value(n);
    } else if (n.len <= 3 && f->year < 0) {
        f->year = n.len == 3 ? 1900 + value(n) : full_year(n);
    } else if (n.len <= 2 && f->hour < 0) {
        f->hour = value(n);
        f->minute = f->minute < 0 ? 0 : f->minute;
    } else {
        f->bad = true;
    }
}

/* "2026年", "11월": what the sign behind a number says; its length, 0: none. */
static size_t take_sign(struct str s, size_t at, int number, struct found *f) {
    static const struct {
        const char *sign;
        size_t field;
    } signs[] = {{"年", offsetof(struct found, year)},  {"년", offsetof(struct found, year)},
                 {"月", offsetof(struct found, month)}, {"월", offsetof(struct found, month)},
                 {"日", offsetof(struct found, day)},   {"일", offsetof(struct found, day)}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (str_starts(str_sub(s, at, s.len), str_from(signs[i].sign))) {
            memcpy((char *)f + signs[i].field, &number, sizeof number);
            return 3;
        }
    }
    return 0;
}

static void take_word(struct str word, struct found *f) {
    int month = word.len >= 3 ? month_of(word) : 0;
    if (str_eq_nocase(word, STR("pm")) || str_eq_nocase(word, STR("p")) || str_eq(word, STR("오후")) ||
        str_eq(word, STR("下午"))) {
        f->pm = true;
    } else if (str_eq_nocase(word, STR("am")) || (str_eq_nocase(word, STR("a")) && f->hour >= 0)) {
        f->am = true;
    } else if (f->hour >= 0 && zone_of(word, &f->offset)) {
        f->has_zone = true;
    } else if (month && (f->month < 0 || (f->early_month && f->day >= 0))) {
        f->early_month = f->day < 0; /* "mar., 24 févr.": that was a Tuesday */
        f->month = month;
    } /* a weekday, "at", "of", "st": nothing */
}

/* 2026, 2026-11, 2026-327, 20261123, with T and a time behind; the rest of forms by pieces. */
static size_t take_iso_start(struct str s, struct found *f) {
    struct str a = digits_at(s, 0);
    size_t i = a.len;
    if (a.len == 8 || (a.len == 7 && i == s.len)) {
        f->year = value(str_sub(a, 0, 4));
        f->month = a.len == 8 ? value(str_sub(a, 4, 6)) : 1;
        f->day = value(str_sub(a, a.len == 8 ? 6 : 4, a.len));
        return i;
    }
    if (a.len != 4 && !(a.len == 2 && i < s.len && s.ptr[i] == '-')) {
        return 0;
    }
    if (i == s.len) {
        f->year = value(a);
        f->month = f->day = 1;
        return a.len == 4 ? i : 0;
    }
    if (s.ptr[i] != '-') {
        return 0;
    }
    struct str b = digits_at(s, i + 1);
    size_t end = i + 1 + b.len;
    bool over = end == s.len || s.ptr[end] == 'T' || s.ptr[end] == 't' || s.ptr[end] == ' ';
    if (!over || (b.len != 2 && b.len != 3 && !(b.len == 4 && a.len == 4))) {
        return 0;
    }
    f->year = full_year(a);
    f->month = b.len == 3 ? 1 : value(str_sub(b, 0, 2));
    f->day = b.len == 3 ? value(b) : b.len == 4 ? value(str_sub(b, 2, 4)) : 1; /* a day of the year carries over */
    return end;
}

static enum status finish(struct found *f, struct zone *zone, int64_t *out, struct error *err) {
    if (f->bad || f->year < 1 || f->year > 9999 || f->month < 1 || f->month > 12 || f->day < 1 || f->day > 366) {
        return error_set(err, ERR_DATA, "is no date");
    }
    f->hour = f->hour < 0 ? 0 : f->hour;
    f->minute = f->minute < 0 ? 0 : f->minute;
    f->second = f->second < 0 ? 0 : f->second;
    if (f->pm && f->hour < 12) {
        f->hour += 12;
    } else if (f->am && f->hour == 12) {
        f->hour = 0;
    }
    if (f->hour > 24 || f->minute > 59 || f->second > 61) {
        return error_set(err, ERR_DATA, "is no time of day");
    }
    if (f->day > 31 && f->month != 1) {
        return error_set(err, ERR_DATA, "is no date");
    }
    struct civil c = {
        .year = f->year, .month = f->month, .day = f->day, .hour = f->hour, .minute = f->minute, .second = f->second};
    civil_normalise(&c); /* 24:00, 31 June, day 327 */
    if (f->has_zone || !zone) {
        int64_t t = civil_to_unix(&c) - f->offset;
        *out = t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
    } else {
        *out = zone_unix(zone, &c);
    }
    return OK;
}

enum status moment_parse_loose(struct str in, struct zone *zone, int64_t *out, struct error *err) {
    struct found f = {-1, -1, -1, -1, -1, -1, false, false, false, false, false, 0};
    in = str_trim(in);
    if (in.len > TEXT_MAX) {
        return error_set(err, ERR_DATA, "is too long for a date");
    }
    if (moment_parse(in, zone, out, NULL) == OK) {
        return OK;
    }
    size_t i = take_iso_start(in, &f);
    while (i < in.len) {
        char c = in.ptr[i];
        size_t n = 0;
        if (digit(c)) {
            if ((n = take_time(in, i, &f)) == 0 && (n = take_triple(in, i, &f)) == 0) {
                struct str number = digits_at(in, i);
                n = number.len;
                if ((n == 6 || n == 4) && f.day >= 0 && f.year >= 0 && f.hour < 0) { /* T0700 */
                    f.hour = value(str_sub(number, 0, 2));
                    f.minute = value(str_sub(number, 2, 4));
                    f.second = n == 6 ? value(str_sub(number, 4, 6)) : 0;
                } else {
                    size_t sign = take_sign(in, i + n, value(number), &f);
                    n += sign;
                    if (!sign) {
                        take_number(number, &f);
                    }
                }
            }
        } else if ((c == '+' || c == '-') && (f.hour >= 0 || f.has_zone)) {
            n = take_offset(in, i, &f);

        } else if (letter(c)) {
            while (i + n < in.len && letter(in.ptr[i + n])) {
                n++;
            }
            take_word(str_sub(in, i, i + n), &f);
        } else if (c == '(') { /* a comment: the zone's name again */
            n = str_find(in, ')', i) - i + 1;
        }
        i += n ? n : 1;
    }
    return finish(&f, zone, out, err);
}
