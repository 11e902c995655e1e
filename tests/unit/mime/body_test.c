#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "decode.h"
#include "mime/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIXED(s)                                                                                                       \
    {                                                                                                                  \
        .kind = PIECE_FIXED, .text = { s, sizeof(s) - 1 }                                                              \
    }
#define SLOT(n, e)                                                                                                     \
    { .kind = PIECE_SLOT, .slot = n, .escape = e }
#define IF(n)                                                                                                          \
    { .kind = PIECE_IF, .slot = n }
#define UNLESS(n)                                                                                                      \
    { .kind = PIECE_UNLESS, .slot = n }
#define END                                                                                                            \
    { .kind = PIECE_END }
#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { MAX_PIECES = 14, SLOTS = 4 };

/* What a reader should get, by the plainest possible way. */
static void value_plain(struct str v, enum piece_escape how, struct buf *out) {
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        if (c == '\r' || c == '\n' || c == 0) {
            c = ' ';
        }
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

static void plain(const struct piece *p, size_t n, const struct str *values, struct buf *out) {
    size_t start = out->len;
    size_t hidden = 0; /* conditions open around here since the first that doesn't hold */
    for (size_t i = 0; i < n; i++) {
        bool cond = p[i].kind == PIECE_IF || p[i].kind == PIECE_UNLESS;
        if (hidden > 0) {
            hidden += cond;
            hidden -= p[i].kind == PIECE_END;
        } else if (cond) {
            hidden = (values[p[i].slot].len > 0) != (p[i].kind == PIECE_IF);
        } else if (p[i].kind == PIECE_SLOT) {
            value_plain(values[p[i].slot], p[i].escape, out);
        } else if (p[i].kind == PIECE_FIXED) {
            struct str t = p[i].text;
            for (size_t k = 0; k < t.len; k++) {
                if (t.ptr[k] == '\r' || t.ptr[k] == '\n') {
                    buf_adds(out, "\r\n");
                    k += t.ptr[k] == '\r' && k + 1 < t.len && t.ptr[k + 1] == '\n';
                } else {
                    buf_addc(out, t.ptr[k]);
                }
            }
        }
    }
    if (!str_ends(str_sub(buf_str(out), start, out->len), STR("\r\n"))) {
        buf_adds(out, "\r\n");
    }
}

/* Fills in one encoding and checks what comes out; OUT and EXPECTED get the encoded and the plain text. */
static void check_as(const struct piece *p, size_t n, const struct str *values, enum body_encoding e, struct buf *out,
                     struct buf *expected) {
    struct body *b = NULL;
    struct error err;
    assert_int_equal(body_new_as(p, n, e, &b, &err), OK);
    struct buf back = BUF_INIT;
    buf_clear(out);
    buf_clear(expected);
    buf_adds(out, "X: y "); /* what stands before is left alone */
    body_fill(b, values, out);
    assert_false(out->failed);
    assert_memory_equal(out->ptr, "X: y ", 5);
    struct str coded = str_sub(buf_str(out), 5, out->len);
    const char *broken = e == BODY_QP ? decode_qp(coded, &back) : decode_base64(coded, &back);
    plain(p, n, values, expected);
    if (broken || !str_eq(buf_str(&back), buf_str(expected))) {
        fail_msg("%s: %s\n--- encoded\n%s\n--- plain\n%s\n", body_encoding(b), broken ? broken : "differs",
                 buf_cstr(out) + 5, buf_cstr(expected));
    }
    assert_true(str_ends(coded, STR("\r\n")));
    /* what is said to be the same for all readers is: an empty reader's body begins so too, with whole lines */
    const struct str none[SLOTS] = {0};
    size_t prefix = body_prefix(b);
    buf_clear(&back);
    body_fill(b, none, &back);
    assert_true(prefix <= coded.len && prefix <= back.len);
    assert_memory_equal(coded.ptr, back.ptr, prefix);
    assert_true(prefix == 0 || coded.ptr[prefix - 1] == '\n');
    memmove(out->ptr, out->ptr + 5, out->len - 5);
    buf_truncate(out, out->len - 5);
    buf_release(&back);
    body_free(b);
}

static void test_prefix(void **state) {
    (void)state;
    struct piece p[] = {FIXED("one\ntwo\nthree "), SLOT(0, PIECE_RAW)}, none[] = {SLOT(0, PIECE_RAW), FIXED("one\n")};
    struct body *b = NULL;
    struct error err;
    assert_int_equal(body_new_as(p, COUNT(p), BODY_QP, &b, &err), OK);
    assert_int_equal(body_prefix(b), sizeof "one\r\ntwo\r\n" - 1); /* a prefix of 0 would be right too, and no use */
    body_free(b);
    assert_int_equal(body_new_as(none, COUNT(none), BODY_QP, &b, &err), OK);
    assert_int_equal(body_prefix(b), 0);
    body_free(b);
}

static void check_qp(const struct piece *p, size_t n, const struct str *values, const char *expected) {
    struct buf out = BUF_INIT, text = BUF_INIT;
    check_as(p, n, values, BODY_QP, &out, &text);
    assert_string_equal(buf_cstr(&out), expected);
    check_as(p, n, values, BODY_BASE64, &out, &text);
    buf_release(&out);
    buf_release(&text);
}

static void test_qp_line_ends(void **state) {
    (void)state;
    const struct piece p[] = {FIXED("Dear "), SLOT(0, PIECE_RAW), FIXED("\n.\n"), SLOT(1, PIECE_RAW), FIXED(" x\n")};
    check_qp(p, COUNT(p), (struct str[]){STR("Ann"), STR("y")}, "Dear =\r\nAnn\r\n=2E\r\ny=\r\n x\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR("Ann "), STR(".")}, "Dear =\r\nAnn=20\r\n=2E\r\n=2E=\r\n x\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR_NONE, STR("From x")}, "Dear=20\r\n=2E\r\n=46rom x=\r\n x\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR("\t"), STR_NONE}, "Dear =\r\n=09\r\n=2E\r\n x\r\n");
    const struct piece none[] = {SLOT(0, PIECE_RAW)};
    check_qp(none, 1, (struct str[]){STR_NONE}, "\r\n");
    check_qp(none, 1, (struct str[]){STR("a\r\nb\n")}, "a  b=20\r\n");
    check_qp(none, 1, (struct str[]){STR("From\nx")}, "=46rom x\r\n");
    check_qp(NULL, 0, NULL, "\r\n");
    const struct piece parts[] = {FIXED("a\r"), FIXED("b"), FIXED("c\r\n"), FIXED(""), FIXED("d")};
    check_qp(parts, COUNT(parts), NULL, "a\r\nbc\r\nd\r\n");
}

#define TEN "1234567890"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void test_qp_full_line(void **state) {
    (void)state;
    /* a space open in column 75 that turns out to end its line */
    const struct piece p[] = {FIXED(SEVENTY "1234 "), SLOT(0, PIECE_RAW), FIXED("\n")};
    check_qp(p, COUNT(p), (struct str[]){STR_NONE}, SEVENTY "1234=\r\n=20\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR(SEVENTY "1234 ")}, SEVENTY "1234 =\r\n" SEVENTY "1234=\r\n=20\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR(SEVENTY "12345 ")}, SEVENTY "1234 =\r\n" SEVENTY "12345=\r\n=20\r\n");
}

