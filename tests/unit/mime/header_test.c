#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/utf8.h"
#include "decode.h"
#include "mime/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* One header: every line ended by CRLF, at most 78 long unless it is one word (76 with an encoded word), nothing but
 * printable ASCII, later lines begin with a space and have more than spaces. */
static void check_lines(struct str h) {
    assert_true(str_ends(h, STR("\r\n")));
    for (size_t from = 0; from < h.len;) {
        size_t to = str_search(h, STR("\r\n"), from);
        struct str line = str_sub(h, from, to);
        assert_true(line.len <= 998);
        struct str text = str_trim(line);
        assert_true(text.len > 0);
        if (from > 0) {
            assert_true(line.ptr[0] == ' ');
        }
        size_t colon = from == 0 ? str_find(text, ' ', 0) + 1 : 0;
        bool one_word = str_find(text, ' ', colon) == text.len;
        bool encoded = str_search(line, STR("=?UTF-8?"), 0) < line.len;
        if (line.len > (encoded ? 76u : 78u) && !one_word) {
            fail_msg("long line: %.*s", STR_ARG(line));
        }
        for (size_t i = 0; i < line.len; i++) {
            assert_true(line.ptr[i] >= ' ' && line.ptr[i] < 0x7f);
        }
        for (size_t at = str_search(line, STR("=?UTF-8?"), 0); at < line.len;) {
            size_t stop = str_search(line, STR("?="), at + 10);
            assert_true(stop + 2 - at <= 75);
            at = str_search(line, STR("=?UTF-8?"), stop);
        }
        from = to + 2;
    }
}

/* The value of an unstructured header as a reader sees it; each encoded word must hold whole characters. */
static void decode(struct str h, struct buf *out) {
    struct buf flat = BUF_INIT;
    h = str_sub(h, str_find(h, ':', 0) + 1, h.len);
    for (size_t i = 0; i < h.len; i++) {
        if (h.ptr[i] != '\r' && h.ptr[i] != '\n') {
            buf_addc(&flat, h.ptr[i]);
        }
    }
    struct str s = str_trim(buf_str(&flat));
    bool after = false;
    size_t i = 0;
    while (i < s.len) {
        size_t word = i;
        while (word < s.len && s.ptr[word] == ' ') {
            word++;
        }
        size_t to = str_find(s, ' ', word);
        struct str w = str_sub(s, word, to);
        bool coded = str_starts(w, STR("=?UTF-8?")) && str_ends(w, STR("?="));
        if (!(coded && after)) {
            buf_add(out, str_sub(s, i, word));
        }
        if (coded) {
            struct buf part = BUF_INIT;
            struct str body = str_sub(w, 10, w.len - 2);
            struct buf tmp = BUF_INIT;
            buf_add(&tmp, body);
            if (w.ptr[8] == 'B') {
                buf_adds(&tmp, "\r\n");
                assert_null(decode_base64(buf_str(&tmp), &part));
            } else {
                assert_true(w.ptr[8] == 'Q');
                for (size_t k = 0; k < tmp.len; k++) {
                    tmp.ptr[k] = tmp.ptr[k] == '_' ? ' ' : tmp.ptr[k];
                }
                const char *broken = decode_qp(buf_str(&tmp), &part);
                assert_true(!broken || strstr(broken, "line's start"));
            }
            assert_true(utf8_valid(buf_str(&part)));
            buf_add(out, buf_str(&part));
            buf_release(&part);
            buf_release(&tmp);
        } else {
            buf_add(out, w);
        }
        after = coded;
        i = to;
    }
    buf_release(&flat);
}

static void check_text(struct str value, const char *expected) {
    struct buf out = BUF_INIT;
    header_text(&out, "Subject", value);
    assert_string_equal(buf_cstr(&out), expected);
    check_lines(buf_str(&out));
    buf_release(&out);
}

