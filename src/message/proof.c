#include "message/proof.h"

#include "mime/decode.h"

#include <stdio.h>
#include <stdlib.h>

/* A value as it stands in a body: as it is, in HTML, in a URL. */
enum form { FORM_RAW, FORM_HTML, FORM_URL, FORMS };

static void add_form(struct str v, enum form form, struct buf *out) {
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i] == '\r' || v.ptr[i] == '\n' || !v.ptr[i] ? ' ' : v.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c);
        const char *html = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : "&#39;";
        if (form == FORM_HTML && strchr("&<>\"'", c)) {
            buf_adds(out, html);
        } else if (form == FORM_URL && !plain) {
            buf_addf(out, "%%%02X", (unsigned char)c);
        } else {
            buf_addc(out, c);
        }
    }
}

/* All forms of all values, one behind the other. */
struct forms {
    struct str all;
    size_t at[SLOT_COUNT][FORMS], len[SLOT_COUNT][FORMS];
    bool begins[256]; /* one of them with this byte: most places need no closer look */
};

static void make_forms(const struct str values[SLOT_COUNT], struct buf *room, struct forms *f) {
    struct buf all = BUF_INIT;
    memset(f->begins, 0, sizeof f->begins);
    for (size_t s = 0; s < SLOT_COUNT; s++) {
        for (int k = 0; k < FORMS; k++) {
            f->at[s][k] = all.len;
            add_form(values[s], (enum form)k, &all);
            f->len[s][k] = all.len - f->at[s][k];
            if (f->len[s][k] && !all.failed) {
                f->begins[(unsigned char)all.ptr[f->at[s][k]]] = true;
            }
        }
    }
    buf_release(room);
    *room = all;
    f->all = buf_str(room);
}

static struct str form_of(const struct forms *f, size_t slot, int form) {
    return str_sub(f->all, f->at[slot][form], f->at[slot][form] + f->len[slot][form]);
}

static void differ(struct message_proof *out, const char *part, size_t at) {
    if (!out->differs) {
        out->differs = true;
        (void)snprintf(out->where, sizeof out->where, "%s, byte %zu", part, at);
    }
}

/* Goes through both: where the frame has one of its values, the mail must have its own, else the same bytes. */
static void compare_text(struct str frame, const struct forms *theirs, struct str mail, const struct forms *ours,
                         const char *part, struct message_proof *out) {
    size_t i = 0, k = 0;
    while (i < frame.len) {
        size_t slot = SLOT_COUNT, longest = 0;
        int form = 0;
        for (size_t s = 0; s < SLOT_COUNT && theirs->begins[(unsigned char)frame.ptr[i]]; s++) {
            for (int f = 0; f < FORMS; f++) {
                struct str v = form_of(theirs, s, f);
                if (v.len > longest && str_starts(str_sub(frame, i, frame.len), v)) {
                    slot = s;
                    form = f;
                    longest = v.len;
                }
            }
        }
        if (slot == SLOT_COUNT) {
            if (k >= mail.len || mail.ptr[k] != frame.ptr[i]) {
                differ(out, part, k);
                return;
            }
            i++;
            k++;
            continue;
        }
        struct str v = form_of(ours, slot, form);
        if (!str_starts(str_sub(mail, k, mail.len), v)) {
            differ(out, part, k);
            return;
        }
        out->slots[slot]++;
        i += longest;
        k += v.len;
    }
    if (k != mail.len) {
        differ(out, part, k);
    }
}

/* Takes the next field with its folded lines off *HEAD; false at the empty line. */
static bool next_field(struct str *head, struct str *name, struct str *field) {
    size_t end = 0;
    do {
        end = str_find(*head, '\n', end);
        end += end < head->len;
    } while (end < head->len && (head->ptr[end] == ' ' || head->ptr[end] == '\t'));
    *field = str_sub(*head, 0, end);
    *name = str_sub(*field, 0, str_find(*field, ':', 0));
    *head = str_sub(*head, end, head->len);
    return field->len > 2;
}

static bool is_personal(struct str name) {
    struct str rest = STR(PROOF_FIELDS), one;
    while (str_split(&rest, ',', &one)) {
        if (str_eq(str_trim(one), name)) {
            return true;
        }
    }
    return false;
}

static void compare_heads(struct str frame, struct str mail, struct message_proof *out) {
    struct str a, b, name, other;
    bool more, also;
    while ((more = next_field(&frame, &name, &a)) & (also = next_field(&mail, &other, &b))) {
        if (!str_eq(name, other) || (!str_eq(a, b) && !is_personal(name))) {
            differ(out, "the header", 0);
            return;
        }
    }
    if (more != also) {
        differ(out, "the header", 0);
    }
}

static struct str value_of(struct str head, const char *wanted) {
    struct str name, field;
    while (next_field(&head, &name, &field)) {
        if (str_eq_nocase(name, str_from(wanted))) {
            return str_trim(str_sub(field, name.len + 1, field.len));
        }
    }
    return STR_NONE;
}

/* Takes the next part behind BOUNDARY ("--...") off *BODY: its own header, and its encoded text. */
static bool next_part(struct str *body, struct str boundary, struct str *head, struct str *text) {
    if (!str_starts(*body, boundary)) {
        return false;
    }
    struct str rest = str_sub(*body, boundary.len, body->len);
    if (!str_starts(rest, STR("\r\n"))) {
        return false; /* the last boundary has "--" there */
    }
    size_t empty = str_search(rest, STR("\r\n\r\n"), 0) + 4;
    size_t end = empty;
    do {
        end = str_search(rest, boundary, end + (end > empty));
    } while (end < rest.len && rest.ptr[end - 1] != '\n');
    *head = str_sub(rest, 2, empty);
    *text = str_sub(rest, empty, end);
    *body = str_sub(rest, end, rest.len);
    return true;
}