static void test_escapes(void **state) {
    (void)state;
    const struct piece p[] = {SLOT(0, PIECE_RAW), FIXED("|\n"), SLOT(0, PIECE_HTML), FIXED("|\n"), SLOT(0, PIECE_URL)};
    check_qp(p, COUNT(p), (struct str[]){STR("<a&\"b'> \n~\xc3\xa9")},
             "<a&\"b'>  ~=C3=A9=\r\n|\r\n"
             "&lt;a&amp;&quot;b&#39;&gt;  ~=C3=A9=\r\n|\r\n"
             "%3Ca%26%22b%27%3E%20%20~%C3%A9\r\n");
}

static void test_conditions(void **state) {
    (void)state;
    const struct piece p[] = {FIXED("Hello"),
                              IF(0),
                              FIXED(" "),
                              SLOT(0, PIECE_RAW),
                              IF(1),
                              FIXED("!"),
                              UNLESS(0),
                              FIXED("never"),
                              END,
                              END,
                              END,
                              UNLESS(0),
                              FIXED(" reader"),
                              END,
                              FIXED(",\n")};
    check_qp(p, COUNT(p), (struct str[]){STR("Ann"), STR("1")}, "Hello=\r\n =\r\nAnn=\r\n!=\r\n,\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR("Ann"), STR_NONE}, "Hello=\r\n =\r\nAnn=\r\n,\r\n");
    check_qp(p, COUNT(p), (struct str[]){STR_NONE, STR("1")}, "Hello=\r\n reader=\r\n,\r\n");
}

static void test_refusals(void **state) {
    (void)state;
    struct body *b = NULL;
    struct error err;
    assert_int_equal(body_new((struct piece[]){IF(0)}, 1, &b, &err), ERR_DATA);
    assert_null(b);
    assert_int_equal(body_new((struct piece[]){IF(0), END, END}, 3, &b, &err), ERR_DATA);
    assert_string_equal(err.text, "piece 2 ends a condition that none began");
    assert_int_equal(body_new((struct piece[]){SLOT(-1, PIECE_RAW)}, 1, &b, &err), ERR_DATA);
    assert_int_equal(body_new((struct piece[]){SLOT(-1, PIECE_RAW)}, 1, &b, NULL), ERR_DATA);
    body_free(NULL);
}

static void test_choice(void **state) {
    (void)state;
    struct body *b = NULL;
    const struct piece ascii[] = {FIXED("plain text, plain text"), SLOT(4, PIECE_RAW)};
    assert_int_equal(body_new(ascii, 2, &b, NULL), OK);
    assert_string_equal(body_encoding(b), "quoted-printable");
    assert_int_equal(body_slots(b), 5);
    assert_int_equal(body_size(b), 22);
    assert_true(body_memory(b) >= 22);
    body_free(b);
    const struct piece tibetan[] = {
        FIXED("\xe0\xbd\x96\xe0\xbd\xbc\xe0\xbd\x91\xe0\xbc\x8b\xe0\xbd\xa1\xe0\xbd\xb2\xe0\xbd\x82")};
    assert_int_equal(body_new(tibetan, 1, &b, NULL), OK);
    assert_string_equal(body_encoding(b), "base64");
    body_free(b);
}

static void hash_as(const struct piece *p, size_t n, enum body_encoding e, uint8_t out[32]) {
    struct body *b = NULL;
    assert_int_equal(body_new_as(p, n, e, &b, NULL), OK);
    body_hash(b, out);
    body_free(b);
}

static void test_hash(void **state) {
    (void)state;
    const struct piece lists[][3] = {
        {FIXED("a"), SLOT(0, PIECE_RAW), FIXED("b")},
        {FIXED("a"), SLOT(1, PIECE_RAW), FIXED("b")},
        {FIXED("a"), SLOT(0, PIECE_URL), FIXED("b")},
        {FIXED("ab"), SLOT(0, PIECE_RAW), FIXED("")},
        {IF(0), FIXED("ab"), END},
        {UNLESS(0), FIXED("ab"), END},
    };
    uint8_t h[2 * COUNT(lists)][32];
    for (size_t i = 0; i < COUNT(lists); i++) {
        uint8_t again[32];
        hash_as(lists[i], 3, BODY_QP, h[2 * i]);
        hash_as(lists[i], 3, BODY_BASE64, h[2 * i + 1]);
        hash_as(lists[i], 3, BODY_SMALLER, again);
        assert_memory_equal(again, h[2 * i], 32);
    }
    for (size_t i = 0; i < COUNT(h); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(h[i], h[k], 32);
        }
    }
}