static void test_text(void **state) {
    (void)state;
    check_text(STR("Hello"), "Subject: Hello\r\n");
    check_text(STR("  Hello   world "), "Subject: Hello   world\r\n");
    check_text(STR(""), "Subject:\r\n");
    /* nothing begins a new line */
    check_text(STR("a\r\nBcc: evil@example.org\n\nbody\0x\x7f"), "Subject: a  Bcc: evil@example.org  body x\r\n");
    check_text(STR("a\xff"), "Subject: =?UTF-8?B?Ye+/vQ==?=\r\n");
    /* Q where it is shorter, B where that is; what needs no encoding stays legible */
    check_text(STR("Caf\xc3\xa9"), "Subject: =?UTF-8?B?Q2Fmw6k=?=\r\n");
    check_text(STR("d\xc3\xa9jeuners"), "Subject: =?UTF-8?Q?d=C3=A9jeuners?=\r\n");
    check_text(STR("News from the d\xc3\xa9jeuners today"),
               "Subject: News from the =?UTF-8?Q?d=C3=A9jeuners?= today\r\n");
    check_text(STR("\xe6\x96\xb0\xe9\x97\xbb"), "Subject: =?UTF-8?B?5paw6Ze7?=\r\n");
    check_text(STR("a  \xe6\x96\xb0  b"), "Subject: a =?UTF-8?B?IOaWsCA=?= b\r\n");
    /* an encoded word that the writer meant literally */
    check_text(STR("=?UTF-8?Q?x?="), "Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n");
    /* folding */
    check_text(STR("one two three four five six seven eight nine ten eleven twelve thirteen fourteen"),
               "Subject: one two three four five six seven eight nine ten eleven twelve\r\n thirteen fourteen\r\n");
    check_text(
        STR("\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage, une tr\xc3\xa8s longue histoire d'\xc3\xa9t\xc3\xa9 en France"),
        "Subject: =?UTF-8?B?w6l0w6kgw6AgbGEgcGxhZ2UsIHVuZSB0csOocyBsb25ndWUgaGlz?=\r\n "
        "=?UTF-8?B?dG9pcmUgZCfDqXTDqQ==?= en France\r\n");
}

static void test_text_long_word(void **state) {
    (void)state;
    struct buf value = BUF_INIT, out = BUF_INIT, back = BUF_INIT;
    buf_adds(&value, "see ");
    for (int i = 0; i < 300; i++) {
        buf_adds(&value, "https");
    }
    header_text(&out, "Subject", buf_str(&value));
    check_lines(buf_str(&out));
    decode(buf_str(&out), &back);
    assert_string_equal(buf_cstr(&back), buf_cstr(&value));
    buf_release(&value);
    buf_release(&out);
    buf_release(&back);
}

/* A family of four is one grapheme of 25 bytes, a flag one of 8: neither may be parted. */
static void test_graphemes(void **state) {
    (void)state;
    static const char family[] =
        "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xe2\x80\x8d\xf0\x9f\x91\xa6";
    static const char flag[] = "\xf0\x9f\x87\xa8\xf0\x9f\x87\xad";
    static const char accent[] = "e\xcc\x81";
    static const char *const all[] = {family, flag, accent};
    for (size_t k = 0; k < COUNT(all); k++) {
        struct buf value = BUF_INIT, out = BUF_INIT;
        for (int i = 0; i < 40; i++) {
            buf_adds(&value, all[k]);
        }
        header_text(&out, "Subject", buf_str(&value));
        check_lines(buf_str(&out));
        /* each encoded word alone is a whole number of them */
        struct str rest = buf_str(&out);
        struct str line;
        while (str_split(&rest, '\n', &line) && line.len > 0) {
            struct buf one = BUF_INIT, back = BUF_INIT;
            line = str_trim(str_starts(line, STR("Subject:")) ? str_sub(line, 8, line.len) : line);
            buf_adds(&one, "Subject: ");
            buf_add(&one, line);
            decode(buf_str(&one), &back);
            assert_int_equal(back.len % strlen(all[k]), 0);
            buf_release(&one);
            buf_release(&back);
        }
        buf_release(&value);
        buf_release(&out);
    }
    /* one with more marks than a line can hold is split by characters */
    struct buf value = BUF_INIT, out = BUF_INIT, back = BUF_INIT;
    buf_adds(&value, "o");
    for (int i = 0; i < 100; i++) {
        buf_adds(&value, "\xcc\x88");
    }
    header_text(&out, "Subject", buf_str(&value));
    check_lines(buf_str(&out));
    decode(buf_str(&out), &back);
    assert_string_equal(buf_cstr(&back), buf_cstr(&value));
    buf_release(&value);
    buf_release(&out);
    buf_release(&back);
}

