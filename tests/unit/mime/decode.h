/* Strict decoders that judge what src/mime/ encodes; for tests only. */
#ifndef TEST_MIME_DECODE_H
#define TEST_MIME_DECODE_H

#include "base/buf.h"

/* Both return NULL when IN keeps every rule of its encoding, else the name of the broken one, and append what it means
 * to OUT. */

static inline int decode_hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static inline const char *decode_qp(struct str in, struct buf *out) {
    size_t line = 0; /* where the line begins */
    for (size_t i = 0; i < in.len;) {
        char c = in.ptr[i];
        if (i == line && c == '.') {
            return "dot at a line's start";
        }
        if (i == line && str_starts(str_sub(in, i, in.len), STR("From "))) {
            return "From at a line's start";
        }
        if (c == '\r') {
            if (i + 1 >= in.len || in.ptr[i + 1] != '\n') {
                return "bare CR";
            }
            if (i - line > 76) {
                return "long line";
            }
            if (i > line && (in.ptr[i - 1] == ' ' || in.ptr[i - 1] == '\t')) {
                return "space at a line's end";
            }
            buf_adds(out, "\r\n");
            i += 2;
            line = i;
        } else if (c == '=' && i + 2 < in.len && in.ptr[i + 1] == '\r' && in.ptr[i + 2] == '\n') {
            if (i + 1 - line > 76) {
                return "long line";
            }
            if (i == line) {
                return "a soft break alone";
            }
            i += 3;
            line = i;
            if (i == in.len) {
                return "a soft break at the end";
            }
            if (i + 2 < in.len && in.ptr[i] == '=' && decode_hex(in.ptr[i + 1]) >= 8 &&
                decode_hex(in.ptr[i + 1]) < 12) {
                return "a soft break in a character";
            }
        } else if (c == '=') {
            if (i + 2 >= in.len || decode_hex(in.ptr[i + 1]) < 0 || decode_hex(in.ptr[i + 2]) < 0) {
                return "bad escape";
            }
            buf_addc(out, (char)(decode_hex(in.ptr[i + 1]) * 16 + decode_hex(in.ptr[i + 2])));
            i += 3;
        } else {
            if ((unsigned char)c > 126 || ((unsigned char)c < 32 && c != '\t')) {
                return "a raw byte";
            }
            buf_addc(out, c);
            i++;
        }
    }
    if (in.len - line > 76) {
        return "long line";
    }
    return NULL;
}

static inline const char *decode_base64(struct str in, struct buf *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bool over = false;
    for (size_t i = 0; i < in.len;) {
        size_t end = str_search(in, STR("\r\n"), i);
        if (end == in.len) {
            return "no CRLF at the end";
        }
        if (end == i || (end - i) % 4 != 0 || end - i > 76) {
            return "line length";
        }
        for (; i < end; i += 4) {
            unsigned v = 0;
            int n = 3;
            for (size_t k = 0; k < 4; k++) {
                char c = in.ptr[i + k];
                const char *d = c ? strchr(digits, c) : NULL;
                if (c == '=' && k >= 2 && (k == 3 || in.ptr[i + 3] == '=')) {
                    n--;
                    v <<= 6;
                } else if (d && n == 3 && !over) {
                    v = v << 6 | (unsigned)(d - digits);
                } else {
                    return "bad character";
                }
            }
            over = n < 3;
            char b[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
            buf_add(out, (struct str){b, (size_t)n});
        }
        i = end + 2;
    }
    return NULL;
}

#endif
