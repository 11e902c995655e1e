#include "mime/body.h"

#include "crypto/hash.h"
#include "mime/encode.h"

#include <stdlib.h>

/* Shorter fixed texts are encoded when filled in: three prepared alignments and a broken line would not pay. */
#define BASE64_PREPARED 48

/* What base64 makes of a fixed text after `skip` of its bytes completed the group before it. */
struct aligned {
    size_t off, len; /* the whole groups in lines of 76, the last line open; in body.bytes */
    unsigned column; /* of the last line */
    unsigned tail_n; /* bytes that begin the next group, 0 to 2 */
    char tail[2];
};

struct op {
    enum piece_kind kind;
    enum piece_escape escape;
    size_t slot;
    size_t jump;      /* IF, UNLESS: the operation behind the matching END */
    size_t off, len;  /* FIXED: in body.bytes; encoded for QP, plain with CRLF for base64 */
    bool starts_line; /* FIXED: its first byte is a line end */
    bool ends_line;   /* FIXED: its last byte is one */
    size_t aligned;   /* FIXED, base64: first of three in body.aligned, or NOT_ALIGNED */
};
#define NOT_ALIGNED SIZE_MAX

struct body {
    bool base64;
    struct op *ops;
    size_t n_ops;
    struct aligned *aligned;
    size_t n_aligned;
    struct buf bytes;
    size_t slots;
    size_t size;
    uint8_t hash[HASH_SIZE];
};

/* ---- building ---- */

/* Appends TEXT with CRLF and bare CR made LF. */
static void add_lines(struct buf *out, struct str text) {
    size_t from = 0;
    while (from < text.len) {
        size_t cr = str_find(text, '\r', from);
        buf_add(out, str_sub(text, from, cr));
        if (cr == text.len) {
            break;
        }
        buf_addc(out, '\n');
        from = cr + (cr + 1 < text.len && text.ptr[cr + 1] == '\n' ? 2 : 1);
    }
}

/* Makes operations of the pieces; fixed texts are gathered in TEXT, neighbours joined. */
static enum status compile(struct body *b, const struct piece *p, size_t n, struct buf *text, struct error *err) {
    enum status rc = OK;
    size_t depth = 0;
    bool join = false; /* the last operation is a fixed text that may grow */
    size_t *open = calloc(n + 1, sizeof *open);
    b->ops = calloc(n + 1, sizeof *b->ops);
    if (!open || !b->ops) {
        rc = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        struct op *op = &b->ops[b->n_ops];
        if (p[i].kind == PIECE_FIXED) {
            size_t off = text->len;
            add_lines(text, p[i].text);
            if (join) {
                op[-1].len += text->len - off;
            } else if (text->len > off) {
                *op = (struct op){.kind = PIECE_FIXED, .off = off, .len = text->len - off, .aligned = NOT_ALIGNED};
                b->n_ops++;
                join = true;
            }
            continue;
        }
        join = false;
        if (p[i].kind == PIECE_END) {
            if (depth == 0) {
                rc = error_set(err, ERR_DATA, "piece %zu ends a condition that none began", i);
                goto done;
            }
            b->ops[open[--depth]].jump = b->n_ops;
            continue;
        }
        if (p[i].slot < 0) {
            rc = error_set(err, ERR_DATA, "piece %zu has the slot %d", i, p[i].slot);
            goto done;
        }
        *op = (struct op){.kind = p[i].kind, .escape = p[i].escape, .slot = (size_t)p[i].slot, .aligned = NOT_ALIGNED};
        if (op->slot >= b->slots) {
            b->slots = op->slot + 1;
        }
        if (op->kind != PIECE_SLOT) {
            open[depth++] = b->n_ops;
        }
        b->n_ops++;
    }
    if (depth > 0) {
        rc = error_set(err, ERR_DATA, "a condition is not ended");
        goto done;
    }
    if (text->failed) {
        rc = error_set(err, ERR_OS, "out of memory");
    }
done:
    free(open);
    return rc;
}

