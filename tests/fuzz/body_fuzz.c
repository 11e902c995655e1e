// modules: base crypto mime
/* Pieces and values out of the input; what body_fill and encode_qp write must decode to what was meant, in both
 * encodings, and keep every rule of the encoding. */
#include "../unit/mime/decode.h"
#include "base/utf8.h"
#include "mime/body.h"
#include "mime/encode.h"

#include <stdlib.h>

enum { PIECES = 24, SLOTS = 3 };

static void plain_fixed(struct str t, struct buf *out) {
    for (size_t k = 0; k < t.len; k++) {
        if (t.ptr[k] == '\r' || t.ptr[k] == '\n') {
            buf_adds(out, "\r\n");
            k += t.ptr[k] == '\r' && k + 1 < t.len && t.ptr[k + 1] == '\n';
        } else {
            buf_addc(out, t.ptr[k]);
        }
    }
}

static void plain_value(struct str v, enum piece_escape how, struct buf *out) {
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i] == '\r' || v.ptr[i] == '\n' || v.ptr[i] == 0 ? ' ' : v.ptr[i];
        if (how == PIECE_HTML && strchr("&<>\"'", c)) {
            buf_adds(out, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : "&#39;");
        } else if (how == PIECE_URL &&
                   !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c))) {
            buf_addf(out, "%%%02X", (unsigned char)c);
        } else {
            buf_addc(out, c);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* a part is a byte of kind, a byte of length and that many bytes; the first parts are the values */
    struct buf text = BUF_INIT, expected = BUF_INIT, coded = BUF_INIT, back = BUF_INIT;
    struct str rest = {(const char *)data, size};
    struct buf pool[PIECES + SLOTS] = {0};
    size_t pool_n = 0;
    struct str values[SLOTS] = {STR_NONE, STR_NONE, STR_NONE};
    struct piece p[PIECES];
    size_t n = 0, values_n = 0, depth = 0;
    while (rest.len >= 2 && n + depth < PIECES - 1) {
        unsigned kind = (unsigned char)rest.ptr[0];
        size_t len = (unsigned char)rest.ptr[1];
        utf8_repair(str_sub(rest, 2, 2 + len), &pool[pool_n]); /* the contract: UTF-8 */
        struct str part = buf_str(&pool[pool_n++]);
        rest = str_sub(rest, 2 + len, rest.len);
        if (values_n < SLOTS) {
            values[values_n++] = part;
        } else if (kind % 8 == 7 && depth > 0) {
            p[n++] = (struct piece){.kind = PIECE_END};
            depth--;
        } else if (kind % 8 >= 5) {
            p[n++] = (struct piece){.kind = kind % 8 == 5 ? PIECE_IF : PIECE_UNLESS, .slot = kind / 8 % SLOTS};
            depth++;
        } else if (kind % 8 >= 3) {
            p[n++] = (struct piece){.kind = PIECE_SLOT, .slot = kind / 8 % SLOTS, .escape = kind / 24 % 3};
        } else {
            p[n++] = (struct piece){.kind = PIECE_FIXED, .text = part};
        }
    }
    for (; depth > 0; depth--) {
        p[n++] = (struct piece){.kind = PIECE_END};
    }
    size_t hidden = 0;
    for (size_t i = 0; i < n; i++) {
        bool cond = p[i].kind == PIECE_IF || p[i].kind == PIECE_UNLESS;
        if (hidden > 0) {
            hidden = hidden + cond - (p[i].kind == PIECE_END);
        } else if (cond) {
            hidden = (values[p[i].slot].len > 0) != (p[i].kind == PIECE_IF);
        } else if (p[i].kind == PIECE_SLOT) {
            plain_value(values[p[i].slot], p[i].escape, &expected);
        } else if (p[i].kind == PIECE_FIXED) {
            plain_fixed(p[i].text, &expected);
        }
    }
    if (!str_ends(buf_str(&expected), STR("\r\n"))) {
        buf_adds(&expected, "\r\n");
    }
    for (int e = BODY_QP; e <= BODY_BASE64; e++) {
        struct body *b = NULL;
        if (body_new_as(p, n, (enum body_encoding)e, &b, NULL) != OK) {
            abort();
        }
        buf_clear(&coded);
        buf_clear(&back);
        body_fill(b, values, &coded);
        const char *broken = e == BODY_QP ? decode_qp(buf_str(&coded), &back) : decode_base64(buf_str(&coded), &back);
        if (broken || !str_eq(buf_str(&back), buf_str(&expected))) {
            abort();
        }
        body_free(b);
    }
    /* the whole texts */
    buf_clear(&coded);
    buf_clear(&back);
    buf_clear(&expected);
    utf8_repair((struct str){(const char *)data, size}, &text);
    encode_qp(buf_str(&text), &coded);
    plain_fixed(buf_str(&text), &expected);
    if (decode_qp(buf_str(&coded), &back) || !str_eq(buf_str(&back), buf_str(&expected))) {
        abort();
    }
    buf_clear(&coded);
    encode_qp((struct str){(const char *)data, size}, &coded); /* bytes that are no UTF-8 */
    if (coded.len > encode_qp_bound(size)) {
        abort();
    }
    for (size_t i = 0; i < pool_n; i++) {
        buf_release(&pool[i]);
    }
    buf_release(&text);
    buf_release(&expected);
    buf_release(&coded);
    buf_release(&back);
    return 0;
}
