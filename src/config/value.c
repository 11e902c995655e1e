#include "config/value.h"

#include "base/colour.h"

#include <arpa/inet.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

/* Takes the next word of *rest (words are separated by blanks, and by commas where COMMA says so). */
static bool next_word(struct str *rest, bool comma, struct str *word) {
    size_t i = 0;
    while (i < rest->len && (is_space(rest->ptr[i]) || (comma && rest->ptr[i] == ',')))
        i++;
    size_t from = i;
    while (i < rest->len && !is_space(rest->ptr[i]) && !(comma && rest->ptr[i] == ','))
        i++;
    *word = str_sub(*rest, from, i);
    *rest = str_sub(*rest, i, rest->len);
    return word->len > 0;
}

bool value_int(struct str s, int64_t *out) {
    if (!s.len || s.len > 15)
        return false;
    int64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return false;
        n = 10 * n + (s.ptr[i] - '0');
    }
    *out = n;
    return true;
}

bool value_bool(struct str s, bool *out) {
    static const struct {
        struct str word;
        bool value;
    } words[] = {{STR("yes"), true},    {STR("no"), false}, {STR("true"), true},
                 {STR("false"), false}, {STR("on"), true},  {STR("off"), false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_nocase(s, words[i].word)) {
            *out = words[i].value;
            return true;
        }
    return false;
}

static int64_t period(struct str unit) {
    if (unit.len != 1)
        return 0;
    switch (unit.ptr[0]) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

bool value_duration(struct str s, int64_t *out) {
    int64_t n = 0, unit = 1;
    if (str_eq(s, STR("0"))) {
        *out = 0;
        return true;
    }
    if (s.len < 2 || !value_int(str_sub(s, 0, s.len - 1), &n))
        return false;
    unit = period(str_sub(s, s.len - 1, s.len));
    if (!unit || n > 36525 * INT64_C(86400) / unit)
        return false;
    *out = n * unit;
    return true;
}

bool value_size(struct str s, size_t *out) {
    int64_t n = 0, unit = 1;
    if (!s.len)
        return false;
    switch (s.ptr[s.len - 1]) {
    case 'K':
    case 'k':
        unit = 1 << 10;
        break;
    case 'M':
    case 'm':
        unit = 1 << 20;
        break;
    case 'G':
    case 'g':
        unit = 1 << 30;
        break;
    default:
        break;
    }
    if (!value_int(unit > 1 ? str_sub(s, 0, s.len - 1) : s, &n) || n > (INT64_C(1) << 40) / unit)
        return false;
    *out = (size_t)(n * unit);
    return true;
}

bool value_rate(struct str s, struct config_rate *out) {
    struct str word;
    out->n = 0;
    while (next_word(&s, true, &word)) {
        size_t slash = str_find(word, '/', 0);
        int64_t count = 0, unit = period(str_sub(word, slash + 1, word.len));
        if (!unit || !value_int(str_sub(word, 0, slash), &count) || count < 1 || count > 1000000000)
            return false;
        for (size_t i = 0; i < out->n; i++)
            if (out->limit[i].period_s == unit)
                return false;
        if (out->n == CONFIG_RATE_MAX)
            return false;
        out->limit[out->n].count = count;
        out->limit[out->n++].period_s = unit;
    }
    return true;
}

bool value_time(struct str s, bool end, int *out) {
    size_t colon = str_find(s, ':', 0);
    int64_t h = 0, m = 0;
    if (colon < 1 || colon > 2 || s.len != colon + 3)
        return false;
    if (!value_int(str_sub(s, 0, colon), &h) || !value_int(str_sub(s, colon + 1, s.len), &m) || m > 59)
        return false;
    if (h > 23 && !(end && h == 24 && m == 0))
        return false;
    *out = (int)(60 * h + m);
    return true;
}

bool value_window(struct str s, int *from, int *to) {
    size_t dash = str_find(s, '-', 0);
    return value_time(str_trim(str_sub(s, 0, dash)), false, from) &&
           value_time(str_trim(str_sub(s, dash + 1, s.len)), true, to) && *from != *to;
}

/* 0 (Monday) to 6, or -1. */
static int weekday(struct str s) {
    static const struct str days[] = {STR("monday"), STR("tuesday"),  STR("wednesday"), STR("thursday"),
                                      STR("friday"), STR("saturday"), STR("sunday")};
    for (int i = 0; i < 7; i++)
        if (str_eq_nocase(s, days[i]) || str_eq_nocase(s, str_sub(days[i], 0, 3)))
            return i;
    return -1;
}

bool value_schedule(struct str s, struct config_schedule *out) {
    struct str kind, last, word;
    int64_t n = 0;
    *out = (struct config_schedule){.first_weekday = -1};
    if (!next_word(&s, false, &kind))
        return false;
    s = str_trim(s);
    if (str_eq_nocase(kind, STR("immediately")) || str_eq_nocase(kind, STR("manual"))) {
        out->kind = str_eq_nocase(kind, STR("manual")) ? CONFIG_SCHEDULE_MANUAL : CONFIG_SCHEDULE_IMMEDIATELY;
        return s.len == 0;
    }
    size_t from = s.len; /* the time is the last word */
    while (from > 0 && !is_space(s.ptr[from - 1]))
        from--;
    last = str_sub(s, from, s.len);
    s = str_sub(s, 0, from);
    if (!value_time(last, false, &out->minute))
        return false;
    if (str_eq_nocase(kind, STR("daily"))) {
        out->kind = CONFIG_SCHEDULE_DAILY;
        return s.len == 0;
    }
    if (str_eq_nocase(kind, STR("monthly"))) {
        out->kind = CONFIG_SCHEDULE_MONTHLY;
        if (!value_int(str_trim(s), &n) || n < 1 || n > 31)
            return false;
        out->month_day = (int)n;
        return true;
    }
    if (!str_eq_nocase(kind, STR("weekly")))
        return false;
    out->kind = CONFIG_SCHEDULE_WEEKLY;
    while (next_word(&s, true, &word)) {
        int day = weekday(word);
        if (day < 0 || (out->weekdays & 1u << day))
            return false;
        if (out->first_weekday < 0)
            out->first_weekday = day;
        out->weekdays |= 1u << day;
    }
    return out->weekdays != 0;
}

bool value_cadences(struct str s, unsigned *out) {
    struct str word;
    *out = 0;
    while (next_word(&s, true, &word)) {
        if (str_eq_nocase(word, STR("daily")))
            *out |= CONFIG_CADENCE(CONFIG_SCHEDULE_DAILY);
        else if (str_eq_nocase(word, STR("weekly")))
            *out |= CONFIG_CADENCE(CONFIG_SCHEDULE_WEEKLY);
        else if (str_eq_nocase(word, STR("monthly")))
            *out |= CONFIG_CADENCE(CONFIG_SCHEDULE_MONTHLY);
        else
            return false;
    }
    return *out != 0;
}

/* Takes DIGITS digits off the front of *s and compares with the bounds. */
static bool take_number(struct str *s, size_t digits, int64_t least, int64_t most, int64_t *out) {
    if (s->len < digits || !value_int(str_sub(*s, 0, digits), out) || *out < least || *out > most)
        return false;
    *s = str_sub(*s, digits, s->len);
    return true;
}

static bool take_char(struct str *s, char c) {
    if (!s->len || s->ptr[0] != c)
        return false;
    *s = str_sub(*s, 1, s->len);
    return true;
}

bool value_date(struct str s) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, n;
    if (!take_number(&s, 4, 1, 9999, &year) || !take_char(&s, '-') || !take_number(&s, 2, 1, 12, &month) ||
        !take_char(&s, '-') || !take_number(&s, 2, 1, days[month - 1], &n))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2 && n == 29 && !leap)
        return false;
    if (!s.len)
        return true;
    if (!take_char(&s, 'T') && !take_char(&s, ' '))
        return false;
    if (!take_number(&s, 2, 0, 23, &n) || !take_char(&s, ':') || !take_number(&s, 2, 0, 59, &n))
        return false;
    if (take_char(&s, ':') && !take_number(&s, 2, 0, 59, &n))
        return false;
    if (!s.len || str_eq(s, STR("Z")))
        return true;
    if (!take_char(&s, '+') && !take_char(&s, '-'))
        return false;
    return take_number(&s, 2, 0, 14, &n) && take_char(&s, ':') && take_number(&s, 2, 0, 59, &n) && !s.len;
}

