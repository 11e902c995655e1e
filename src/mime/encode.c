#include "mime/encode.h"

#include <stdint.h>

/* Characters that stand for themselves anywhere in a quoted-printable line: RFC 2045 6.7 (2) and (3). */
static const bool literal[256] = {['\t'] = true, [' ' ... '<'] = true, ['>' ... '~'] = true};

static const char hex_digits[] = "0123456789ABCDEF";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t encode_qp_bound(size_t n) {
    /* 3 for a byte, and a soft break of 3 after at least 64 characters (a character of 12 may not fit in 75) */
    return 3 * n + n / 4 + 16;
}

size_t encode_base64_bound(size_t n) {
    return (n + 2) / 3 * 4 + (n / 57 + 1) * 2;
}

/* How many bytes the character at P of LEFT bytes has; a malformed one counts as 1. */
static size_t character(const unsigned char *p, size_t left) {
    size_t n = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
    if (n > left) {
        return 1;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 1;
        }
    }
    return n;
}

static void soft_break(struct encode_qp_state *q) {
    memcpy(q->at, "=\r\n", 3);
    q->at += 3;
    q->column = 0;
}

/* One character of N bytes as =XX, on a line with room for it up to column LIMIT. */
static void escaped(struct encode_qp_state *q, const unsigned char *p, size_t n, unsigned limit) {
    if (q->column + 3 * n > limit) {
        soft_break(q);
    }
    for (size_t i = 0; i < n; i++) {
        q->at[0] = '=';
        q->at[1] = hex_digits[p[i] >> 4];
        q->at[2] = hex_digits[p[i] & 15];
        q->at += 3;
    }
    q->column += 3 * (unsigned)n;
}

/* Whether "From " begins at P; when the part ends behind "From" and more may come, the space may come with it. */
static bool begins_from(const unsigned char *p, size_t left, bool last) {
    return left >= 5 ? memcmp(p, "From ", 5) == 0 : left == 4 && !last && memcmp(p, "From", 4) == 0;
}

void encode_qp_line(struct encode_qp_state *q, const char *text, size_t n, bool last) {
    const unsigned char *p = (const unsigned char *)text;
    bool blank = last && n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t');
    const unsigned char *end = p + n - blank;
    bool full = last && !blank; /* the last character may stand in column 76 */
    while (p < end) {
        size_t left = (size_t)(end - p);
        if (q->column == 0 && (*p == '.' || (*p == 'F' && begins_from(p, left, last)))) {
            escaped(q, p, 1, ENCODE_LINE);
            p++;
            continue;
        }
        size_t room = ENCODE_LINE - 1 - q->column;
        if (full && left <= room + 1) {
            room++;
        }
        size_t max = left < room ? left : room;
        char *o = q->at;
        size_t r = 0;
        for (; r < max && literal[p[r]]; r++) {
            o[r] = (char)p[r];
        }
        q->at += r;
        q->column += (unsigned)r;
        p += r;
        if (p == end) {
            break;
        }
        if (r == max) {
            soft_break(q);
        } else {
            size_t c = character(p, (size_t)(end - p));
            escaped(q, p, c, full && p + c == end ? ENCODE_LINE : ENCODE_LINE - 1);
            p += c;
        }
    }
    if (blank) {
        escaped(q, p, 1, ENCODE_LINE);
    }
}

void encode_qp(struct str text, struct buf *out) {
    if (!buf_reserve(out, encode_qp_bound(text.len))) {
        return;
    }
    struct encode_qp_state q = {out->ptr + out->len, 0};
    const char *p = text.ptr;
    const char *end = p + text.len;
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        const char *stop = lf ? lf : end;
        const char *cr = memchr(p, '\r', (size_t)(stop - p));
        stop = cr ? cr : stop;
        encode_qp_line(&q, p, (size_t)(stop - p), true);
        if (stop == end) {
            break;
        }
        memcpy(q.at, "\r\n", 2);
        q.at += 2;
        q.column = 0;
        p = stop + (cr && cr + 1 < end && cr[1] == '\n' ? 2 : 1);
    }
    out->len = (size_t)(q.at - out->ptr);
    *q.at = 0;
}

char *encode_base64_groups(char *out, const char *in, size_t n) {
    const unsigned char *p = (const unsigned char *)in;
    for (const unsigned char *end = p + n; p < end; p += 3, out += 4) {
        uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        out[0] = base64_digits[v >> 18];
        out[1] = base64_digits[(v >> 12) & 63];
        out[2] = base64_digits[(v >> 6) & 63];
        out[3] = base64_digits[v & 63];
    }
    return out;
}

char *encode_base64_last(char *out, const char *in, size_t n) {
    char group[3] = {in[0], n > 1 ? in[1] : 0, 0};
    (void)encode_base64_groups(out, group, 3);
    out[3] = '=';
    if (n < 2) {
        out[2] = '=';
    }
    return out + 4;
}

void encode_base64(struct str data, struct buf *out) {
    if (data.len == 0 || !buf_reserve(out, encode_base64_bound(data.len))) {
        return;
    }
    enum { BYTES = ENCODE_LINE / 4 * 3 };
    char *o = out->ptr + out->len;
    const char *p = data.ptr;
    size_t left = data.len;
    while (left > 0) {
        size_t n = left < BYTES ? left : BYTES;
        size_t rest = n % 3;
        o = encode_base64_groups(o, p, n - rest);
        if (rest) {
            o = encode_base64_last(o, p + n - rest, rest);
        }
        *o++ = '\r';
        *o++ = '\n';
        p += n;
        left -= n;
    }
    out->len = (size_t)(o - out->ptr);
    *o = 0;
}