static void compare_part(struct message_prover *p, struct str frame_head, struct str frame, const struct forms *theirs,
                         struct str head, struct str mail, const struct forms *ours, const char *what,
                         struct message_proof *out) {
    buf_clear(&p->text);
    buf_clear(&p->frame_text);
    decode_text(frame, value_of(frame_head, "Content-Transfer-Encoding"), &p->frame_text);
    decode_text(mail, value_of(head, "Content-Transfer-Encoding"), &p->text);
    compare_text(buf_str(&p->frame_text), theirs, buf_str(&p->text), ours, what, out);
}

/* The first boundary of a multipart whose header is HEAD, "--" before it, into OUT; false: it is none. */
static bool boundary_of(struct str head, struct buf *out) {
    struct str type = value_of(head, "Content-Type");
    size_t at = str_search(type, STR("boundary=\""), 0);
    if (at == type.len) {
        return false;
    }
    buf_addf(out, "--%.*s", STR_ARG(str_sub(type, at + 10, str_find(type, '"', at + 10))));
    return true;
}

/* Compares what stands beneath two headers that were found alike: texts, or parts that may have parts. *N counts the
 * parts that have none, and so tells what each is. */
static void compare_below(struct message_prover *p, struct str frame_head, struct str frame, const struct forms *theirs,
                          struct str head, struct str mail, const struct forms *ours, unsigned depth, size_t *n,
                          struct message_proof *out) {
    static const char *const names[] = {"the text part", "the HTML part", "a further part"};
    struct buf boundary = BUF_INIT;
    struct str a_head, a, b_head, b;
    bool more, also;
    if (depth == 0 || !boundary_of(head, &boundary)) {
        const char *what = names[*n < 2 ? *n : 2];
        if (str_starts(value_of(head, "Content-Type"), STR("text/"))) {
            compare_part(p, frame_head, frame, theirs, head, mail, ours, what, out);
        } else if (!str_eq(frame, mail)) { /* nothing of a picture is a reader's own */
            differ(out, what, 0);
        }
        ++*n;
        return;
    }
    size_t before = *n;
    while ((more = next_part(&frame, buf_str(&boundary), &a_head, &a)) &
           (also = next_part(&mail, buf_str(&boundary), &b_head, &b))) {
        if (!str_eq(a_head, b_head)) {
            differ(out, names[*n < 2 ? *n : 2], 0);
        }
        compare_below(p, a_head, a, theirs, b_head, b, ours, depth - 1, n, out);
    }
    if (more != also || *n == before || !str_eq(frame, mail)) {
        differ(out, "the end", *n);
    }
    buf_release(&boundary);
}

static void compare(struct message_prover *p, const struct forms *theirs, const struct forms *ours,
                    struct message_proof *out) {
    enum { DEPTH = 2 }; /* multipart/alternative, multipart/related */
    struct str frame_head = buf_str(&p->frame.head), head = buf_str(&p->mail.head);
    size_t n = 0;
    compare_heads(frame_head, head, out);
    compare_below(p, frame_head, buf_str(&p->frame.body), theirs, head, buf_str(&p->mail.body), ours, DEPTH, &n, out);
}

void message_compare(struct message_prover *p, const struct str frame_values[SLOT_COUNT],
                     const struct str values[SLOT_COUNT], struct message_proof *out) {
    struct forms ours, theirs;
    *out = (struct message_proof){0};
    make_forms(values, &p->values, &ours);
    make_forms(frame_values, &p->frame_values, &theirs);
    compare(p, &theirs, &ours, out);
}

enum status message_prove(struct message_prover *p, const struct message_rendition *r, const struct token_keys *keys,
                          const struct message_reader *reader, struct message_proof *out, struct error *err) {
    /* words that no text has, and that differ in each form; of what is not known of the reader, nothing is known of
     * this one either */
    struct message_reader made_up = *reader;
    made_up.subscriber = INT64_MAX / 3;
    made_up.address = STR("qw7&address'x3v@qw7-domain-x3v.example");
    made_up.name = reader->name.len ? STR("Qw7Name<X3v") : STR_NONE;
    made_up.given_name = reader->given_name.len ? STR("Qw7Given<X3v") : STR_NONE;
    struct str values[SLOT_COUNT], frame_values[SLOT_COUNT];
    enum status st = message_compose(r, keys, NULL, reader, &p->mail, err);
    if (st != OK || (st = message_compose(r, keys, NULL, &made_up, &p->frame, err)) != OK) {
        return st;
    }
    message_values(r, keys, reader, &p->mail.scratch, values);
    message_values(r, keys, &made_up, &p->frame.scratch, frame_values);
    message_compare(p, frame_values, values, out);
    return p->values.failed || p->frame_values.failed || p->text.failed || p->frame_text.failed
               ? error_set(err, ERR_OS, "out of memory")
               : OK;
}

void message_prover_release(struct message_prover *p) {
    message_bytes_release(&p->mail);
    message_bytes_release(&p->frame);
    buf_release(&p->values);
    buf_release(&p->frame_values);
    buf_release(&p->text);
    buf_release(&p->frame_text);
}