/* A fixed text in quoted-printable; its last line stays open, since what follows is known only when filled in. */
static void prepare_qp(struct str text, struct buf *out) {
    if (!buf_reserve(out, encode_qp_bound(text.len))) {
        return;
    }
    struct encode_qp_state q = {out->ptr + out->len, 0};
    for (size_t from = 0; from < text.len;) {
        size_t lf = str_find(text, '\n', from);
        encode_qp_line(&q, text.ptr + from, lf - from, lf < text.len);
        if (lf < text.len) {
            memcpy(q.at, "\r\n", 2);
            q.at += 2;
            q.column = 0;
        }
        from = lf + 1;
    }
    out->len = (size_t)(q.at - out->ptr);
    *q.at = 0;
}

/* The plain bytes of [off, off+len) of bytes, without the first SKIP, as groups in lines. */
static void align(struct buf *bytes, size_t off, size_t len, size_t skip, struct aligned *a) {
    off += skip;
    len -= skip;
    a->tail_n = (unsigned)(len % 3);
    memcpy(a->tail, bytes->ptr + off + len - a->tail_n, a->tail_n);
    size_t whole = len - a->tail_n;
    a->off = bytes->len;
    if (!buf_reserve(bytes, encode_base64_bound(whole))) {
        return;
    }
    struct str in = {bytes->ptr + off, whole};
    encode_base64(in, bytes);
    a->len = bytes->len - a->off - 2;
    buf_truncate(bytes, bytes->len - 2); /* the last line stays open */
    a->column = (unsigned)((whole - 1) % 57 / 3 * 4 + 4);
}

static enum status prepare_base64(struct body *b, const struct buf *text, struct error *err) {
    size_t total = 0;
    b->aligned = calloc(b->n_ops * 3 + 1, sizeof *b->aligned);
    if (!b->aligned) {
        return error_set(err, ERR_OS, "out of memory");
    }
    for (size_t i = 0; i < b->n_ops; i++) {
        struct op *op = &b->ops[i];
        if (op->kind != PIECE_FIXED) {
            continue;
        }
        struct str plain = {text->ptr + op->off, op->len};
        op->off = b->bytes.len;
        for (size_t from = 0; from < plain.len;) {
            size_t lf = str_find(plain, '\n', from);
            buf_add(&b->bytes, str_sub(plain, from, lf));
            if (lf < plain.len) {
                buf_adds(&b->bytes, "\r\n");
            }
            from = lf + 1;
        }
        op->len = b->bytes.len - op->off;
        total += op->len;
        if (op->len >= BASE64_PREPARED && !b->bytes.failed) {
            op->aligned = b->n_aligned;
            for (size_t skip = 0; skip < 3 && !b->bytes.failed; skip++) {
                align(&b->bytes, op->off, op->len, skip, &b->aligned[b->n_aligned++]);
            }
        }
    }
    b->size = encode_base64_bound(total);
    return OK;
}

/* The size of the gathered texts in base64, line ends made CRLF. */
static size_t size_base64(const struct buf *text) {
    size_t n = text->len;
    for (size_t i = 0; i < text->len; i++) {
        n += text->ptr[i] == '\n';
    }
    return encode_base64_bound(n);
}

static size_t size_qp(const struct body *b, const struct buf *text, struct buf *scratch) {
    for (size_t i = 0; i < b->n_ops; i++) {
        if (b->ops[i].kind == PIECE_FIXED) {
            prepare_qp((struct str){text->ptr + b->ops[i].off, b->ops[i].len}, scratch);
        }
    }
    return scratch->len;
}

static void hash_body(struct body *b) {
    struct hash *h = hash_new();
    hash_add_str(h, str_from(body_encoding(b)));
    for (size_t i = 0; i < b->n_ops; i++) {
        const struct op *op = &b->ops[i];
        hash_add_u64(h, op->kind);
        hash_add_u64(h, op->escape);
        hash_add_u64(h, op->slot);
        hash_add_u64(h, op->jump);
        hash_add_u64(h, op->len);
    }
    hash_add_str(h, buf_str(&b->bytes));
    hash_end(h, b->hash);
    hash_free(h);
}