static void check_mailbox(struct str display, struct str address, const char *expected) {
    struct buf out = BUF_INIT;
    header_mailbox(&out, "To", display, address);
    assert_string_equal(buf_cstr(&out), expected);
    check_lines(buf_str(&out));
    buf_release(&out);
}

static void test_mailbox(void **state) {
    (void)state;
    struct str a = STR("reader@example.org");
    check_mailbox(STR(""), a, "To: reader@example.org\r\n");
    check_mailbox(STR_NONE, STR("\"a b\"@example.org"), "To: <\"a b\"@example.org>\r\n");
    check_mailbox(STR("Example Reader"), a, "To: Example Reader <reader@example.org>\r\n");
    check_mailbox(STR("Reader, E. \"X\" \\"), a, "To: \"Reader, E. \\\"X\\\" \\\\\" <reader@example.org>\r\n");
    check_mailbox(STR("a  b"), a, "To: \"a  b\" <reader@example.org>\r\n");
    check_mailbox(STR("<b>x</b>"), a, "To: \"<b>x</b>\" <reader@example.org>\r\n");
    check_mailbox(STR("other@example.org, you"), a, "To: \"other@example.org, you\" <reader@example.org>\r\n");
    check_mailbox(STR("x\r\nBcc: evil@example.org"), a, "To: \"x  Bcc: evil@example.org\" <reader@example.org>\r\n");
    /* RFC 2047, section 8, but in UTF-8 */
    check_mailbox(STR("Keld J\xc3\xb8rn Simonsen"), a,
                  "To: =?UTF-8?Q?Keld_J=C3=B8rn_Simonsen?= <reader@example.org>\r\n");
    check_mailbox(STR("J\xc3\xb6, \"(x)\""), a, "To: =?UTF-8?B?SsO2LCAiKHgpIg==?= <reader@example.org>\r\n");
    check_mailbox(STR("=?utf-8?q?x?="), a, "To: =?UTF-8?B?PT91dGYtOD9xP3g/PQ==?= <reader@example.org>\r\n");
    check_mailbox(
        STR("A rather long name of an organisation which goes on, and on, and on"), a,
        "To: \"A rather long name of an organisation which goes on, and on, and on\"\r\n <reader@example.org>\r\n");
    check_mailbox(STR("A rather long name of an organisation which goes on, and on, and on, and on"), a,
                  "To: =?UTF-8?Q?A_rather_long_name_of_an_organisation_which_goes_on=2C_and_o?=\r\n"
                  " =?UTF-8?Q?n=2C_and_on=2C_and_on?= <reader@example.org>\r\n");
    /* refused addresses name nobody else */
    check_mailbox(STR(""), STR("a@b.example>, <c@d.example"), "To: a@b.example????c?d.example\r\n");
    check_mailbox(STR("x"), STR("a@b.example\r\nBcc: c@d"), "To: x <a@b.example??Bcc??c?d>\r\n");
    check_mailbox(STR("x"), STR("\xc3\xa9@b.example"), "To: x <??@b.example>\r\n");
    check_mailbox(STR("x"), STR(""), "To: x <>\r\n");
}