/* ---- random pieces and values ---- */

static struct str random_text(struct random *r, struct buf *pool, uint64_t longest) {
    static const char *const bits[] = {"a",
                                       "word ",
                                       " ",
                                       "\n",
                                       "\n\n",
                                       ".",
                                       "=",
                                       "From ",
                                       "<&>'\"",
                                       "http://x.example/?q=1",
                                       "\t",
                                       "\r\n",
                                       "\r",
                                       "\xc3\xa4",
                                       "\xe2\x80\x99",
                                       "\xe0\xbd\x80",
                                       "\xf0\x9f\x98\x80",
                                       "abcdefghijklmnopqrstuvwxyz0123456789"};
    struct buf b = BUF_INIT;
    uint64_t kinds = 1 + random_below(r, COUNT(bits));
    uint64_t first = random_below(r, COUNT(bits));
    for (uint64_t n = random_below(r, longest); n > 0; n--) {
        buf_adds(&b, bits[(first + random_below(r, kinds)) % COUNT(bits)]);
    }
    pool[0] = b; /* owned there */
    return buf_str(&pool[0]);
}

static size_t random_pieces(struct random *r, struct piece *p, struct buf *pool) {
    size_t n = 0, depth = 0, want = random_below(r, MAX_PIECES - 3);
    while (n < want || depth > 0) {
        uint64_t k = n + depth >= want ? 9 : random_below(r, 10);
        if (k < 4) {
            p[n] = (struct piece){.kind = PIECE_FIXED};
            p[n].text = random_text(r, &pool[n], random_below(r, 4) ? 8 : 120);
        } else if (k < 7) {
            p[n] = (struct piece)SLOT((int)random_below(r, SLOTS), (enum piece_escape)random_below(r, 3));
        } else if (k < 9 && depth < 3) {
            p[n] = (struct piece){.kind = k == 7 ? PIECE_IF : PIECE_UNLESS, .slot = (int)random_below(r, SLOTS)};
            depth++;
        } else if (depth > 0) {
            p[n] = (struct piece)END;
            depth--;
        } else {
            continue;
        }
        n++;
        if (depth == 0 && n >= want) {
            break;
        }
    }
    return n;
}