enum status body_new(const struct piece *p, size_t n, struct body **out, struct error *err) {
    return body_new_as(p, n, BODY_SMALLER, out, err);
}

enum status body_new_as(const struct piece *p, size_t n, enum body_encoding encoding, struct body **out,
                        struct error *err) {
    *out = NULL;
    enum status rc = OK;
    struct buf text = BUF_INIT;
    struct buf qp = BUF_INIT;
    struct body *b = calloc(1, sizeof *b);
    if (!b) {
        rc = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    rc = compile(b, p, n, &text, err);
    if (rc != OK) {
        goto done;
    }
    for (size_t i = 0; i < b->n_ops; i++) {
        struct op *op = &b->ops[i];
        if (op->kind == PIECE_FIXED) {
            op->starts_line = text.ptr[op->off] == '\n';
            op->ends_line = text.ptr[op->off + op->len - 1] == '\n';
        }
    }
    b->size = size_qp(b, &text, &qp);
    b->base64 = encoding == BODY_BASE64 || (encoding == BODY_SMALLER && size_base64(&text) < b->size);
    if (b->base64) {
        rc = prepare_base64(b, &text, err);
        if (rc != OK) {
            goto done;
        }
    } else {
        for (size_t i = 0; i < b->n_ops; i++) {
            struct op *op = &b->ops[i];
            if (op->kind == PIECE_FIXED) {
                struct str plain = {text.ptr + op->off, op->len};
                op->off = b->bytes.len;
                prepare_qp(plain, &b->bytes);
                op->len = b->bytes.len - op->off;
            }
        }
    }
    if (qp.failed || b->bytes.failed) {
        rc = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    hash_body(b);
    *out = b;
    b = NULL;
done:
    body_free(b);
    buf_release(&text);
    buf_release(&qp);
    return rc;
}

void body_free(struct body *b) {
    if (b) {
        free(b->ops);
        free(b->aligned);
        buf_release(&b->bytes);
        free(b);
    }
}

/* ---- filling ---- */

struct filling {
    struct buf *out;
    size_t start; /* where this body begins in out */
    bool base64;
    unsigned column; /* base64: of the line in out */
    unsigned n_carry;
    char carry[2]; /* base64: bytes that wait for their group to be whole */
    bool at_line;  /* the plain text so far ends with a line end (false for none) */
};

/* Where the line in out stands: 0 at the body's or a line's begin. */
static size_t qp_column(const struct filling *f) {
    const char *begin = f->out->ptr + f->start;
    const char *nl = f->out->len > f->start ? memrchr(begin, '\n', f->out->len - f->start) : NULL;
    return (size_t)(f->out->ptr + f->out->len - (nl ? nl + 1 : begin));
}

static bool qp_in_line(const struct filling *f) {
    return f->out->len > f->start && f->out->ptr[f->out->len - 1] != '\n';
}

/* A line end follows: a space or tab that came out open is encoded (RFC 2045 6.7 (3)). */
static void qp_close_line(struct filling *f) {
    struct buf *out = f->out;
    char last = out->len > f->start ? out->ptr[out->len - 1] : 0;
    if (last == ' ' || last == '\t') {
        size_t column = qp_column(f);
        out->len--;
        if (column - 1 + 3 > ENCODE_LINE) {
            buf_adds(out, "=\r\n");
        }
        buf_adds(out, last == ' ' ? "=20" : "=09");
    }
}

/* Adds plain bytes to a base64 body. */
static void base64_add(struct filling *f, const char *p, size_t n) {
    struct buf *out = f->out;
    if (!buf_reserve(out, encode_base64_bound(n) + 12)) {
        return;
    }
    char *o = out->ptr + out->len;
    while (f->n_carry + n >= 3) {
        if (f->column == ENCODE_LINE) {
            *o++ = '\r';
            *o++ = '\n';
            f->column = 0;
        }
        if (f->n_carry > 0) {
            char group[3];
            unsigned take = 3 - f->n_carry;
            memcpy(group, f->carry, f->n_carry);
            memcpy(group + f->n_carry, p, take);
            o = encode_base64_groups(o, group, 3);
            f->column += 4;
            f->n_carry = 0;
            p += take;
            n -= take;
            continue;
        }
        size_t groups = (ENCODE_LINE - f->column) / 4;
        groups = n / 3 < groups ? n / 3 : groups;
        o = encode_base64_groups(o, p, groups * 3);
        f->column += 4 * (unsigned)groups;
        p += groups * 3;
        n -= groups * 3;
    }
    for (; n > 0; n--) {
        f->carry[f->n_carry++] = *p++;
    }
    out->len = (size_t)(o - out->ptr);
    *o = 0;
}

static void fixed_base64(struct filling *f, const struct body *b, const struct op *op) {
    const char *plain = b->bytes.ptr + op->off;
    if (op->aligned == NOT_ALIGNED) {
        base64_add(f, plain, op->len);
        return;
    }
    unsigned skip = (3 - f->n_carry) % 3;
    const struct aligned *a = &b->aligned[op->aligned + skip];
    base64_add(f, plain, skip);
    if (f->column > 0) {
        buf_adds(f->out, "\r\n");
    }
    buf_add(f->out, (struct str){b->bytes.ptr + a->off, a->len});
    f->column = a->column;
    f->n_carry = a->tail_n;
    memcpy(f->carry, a->tail, a->tail_n);
}

static void fixed_qp(struct filling *f, const struct body *b, const struct op *op) {
    if (op->starts_line) {
        qp_close_line(f);
    } else if (qp_in_line(f)) {
        buf_adds(f->out, "=\r\n");
    }
    buf_add(f->out, (struct str){b->bytes.ptr + op->off, op->len});
}

/* Adds a part of a value, escaped, never empty. */
static void value_add(struct filling *f, struct encode_qp_state *q, const char *p, size_t n) {
    if (f->base64) {
        base64_add(f, p, n);
        return;
    }
    if (!buf_reserve(f->out, encode_qp_bound(n) + 3)) {
        return;
    }
    q->at = f->out->ptr + f->out->len;
    encode_qp_line(q, p, n, false);
    f->out->len = (size_t)(q->at - f->out->ptr);
    *q->at = 0;
}

/* What a byte of a value needs: nothing, or an escape. */
enum { PLAIN = 0, BLANK = 1, HTML = 2, URL = 4 };
static const unsigned char need[256] = {
    [0] = BLANK | URL,   [1 ... 9] = URL,     ['\n'] = BLANK | URL, [11 ... 12] = URL,  ['\r'] = BLANK | URL,
    [14 ... 33] = URL,   ['"'] = HTML | URL,  ['#' ... '%'] = URL,  ['&'] = HTML | URL, ['\''] = HTML | URL,
    ['(' ... ','] = URL, ['/'] = URL,         [':' ... ';'] = URL,  ['<'] = HTML | URL, ['='] = URL,
    ['>'] = HTML | URL,  ['?' ... '@'] = URL, ['[' ... '^'] = URL,  ['`'] = URL,        ['{' ... '}'] = URL,
    [127 ... 255] = URL,
};

/* The escaped form of C at OUT, at most 6 bytes. */
static size_t escape(unsigned char c, enum piece_escape how, char *out) {
    if (need[c] & BLANK) {
        c = ' ';
    }
    if (how == PIECE_URL && (need[c] & URL)) {
        out[0] = '%';
        out[1] = "0123456789ABCDEF"[c >> 4];
        out[2] = "0123456789ABCDEF"[c & 15];
        return 3;
    }
    if (how == PIECE_HTML && (need[c] & HTML)) {
        const char *to = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : "&#39;";
        size_t n = strlen(to);
        memcpy(out, to, n);
        return n;
    }
    out[0] = (char)c;
    return 1;
}

static void value(struct filling *f, struct str v, enum piece_escape how) {
    unsigned mask = BLANK | (how == PIECE_HTML ? HTML : how == PIECE_URL ? URL : PLAIN);
    struct encode_qp_state q = {NULL, 0};
    if (v.len == 0) {
        return;
    }
    f->at_line = false;
    if (!f->base64 && qp_in_line(f)) {
        buf_adds(f->out, "=\r\n");
    }
    size_t from = 0;
    while (from < v.len) {
        size_t to = from;
        while (to < v.len && !(need[(unsigned char)v.ptr[to]] & mask)) {
            to++;
        }
        if (to > from) {
            value_add(f, &q, v.ptr + from, to - from);
        }
        char part[192];
        size_t n = 0;
        for (; to < v.len && n + 6 <= sizeof part && (need[(unsigned char)v.ptr[to]] & mask); to++) {
            n += escape((unsigned char)v.ptr[to], how, part + n);
        }
        if (n > 0) {
            value_add(f, &q, part, n);
        }
        from = to;
    }
}

void body_fill(const struct body *b, const struct str *values, struct buf *out) {
    struct filling f = {.out = out, .start = out->len, .base64 = b->base64};
    if (!buf_reserve(out, b->size + b->n_ops * 8 + 16)) {
        return;
    }
    for (size_t i = 0; i < b->n_ops; i++) {
        const struct op *op = &b->ops[i];
        switch (op->kind) {
        case PIECE_FIXED:
            if (b->base64) {
                fixed_base64(&f, b, op);
            } else {
                fixed_qp(&f, b, op);
            }
            f.at_line = op->ends_line;
            break;
        case PIECE_SLOT:
            value(&f, values[op->slot], op->escape);
            break;
        case PIECE_IF:
        case PIECE_UNLESS:
            if ((values[op->slot].len == 0) == (op->kind == PIECE_IF)) {
                i = op->jump - 1;
            }
            break;
        case PIECE_END:
            break;
        }
    }
    if (out->failed) {
        return;
    }
    if (!b->base64) {
        if (!f.at_line) {
            qp_close_line(&f);
            buf_adds(out, "\r\n");
        }
        return;
    }
    if (!f.at_line) {
        base64_add(&f, "\r\n", 2);
    }
    if (f.n_carry > 0) {
        char group[8];
        if (f.column == ENCODE_LINE) {
            buf_adds(out, "\r\n");
        }
        buf_add(out, (struct str){group, (size_t)(encode_base64_last(group, f.carry, f.n_carry) - group)});
    }
    buf_adds(out, "\r\n");
}

const char *body_encoding(const struct body *b) {
    return b->base64 ? "base64" : "quoted-printable";
}

size_t body_slots(const struct body *b) {
    return b->slots;
}

size_t body_size(const struct body *b) {
    return b->size;
}

size_t body_prefix(const struct body *b) {
    if (b->n_ops == 0 || b->ops[0].kind != PIECE_FIXED || (b->base64 && b->ops[0].aligned == NOT_ALIGNED)) {
        return 0;
    }
    size_t off = b->ops[0].off, len = b->ops[0].len;
    if (b->base64) {
        off = b->aligned[b->ops[0].aligned].off;
        len = b->aligned[b->ops[0].aligned].len;
    }
    while (len > 0 && b->bytes.ptr[off + len - 1] != '\n') {
        len--; /* the last line stays open */
    }
    return len;
}

size_t body_memory(const struct body *b) {
    return sizeof *b + b->n_ops * sizeof *b->ops + b->n_aligned * sizeof *b->aligned + b->bytes.cap;
}

void body_hash(const struct body *b, uint8_t out[32]) {
    memcpy(out, b->hash, HASH_SIZE);
}