static void test_raw(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    header_raw(&out, "List-Unsubscribe",
               STR("<https://news.example.org/mail/u/abcdefghijklmnopqrstuvwx>, "
                   "<mailto:unsubscribe+abcdefghijkl@example.org>"));
    assert_string_equal(buf_cstr(&out),
                        "List-Unsubscribe: <https://news.example.org/mail/u/abcdefghijklmnopqrstuvwx>,\r\n"
                        " <mailto:unsubscribe+abcdefghijkl@example.org>\r\n");
    check_lines(buf_str(&out));
    buf_clear(&out);
    header_raw(&out, "Content-Type",
               STR("multipart/alternative; boundary=\"=_abcdefghijklmnopqrstuvwxyz\"; charset=utf-8"));
    assert_string_equal(buf_cstr(&out),
                        "Content-Type: multipart/alternative; boundary=\"=_abcdefghijklmnopqrstuvwxyz\";\r\n"
                        " charset=utf-8\r\n");
    buf_clear(&out);
    header_raw(&out, "X-A", STR("a\r\nX-B: b\xc3\xa9"));
    assert_string_equal(buf_cstr(&out), "X-A: a  X-B: b??\r\n");
    buf_clear(&out);
    struct buf longer = BUF_INIT;
    for (int i = 0; i < 300; i++) {
        buf_adds(&longer, "12345678");
    }
    header_raw(&out, "X-A", buf_str(&longer));
    check_lines(buf_str(&out));
    buf_release(&longer);
    buf_release(&out);
}