static void test_random(void **state) {
    (void)state;
    struct random r;
    random_init(&r, 42);
    struct buf out = BUF_INIT, text = BUF_INIT;
    char path[] = "/tmp/body_test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *judged = fdopen(fd, "wb");
    for (int round = 0; round < 6000; round++) {
        struct piece p[3 * MAX_PIECES];
        struct buf pool[3 * MAX_PIECES] = {0};
        struct buf vpool[SLOTS] = {0};
        size_t n = random_pieces(&r, p, pool);
        for (int v = 0; v < 3; v++) {
            struct str values[SLOTS];
            for (size_t s = 0; s < SLOTS; s++) {
                values[s] = random_below(&r, 3) ? random_text(&r, &vpool[s], random_below(&r, 5) ? 5 : 60) : STR_NONE;
            }
            for (int e = BODY_QP; e <= BODY_BASE64; e++) {
                check_as(p, n, values, (enum body_encoding)e, &out, &text);
                if (round < 300) {
                    fprintf(judged, "%s %zu %zu\n", e == BODY_QP ? "quoted-printable" : "base64", out.len, text.len);
                    (void)fwrite(out.ptr, 1, out.len, judged);
                    (void)fwrite(text.ptr, 1, text.len, judged);
                }
            }
            for (size_t s = 0; s < SLOTS; s++) {
                buf_release(&vpool[s]);
            }
        }
        for (size_t i = 0; i < COUNT(pool); i++) {
            buf_release(&pool[i]);
        }
    }
    assert_int_equal(fclose(judged), 0);
    buf_release(&out);
    buf_release(&text);
    /* Python's parser as another judge, where there is one */
    if (system("python3 -c 'import email' 2>/dev/null") == 0) {
        char command[1024];
        (void)snprintf(
            command, sizeof command,
            "python3 -c '\n"
            "import email, email.policy, sys\n"
            "f = open(sys.argv[1], \"rb\")\n"
            "n = 0\n"
            "for head in f:\n"
            "    e, coded, text = head.split()\n"
            "    coded, text = f.read(int(coded)), f.read(int(text))\n"
            "    m = email.message_from_bytes(b\"Content-Transfer-Encoding: \" + e + b\"\\r\\n\\r\\n\" + coded,"
            " policy=email.policy.SMTP)\n"
            "    assert m.get_payload(decode=True) == text and not m.defects, (e, coded, text, m.defects)\n"
            "    n += 1\n"
            "assert n == 1800, n\n' %s",
            path);
        assert_int_equal(system(command), 0);
    }
    (void)unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qp_line_ends), cmocka_unit_test(test_qp_full_line), cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_conditions),   cmocka_unit_test(test_refusals),     cmocka_unit_test(test_choice),
        cmocka_unit_test(test_hash),         cmocka_unit_test(test_prefix),       cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("mime/body", tests, NULL, NULL);
}
