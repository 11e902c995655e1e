#include "fetch/picture_head.h"

#include <stdint.h>

/* Bytes AT to AT + N as a number, 0 beyond the end. */
static uint32_t big(struct str s, size_t at, size_t n) {
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | (at + i < s.len ? (uint8_t)s.ptr[at + i] : 0);
    }
    return v;
}

static uint32_t little(struct str s, size_t at, size_t n) {
    uint32_t v = 0;
    for (size_t i = n; i-- > 0;) {
        v = v << 8 | (at + i < s.len ? (uint8_t)s.ptr[at + i] : 0);
    }
    return v;
}

static bool is_at(struct str s, size_t at, const char *what, size_t n) {
    return at <= s.len && n <= s.len - at && memcmp(s.ptr + at, what, n) == 0;
}

/* The Orientation tag (0x0112) of the first directory of TIFF data. */
static int exif_turn(struct str t) {
    bool le = is_at(t, 0, "II*\0", 4);
    if (!le && !is_at(t, 0, "MM\0*", 4)) {
        return 1;
    }
    uint32_t (*read)(struct str, size_t, size_t) = le ? little : big;
    size_t at = read(t, 4, 4);
    uint32_t n = read(t, at, 2);
    for (uint32_t i = 0; i < n && i < 200 && at + 2 + 12 * (i + 1) <= t.len; i++) {
        size_t entry = at + 2 + 12 * (size_t)i;
        if (read(t, entry, 2) == 0x0112) {
            uint32_t turn = read(t, entry + 8, 2);
            return turn >= 1 && turn <= 8 ? (int)turn : 1;
        }
    }
    return 1;
}

/* Through a JPEG's segments to its frame header. */
static bool read_jpeg(struct str s, struct picture_head *out) {
    size_t at = 2;
    while (at + 4 <= s.len) {
        uint8_t marker = (uint8_t)s.ptr[at + 1];
        if ((uint8_t)s.ptr[at] != 0xff) {
            return false;
        }
        if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            at += marker == 0xff ? 1 : 2;
            continue;
        }
        size_t len = big(s, at + 2, 2);
        if (len < 2 || marker == 0xd9 || marker == 0xda) {
            return false;
        }
        if (marker == 0xe1 && is_at(s, at + 4, "Exif\0\0", 6)) {
            out->turn = exif_turn(str_sub(s, at + 10, at + 2 + len));
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
            out->height = (int)big(s, at + 5, 2);
            out->width = (int)big(s, at + 7, 2);
            return len >= 8 && at + 9 <= s.len;
        }
        at += 2 + len;
    }
    return false;
}

static bool read_webp(struct str s, struct picture_head *out) {
    if (is_at(s, 12, "VP8X", 4)) {
        out->width = (int)little(s, 24, 3) + 1;
        out->height = (int)little(s, 27, 3) + 1;
        return s.len >= 30;
    }
    if (is_at(s, 12, "VP8L", 4)) {
        uint32_t bits = little(s, 21, 4);
        out->width = (int)(bits & 0x3fff) + 1;
        out->height = (int)(bits >> 14 & 0x3fff) + 1;
        return s.len >= 25;
    }
    out->width = (int)(little(s, 26, 2) & 0x3fff);
    out->height = (int)(little(s, 28, 2) & 0x3fff);
    return is_at(s, 12, "VP8 ", 4) && s.len >= 30;
}

bool picture_head_read(struct str s, struct picture_head *out) {
    bool ok = false;
    *out = (struct picture_head){.turn = 1};
    if (is_at(s, 0, "\x89PNG\r\n\x1a\n", 8) && is_at(s, 12, "IHDR", 4)) {
        out->format = PICTURE_PNG;
        out->width = (int)(big(s, 16, 4) & 0x7fffffff);
        out->height = (int)(big(s, 20, 4) & 0x7fffffff);
        ok = s.len >= 24;
    } else if (is_at(s, 0, "GIF87a", 6) || is_at(s, 0, "GIF89a", 6)) {
        out->format = PICTURE_GIF;
        out->width = (int)little(s, 6, 2);
        out->height = (int)little(s, 8, 2);
        ok = s.len >= 10;
    } else if (is_at(s, 0, "\xff\xd8\xff", 3)) {
        out->format = PICTURE_JPEG;
        ok = read_jpeg(s, out);
    } else if (is_at(s, 0, "RIFF", 4) && is_at(s, 8, "WEBP", 4)) {
        out->format = PICTURE_WEBP;
        ok = read_webp(s, out);
    }
    return ok && out->width > 0 && out->height > 0;
}
