#include "base/utf8.h"

#include "base/buf.h"

uint32_t utf8_next(struct str s, size_t *pos) {
    const unsigned char *p = (const unsigned char *)s.ptr + *pos;
    size_t left = s.len - *pos;
    uint32_t c = p[0];
    size_t n;
    uint32_t min;
    if (c < 0x80) {
        *pos += 1;
        return c;
    }
    if (c >= 0xc2 && c <= 0xdf) {
        n = 2;
        c &= 0x1f;
        min = 0x80;
    } else if ((c & 0xf0) == 0xe0) {
        n = 3;
        c &= 0x0f;
        min = 0x800;
    } else if (c >= 0xf0 && c <= 0xf4) {
        n = 4;
        c &= 0x07;
        min = 0x10000;
    } else {
        *pos += 1;
        return 0xfffd;
    }
    for (size_t i = 1; i < n; i++) {
        if (i >= left || (p[i] & 0xc0) != 0x80) {
            *pos += 1;
            return 0xfffd;
        }
        c = (c << 6) | (p[i] & 0x3fu);
    }
    if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        *pos += 1;
        return 0xfffd;
    }
    *pos += n;
    return c;
}

size_t utf8_encode(uint32_t cp, char out[4]) {
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = 0xfffd;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | (cp >> 6));
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | (cp >> 12));
        out[1] = (char)(0x80 | ((cp >> 6) & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (cp >> 18));
    out[1] = (char)(0x80 | ((cp >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((cp >> 6) & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

bool utf8_valid(struct str s) {
    size_t pos = 0;
    while (pos < s.len) {
        size_t at = pos;
        if (utf8_next(s, &pos) == 0xfffd && pos == at + 1) {
            return false;
        }
    }
    return true;
}

bool utf8_is_ascii(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

void utf8_repair(struct str s, struct buf *out) {
    size_t pos = 0;
    size_t from = 0;
    while (pos < s.len) {
        size_t at = pos;
        uint32_t c = utf8_next(s, &pos);
        bool bad = c == 0xfffd && pos == at + 1;
        if (bad || c == 0) {
            buf_add(out, str_sub(s, from, at));
            if (bad) {
                buf_add_utf8(out, 0xfffd);
            }
            from = pos;
        }
    }
    buf_add(out, str_sub(s, from, s.len));
}

size_t utf8_cut(struct str s, size_t max) {
    if (max >= s.len) {
        return s.len;
    }
    while (max > 0 && ((unsigned char)s.ptr[max] & 0xc0) == 0x80) {
        max--;
    }
    return max;
}

size_t utf8_count(struct str s) {
    size_t n = 0;
    for (size_t pos = 0; pos < s.len; n++) {
        (void)utf8_next(s, &pos);
    }
    return n;
}
