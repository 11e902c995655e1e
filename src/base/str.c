#include "base/str.h"

static unsigned char lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

int str_cmp(struct str a, struct str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool str_starts(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_starts_nocase(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq_nocase(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

uint64_t str_hash(struct str s) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < s.len; i++) {
        h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
    }
    return h ^ (h >> 29);
}

size_t str_find(struct str s, char c, size_t from) {
    if (from >= s.len) {
        return s.len;
    }
    const char *p = memchr(s.ptr + from, c, s.len - from);
    return p ? (size_t)(p - s.ptr) : s.len;
}

size_t str_search(struct str s, struct str needle, size_t from) {
    if (from >= s.len) {
        return s.len;
    }
    const char *p = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return p ? (size_t)(p - s.ptr) : s.len;
}

struct str str_sub(struct str s, size_t from, size_t to) {
    if (to > s.len) {
        to = s.len;
    }
    if (from > to) {
        from = to;
    }
    return s.ptr ? (struct str){s.ptr + from, to - from} : STR_NONE;
}

static bool space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s) {
    while (s.len && space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_split(struct str *rest, char sep, struct str *part) {
    if (!rest->ptr) {
        return false;
    }
    size_t i = str_find(*rest, sep, 0);
    *part = (struct str){rest->ptr, i};
    if (i == rest->len) {
        *rest = STR_NONE;
    } else {
        rest->ptr += i + 1;
        rest->len -= i + 1;
    }
    return true;
}
