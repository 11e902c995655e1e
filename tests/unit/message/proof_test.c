#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "message/proof.h"

#include <string.h>

static struct body *body(bool html, enum body_encoding encoding) {
    enum piece_escape e = html ? PIECE_HTML : PIECE_RAW;
    struct piece p[] = {
        {.kind = PIECE_FIXED, .text = html ? STR("<html><p>Dear &amp; honoured ") : STR("Dear ")},
        {.kind = PIECE_IF, .slot = SLOT_GIVEN_NAME},
        {.kind = PIECE_SLOT, .slot = SLOT_GIVEN_NAME, .escape = e},
        {.kind = PIECE_END},
        {.kind = PIECE_UNLESS, .slot = SLOT_GIVEN_NAME},
        {.kind = PIECE_FIXED, .text = STR("reader")},
        {.kind = PIECE_END},
        {.kind = PIECE_FIXED,
         .text = STR(",\nthe river = 100 % high; སྐྱིད་པོ་འདུག it goes on and on and on and on and on.\n")},
        {.kind = PIECE_SLOT, .slot = SLOT_UNSUBSCRIBE_URL, .escape = e},
        {.kind = PIECE_FIXED, .text = STR("?for=")},
        {.kind = PIECE_SLOT, .slot = SLOT_ADDRESS, .escape = PIECE_URL},
        {.kind = PIECE_FIXED, .text = STR("\n")},
    };
    struct body *b = NULL;
    struct error err;
    assert_int_equal(body_new_as(p, sizeof p / sizeof *p, encoding, &b, &err), OK);
    return b;
}

static struct message_rendition *rendition(enum body_encoding encoding, bool html, size_t pictures_n) {
    struct message_common c = {.from_name = STR("Example Desk"),
                               .from_address = STR("news@example.org"),
                               .subject = STR("Example Weekly"),
                               .date = STR("Mon, 23 Nov 2026 07:05:00 +0000"),
                               .list_id = STR("weekly.example.org"),
                               .site_url = STR("https://example.org"),
                               .feedback_id = STR("1:weekly:digest:example.org"),
                               .hostname = STR("example.org"),
                               .base_url = STR("https://example.org/mail"),
                               .one_click = true,
                               .bounce_address = STR("bounces@example.org")};
    struct message_rendition *r = NULL;
    struct error err;
    struct message_picture *pictures[2];
    for (size_t i = 0; i < pictures_n; i++) {
        assert_int_equal(message_picture_new(
                             i ? STR("b@example.org") : STR("a@example.org"), i ? STR("image/png") : STR("image/jpeg"),
                             i ? STR("\x89PNG picture \r\n of two") : STR("\xff\xd8 Dear picture"), &pictures[i], &err),
                         OK);
    }
    assert_int_equal(message_rendition_new(&c, body(false, encoding), html ? body(true, encoding) : NULL, pictures,
                                           pictures_n, &r, &err),
                     OK);
    for (size_t i = 0; i < pictures_n; i++) {
        message_picture_free(pictures[i]);
    }
    return r;
}

/* Whether byte AT of the head is of a field that is personal as a whole. */
static bool is_personal(struct str head, size_t at) {
    static const char *const personal[] = {"To:", "Message-ID:", "List-Unsubscribe:"};
    size_t from = 0, end = 0;
    while (end <= at) {
        from = end;
        do {
            end = str_find(head, '\n', end) + 1;
        } while (end < head.len && head.ptr[end] == ' ');
    }
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++) {
        if (str_starts(str_sub(head, from, end), str_from(personal[i]))) {
            return true;
        }
    }
    return false;
}

/* Readers of any name pass; a byte changed anywhere but in the personal fields is found. */
static void proves(void **state) {
    (void)state;
    struct secret secret = {{7}};
    struct token_keys *keys = NULL;
    struct error err = {0};
    struct random r;
    assert_int_equal(token_keys_new(&secret, &keys, &err), OK);
    random_init(&r, 7);
    for (int kind = 0; kind < 8; kind++) { /* base64, with HTML, with pictures (text alone has none) */
        struct message_rendition *rendered = rendition(kind & 1 ? BODY_BASE64 : BODY_QP, kind & 2, kind & 4 ? 2 : 0);
        struct message_prover p = {0};
        for (int round = 0; round < 400; round++) {
            static const char *const bits[] = {"a", "&", "<b>", "é", "%", "\"", "Dear ", "བོད", " ", "=", "'"};
            char name[200] = "";
            for (size_t n = random_below(&r, 9); n > 0; n--) {
                (void)strncat(name, bits[random_below(&r, sizeof bits / sizeof *bits)], sizeof name - strlen(name) - 1);
            }
            struct message_reader reader = {.issue = 5,
                                            .subscriber = (int64_t)random_below(&r, 1u << 30),
                                            .generation = 1,
                                            .address = STR("o'a&b@example.net"),
                                            .name = str_from(name),
                                            .given_name = str_from(name)};
            struct message_proof proof;
            assert_int_equal(message_prove(&p, rendered, keys, &reader, &proof, &err), OK);
            if (proof.differs) {
                fail_msg("kind %d, '%s': %s", kind, name, proof.where);
            }
            int parts = kind & 2 ? 2 : 1;
            assert_int_equal(proof.slots[SLOT_UNSUBSCRIBE_URL], parts);
            assert_int_equal(proof.slots[SLOT_ADDRESS], parts);
            assert_int_equal(proof.slots[SLOT_GIVEN_NAME] + proof.slots[SLOT_NAME], *name ? parts : 0);

            struct str values[SLOT_COUNT], frame_values[SLOT_COUNT];
            struct message_reader made_up = reader;
            made_up.subscriber = INT64_MAX / 3;
            made_up.address = STR("qw7&address'x3v@qw7-domain-x3v.example");
            made_up.name = made_up.given_name = *name ? STR("Qw7Given<X3v") : STR_NONE;
            assert_int_equal(message_compose(rendered, keys, NULL, &made_up, &p.frame, &err), OK);
            message_values(rendered, keys, &reader, &p.mail.scratch, values);
            message_values(rendered, keys, &made_up, &p.frame.scratch, frame_values);
            message_compare(&p, frame_values, values, &proof);
            assert_false(proof.differs);
            bool in_head = random_below(&r, 4) == 0;
            struct buf *b = in_head ? &p.mail.head : &p.mail.body;
            size_t at = random_below(&r, b->len - 2);
            if (in_head && is_personal(buf_str(b), at)) {
                continue;
            }
            char was = b->ptr[at];
            if (kind & 1 && b->ptr[at + 1] == '=') {
                continue; /* its last bits mean nothing */
            }
            b->ptr[at] = was == 'x' ? 'y' : 'x';
            message_compare(&p, frame_values, values, &proof);
            if (!proof.differs) {
                fail_msg("kind %d: byte %zu of the %s, '%c', was changed and not found", kind, at,
                         in_head ? "head" : "body", was);
            }
        }
        message_prover_release(&p);
        message_rendition_free(rendered);
    }
    token_keys_free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(proves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