bool value_colour(struct str s) {
    struct colour c;
    return colour_parse(s, &c);
}

bool value_domain(struct str s) {
    struct str label;
    if (!s.len || s.len > 253)
        return false;
    while (str_split(&s, '.', &label)) {
        if (!label.len || label.len > 63 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_alpha(label.ptr[i]) && !is_digit(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
                return false;
    }
    return true;
}

bool value_address(struct str s) {
    char text[INET6_ADDRSTRLEN];
    struct in6_addr any;
    if (!s.len || s.len >= sizeof text)
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

bool value_mailbox(struct str s) {
    size_t at = s.len;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == ',')
            return false;
        if (c == '@')
            at = i;
    }
    return at > 0 && at + 1 < s.len;
}

bool value_is_loopback(struct str host) {
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;
    if (str_eq_nocase(host, STR("localhost")) || str_eq_nocase(host, STR("localhost.")))
        return true;
    if (host.len > 10 && str_eq_nocase(str_sub(host, host.len - 10, host.len), STR(".localhost")))
        return true;
    if (!host.len || host.len >= sizeof text)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

/* Splits "host", "host:port" or "[v6]:port"; *port is absent without one. */
static bool split_host(struct str s, struct str *host, struct str *port) {
    struct str rest = STR_NONE;
    if (s.len && s.ptr[0] == '[') {
        size_t end = str_find(s, ']', 0);
        *host = str_sub(s, 1, end);
        rest = str_sub(s, end + 1, s.len);
        if (end == s.len || str_find(*host, ':', 0) == host->len || !value_address(*host))
            return false;
    } else {
        size_t colon = str_find(s, ':', 0);
        *host = str_sub(s, 0, colon);
        rest = str_sub(s, colon, s.len);
        if (!value_domain(*host))
            return false;
    }
    *port = STR_NONE;
    if (!rest.len)
        return true;
    int64_t n = 0;
    *port = str_sub(rest, 1, rest.len);
    return rest.ptr[0] == ':' && value_int(*port, &n) && n >= 1 && n <= 65535;
}

bool value_url(struct str s, struct value_url *out) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c == 0x7f || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\' || c == '`')
            return false;
    }
    size_t colon = str_search(s, STR("://"), 0);
    if (colon == 0 || colon == s.len)
        return false;
    out->scheme = str_sub(s, 0, colon);
    s = str_sub(s, colon + 3, s.len);
    size_t end = 0;
    while (end < s.len && s.ptr[end] != '/' && s.ptr[end] != '?' && s.ptr[end] != '#')
        end++;
    out->path = str_sub(s, end, s.len);
    if (!split_host(str_sub(s, 0, end), &out->host, &out->port))
        return false;
    out->is_address = value_address(out->host);
    return true;
}

bool value_listen(struct str s, struct str *host, int *port) {
    struct str digits;
    int64_t n = 0;
    if (!split_host(s, host, &digits) || !value_int(digits, &n))
        return false;
    *port = (int)n;
    return true;
}
