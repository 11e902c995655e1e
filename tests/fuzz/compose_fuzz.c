// modules: base text crypto mime message
/* A message of any subject, names and texts, with pictures or without: its header has our fields and no others, each
 * once, its lines end in CRLF and keep their limits; comparing the mails of two readers comes to an end. */
#include "message/proof.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, struct str s) {
    fprintf(stderr, "%s:\n%.*s\n", what, STR_ARG(s));
    abort();
}

static void check_lines(struct str s, size_t max) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\0' || (unsigned char)s.ptr[i] > 126) {
            fail("a byte that is not ASCII", s);
        }
        if (s.ptr[i] == '\n' && (i == 0 || s.ptr[i - 1] != '\r')) {
            fail("a bare LF", s);
        }
        if (s.ptr[i] == '\r') {
            if (i + 1 >= s.len || s.ptr[i + 1] != '\n') {
                fail("a bare CR", s);
            }
            if (i - from > max) {
                fail("a line is too long", s);
            }
            from = i + 2;
        }
    }
    if (from != s.len) {
        fail("no line end at the end", s);
    }
}

static void check_fields(struct str head) {
    static const char *const ours[] = {"To",
                                       "Message-ID",
                                       "List-Unsubscribe",
                                       "List-Unsubscribe-Post",
                                       "From",
                                       "Reply-To",
                                       "Subject",
                                       "Date",
                                       "List-Id",
                                       "List-Help",
                                       "List-Post",
                                       "Feedback-ID",
                                       "Precedence",
                                       "Auto-Submitted",
                                       "MIME-Version",
                                       "Content-Type",
                                       "Content-Transfer-Encoding"};
    enum { N = sizeof ours / sizeof *ours };
    unsigned seen[N] = {0};
    struct str rest = head, line;
    while (str_split(&rest, '\n', &line)) {
        size_t i = 0;
        if (line.len <= 1 || line.ptr[0] == ' ') {
            if (line.len <= 1 && rest.len > 0) {
                fail("the header ends early", head);
            }
            continue;
        }
        struct str name = str_sub(line, 0, str_find(line, ':', 0));
        while (i < N && !str_eq(name, str_from(ours[i]))) {
            i++;
        }
        if (i == N || ++seen[i] > 1) {
            fail("a foreign or second field", head);
        }
    }
}

/* The next part of the input, up to a NUL. */
static struct str take(struct str *rest) {
    struct str part = STR("");
    return rest->ptr && str_split(rest, '\0', &part) ? part : STR("");
}

static struct body *body(struct str a, struct str b, bool html) {
    enum piece_escape e = html ? PIECE_HTML : PIECE_RAW;
    struct piece p[] = {{.kind = PIECE_FIXED, .text = a},
                        {.kind = PIECE_SLOT, .slot = SLOT_NAME, .escape = e},
                        {.kind = PIECE_FIXED, .text = b},
                        {.kind = PIECE_SLOT, .slot = SLOT_UNSUBSCRIBE_URL, .escape = e},
                        {.kind = PIECE_FIXED, .text = a}};
    struct body *out = NULL;
    if (body_new(p, sizeof p / sizeof *p, &out, NULL) != OK) {
        abort();
    }
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct token_keys *keys;
    const struct secret secret = {{3}};
    if (size < 1 || (!keys && token_keys_new(&secret, &keys, NULL) != OK)) {
        return 0;
    }
    struct str rest = {(const char *)data + 1, size - 1};
    struct message_common c = {.from_name = take(&rest),
                               .from_address = STR("news@example.org"),
                               .reply_to = (data[0] & 1) ? STR("desk@example.org") : STR_NONE,
                               .reply_to_name = take(&rest),
                               .subject = take(&rest),
                               .date = STR("Mon, 23 Nov 2026 07:05:00 +0000"),
                               .list_id = STR("weekly.example.org"),
                               .site_url = STR("https://example.org"),
                               .feedback_id = STR("1:weekly:digest:example.org"),
                               .hostname = STR("example.org"),
                               .base_url = STR("https://example.org/mail"),
                               .one_click = true,
                               .bounce_address = STR("bounces@example.org")};
    struct message_reader reader = {.issue = 1, .subscriber = 2, .address = STR("r@example.net"), .name = take(&rest)};
    struct str a = take(&rest), b = take(&rest), bytes = rest.ptr ? rest : STR("x");
    struct message_picture *picture = NULL;
    struct message_rendition *r = NULL;
    struct message_bytes m = {0};
    struct message_prover prover = {0};
    struct message_proof proof;
    if (message_picture_new(STR("a@example.org"), STR("image/png"), bytes, &picture, NULL) != OK ||
        message_rendition_new(&c, body(a, b, false), (data[0] & 2) ? body(a, b, true) : NULL, &picture,
                              (data[0] & 6) == 6, &r, NULL) != OK ||
        message_compose(r, keys, NULL, &reader, &m, NULL) != OK) {
        abort();
    }
    check_lines(buf_str(&m.head), 998);
    check_fields(buf_str(&m.head));
    check_lines(buf_str(&m.body), 76);
    reader.name = str_trim(reader.name);
    if (message_prove(&prover, r, keys, &reader, &proof, NULL) != OK) {
        abort();
    }
    (void)proof; /* a text may hold what stands for a value, and then the comparison says so */
    message_prover_release(&prover);
    message_bytes_release(&m);
    message_rendition_free(r);
    message_picture_free(picture);
    return 0;
}