static void test_address_ok(void **state) {
    (void)state;
    static const char *const good[] = {"a@example.org",          "a.b+c=d@x.example",    "\"a b\"@example.org",
                                       "\"a\\\"b\"@example.org", "x@[IPv6:2001:db8::1]", "a@xn--bcher-kva.example",
                                       "o'neill@example.org"};
    static const char *const bad[] = {"",           "a",         "@",       "a@",       "@b",         "a b@c.example",
                                      "a@b c",      "a@b>",      "<a@b",    "a@b\r\n",  "a@b\n",      "a,b@c.example",
                                      "a@b@c",      "a(x)@b",    "\"a@b",   "\"a\"x@b", "\"\r\n\"@b", "\xc3\xa9@b",
                                      "a@\xc3\xa9", "\"a<b\"@c", "a\x01@b", "a@b,c@d",  "\"a\\",      "a@b SIZE=1"};
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(header_address_ok(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (header_address_ok(str_from(bad[i]))) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    assert_false(header_address_ok(STR("a\0@b")));
    char big[256];
    memset(big, 'a', sizeof big);
    big[64] = '@';
    assert_true(header_address_ok((struct str){big, 254}));
    assert_false(header_address_ok((struct str){big, 255}));
    big[64] = 'a';
    big[65] = '@';
    assert_false(header_address_ok((struct str){big, 100}));
}

static void test_boundary(void **state) {
    (void)state;
    uint8_t hash[32] = {0};
    char out[BOUNDARY_SIZE];
    boundary_for(hash, out);
    assert_string_equal(out, "=_aaaaaaaaaaaaaaaaaaaaaaaaaa");
    memcpy(hash, "foobar", 6); /* RFC 4648: MZXW6YTBOI */
    boundary_for(hash, out);
    assert_string_equal(out, "=_mzxw6ytboiaaaaaaaaaaaaaaaa");
    memset(hash, 0xff, 32);
    boundary_for(hash, out);
    assert_string_equal(out, "=_7777777777777777777777777"
                             "4");
}

/* What the value means once control characters and malformed bytes are mended. */
static void mended(struct str value, struct buf *out) {
    struct buf tmp = BUF_INIT;
    for (size_t i = 0; i < value.len;) {
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f) {
            buf_addc(&tmp, ' ');
            i++;
        } else {
            buf_add_utf8(&tmp, utf8_next(value, &i));
        }
    }
    buf_add(out, str_trim(buf_str(&tmp)));
    buf_release(&tmp);
}

static void test_random(void **state) {
    (void)state;
    static const char *const bits[] = {"a",
                                       "word",
                                       " ",
                                       "  ",
                                       "\n",
                                       "\r\n",
                                       "=?",
                                       "?=",
                                       "\"",
                                       "\\",
                                       ",",
                                       "<x@y.example>",
                                       "(",
                                       ".",
                                       "\t",
                                       "\xff",
                                       "\xc3\xa4",
                                       "\xe0\xbd\x80",
                                       "\xe0\xbd\xb2",
                                       "\xf0\x9f\x98\x80",
                                       "e\xcc\x81",
                                       "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
                                       "_",
                                       "\xe6\x96\xb0\xe9\x97\xbb"};
    struct random r;
    random_init(&r, 3);
    char path[] = "/tmp/header_test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *judged = fdopen(fd, "wb");
    for (int round = 0; round < 30000; round++) {
        struct buf value = BUF_INIT, out = BUF_INIT, back = BUF_INIT, want = BUF_INIT;
        uint64_t kinds = 1 + random_below(&r, COUNT(bits));
        uint64_t first = random_below(&r, COUNT(bits));
        for (uint64_t n = random_below(&r, 40); n > 0; n--) {
            buf_adds(&value, bits[(first + random_below(&r, kinds)) % COUNT(bits)]);
        }
        mended(buf_str(&value), &want);
        header_text(&out, "Subject", buf_str(&value));
        check_lines(buf_str(&out));
        decode(buf_str(&out), &back);
        if (!str_eq(buf_str(&back), buf_str(&want))) {
            fail_msg("wanted %s\ngot %s\nas %s", buf_cstr(&want), buf_cstr(&back), buf_cstr(&out));
        }
        header_mailbox(&out, "To", buf_str(&value), STR("reader@example.org"));
        check_lines(str_sub(buf_str(&out), str_search(buf_str(&out), STR("To: "), 0), out.len));
        if (round < 1500) {
            fprintf(judged, "%zu %zu\n", out.len, want.len);
            (void)fwrite(out.ptr, 1, out.len, judged);
            (void)fwrite(buf_cstr(&want), 1, want.len, judged);
        }
        buf_release(&value);
        buf_release(&out);
        buf_release(&back);
        buf_release(&want);
    }
    assert_int_equal(fclose(judged), 0);
    /* Python's parser as another judge, where there is one: one Subject, one To with one mailbox and the name meant.
     * Spaces are left out: its make_header drops some between plain and encoded words. */
    if (system("python3 -c 'import email' 2>/dev/null") == 0) {
        char command[2048];
        (void)snprintf(command, sizeof command,
                       "python3 -c '\n"
                       "import email, email.header, email.utils, sys\n"
                       "f = open(sys.argv[1], \"rb\")\n"
                       "n = 0\n"
                       "for head in f:\n"
                       "    size, text = (int(x) for x in head.split())\n"
                       "    m = email.message_from_bytes(f.read(size) + b\"\\r\\nbody\\r\\n\")\n"
                       "    text = f.read(text).decode()\n"
                       "    def show(v):\n"
                       "        return str(email.header.make_header(email.header.decode_header(v)))\n"
                       "    squeeze = lambda s: \"\".join(s.split())\n"
                       "    assert m.keys() == [\"Subject\", \"To\"] and not m.defects, m.as_bytes()\n"
                       "    assert squeeze(show(m[\"Subject\"])) == squeeze(text), (show(m[\"Subject\"]), text)\n"
                       "    to = email.utils.getaddresses([m[\"To\"]])\n"
                       "    assert len(to) == 1 and to[0][1] == \"reader@example.org\", (m[\"To\"], to)\n"
                       "    assert squeeze(show(to[0][0])) == squeeze(text), (m[\"To\"], show(to[0][0]), text)\n"
                       "    n += 1\n"
                       "assert n == 1500, n\n' %s",
                       path);
        assert_int_equal(system(command), 0);
    }
    (void)unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_text_long_word),
        cmocka_unit_test(test_graphemes), cmocka_unit_test(test_mailbox),
        cmocka_unit_test(test_raw),       cmocka_unit_test(test_address_ok),
        cmocka_unit_test(test_boundary),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("mime/header", tests, NULL, NULL);
}
