#include "base/tar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 512, PIECE = 65536 };

static const char zeros[2 * BLOCK];

/* A number in a field of N bytes: octal with a NUL, or, when it is too large for that, binary behind a set bit. */
static void number(char *field, size_t n, uint64_t value) {
    if (value >> (3 * (n - 1))) {
        field[0] = (char)0x80;
        for (size_t i = n - 1; i > 0; i--, value >>= 8) {
            field[i] = (char)(value & 0xff);
        }
        return;
    }
    field[n - 1] = '\0';
    for (size_t i = n - 1; i-- > 0; value >>= 3) {
        field[i] = (char)('0' + (value & 7));
    }
}

static enum status unwritten(struct error *err) {
    return error_set(err, ERR_IO, "the archive can't be written: %s", strerror(errno));
}

static bool put(FILE *out, const void *bytes, size_t n) {
    return fwrite(bytes, 1, n, out) == n;
}

static bool put_head(FILE *out, const char *name, int64_t size, int64_t when) {
    char head[BLOCK] = {0};
    unsigned sum = 0;
    memcpy(head, name, strnlen(name, 99));
    number(head + 100, 8, 0600);
    number(head + 108, 8, 0);
    number(head + 116, 8, 0);
    number(head + 124, 12, (uint64_t)size);
    number(head + 136, 12, (uint64_t)when);
    memset(head + 148, ' ', 8);
    head[156] = '0';
    memcpy(head + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof head; i++) {
        sum += (unsigned char)head[i];
    }
    number(head + 148, 7, sum);
    return put(out, head, sizeof head);
}

/* Files begin at a block. */
static bool put_fill(FILE *out, int64_t size) {
    return put(out, zeros, (size_t)(-size & (BLOCK - 1)));
}

enum status tar_add(FILE *out, const char *name, int in, int64_t size, int64_t when, struct error *err) {
    char piece[PIECE];
    if (!put_head(out, name, size, when)) {
        return unwritten(err);
    }
    for (int64_t at = 0; at < size;) {
        int64_t rest = size - at;
        ssize_t n = pread(in, piece, rest < PIECE ? (size_t)rest : PIECE, at);
        if (n <= 0) {
            return error_set(err, ERR_IO, "%s can't be read: %s", name, n < 0 ? strerror(errno) : "it is shorter now");
        }
        if (!put(out, piece, (size_t)n)) {
            return unwritten(err);
        }
        at += n;
    }
    return put_fill(out, size) ? OK : unwritten(err);
}

enum status tar_add_bytes(FILE *out, const char *name, struct str bytes, int64_t when, struct error *err) {
    int64_t size = (int64_t)bytes.len;
    return put_head(out, name, size, when) && put(out, bytes.ptr, bytes.len) && put_fill(out, size) ? OK
                                                                                                    : unwritten(err);
}

enum status tar_end(FILE *out, struct error *err) {
    return put(out, zeros, sizeof zeros) && fflush(out) == 0 ? OK : unwritten(err);
}
