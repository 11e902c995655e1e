#include "message/compose.h"

#include "base/arena.h"
#include "crypto/hash.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "text/address.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct message_rendition {
    atomic_int refs;
    struct body *text, *html;
    struct buf fixed;  /* header lines that all share, behind the personal ones, with the blank line */
    struct buf middle; /* from the text part's end to the html part's begin */
    struct buf first;  /* the first part's own header */
    struct buf before; /* the boundary before each picture */
    struct buf end;    /* what closes the parts */
    struct message_picture **pictures;
    size_t pictures_n;
    uint8_t hash[HASH_SIZE];
    struct dkim_plan *plan;
    /* for the personal lines */
    struct buf hostname, base_url, bounce_local, bounce_domain, from_address;
    bool one_click, view;
};

static void part_header(struct buf *b, const char *boundary, const char *type, const struct body *body) {
    buf_addf(b, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", boundary, type,
             body_encoding(body));
}

/* What is alike in the signatures of all messages. */
static enum status plan(struct message_rendition *r, struct error *err) {
    struct buf names = BUF_INIT, begin = BUF_INIT;
    buf_adds(&names, "to:message-id");
    if (r->base_url.len || r->bounce_domain.len) {
        buf_adds(&names, ":list-unsubscribe");
    }
    if (r->base_url.len && r->one_click) {
        buf_adds(&names, ":list-unsubscribe-post");
    }
    const struct str none[SLOT_COUNT] = {0};
    buf_add(&begin, buf_str(&r->first));
    body_fill(r->text, none, &begin);
    enum status st =
        names.failed || begin.failed
            ? error_set(err, ERR_OS, "out of memory")
            : dkim_plan_new(str_sub(buf_str(&r->fixed), 0, r->fixed.len - 2), buf_str(&names),
                            str_sub(buf_str(&begin), 0, r->first.len + body_prefix(r->text)), &r->plan, err);
    buf_release(&names);
    buf_release(&begin);
    return st;
}

/* The part that the HTML is in when it has pictures, up to the HTML's own header; its boundary. */
static void related_begin(struct buf *b, const char *alternative, const uint8_t content[HASH_SIZE],
                          char boundary[BOUNDARY_SIZE]) {
    uint8_t hash[HASH_SIZE];
    hash_of(content, HASH_SIZE, hash); /* another one than the outer's, and as stable */
    boundary_for(hash, boundary);
    buf_addf(b, "--%s\r\nContent-Type: multipart/related; type=\"text/html\";\r\n boundary=\"%s\"\r\n\r\n", alternative,
             boundary);
}

static const char text_type[] = "text/plain; charset=utf-8; format=flowed; delsp=yes";

enum status message_rendition_new(const struct message_common *c, struct body *text, struct body *html,
                                  struct message_picture *const *pictures, size_t pictures_n,
                                  struct message_rendition **out, struct error *err) {
    *out = NULL;
    struct message_rendition *r = calloc(1, sizeof *r);
    if (!r) {
        body_free(text);
        body_free(html);
        return error_set(err, ERR_OS, "out of memory");
    }
    atomic_init(&r->refs, 1);
    r->text = text;
    r->html = html;
    uint8_t parts[2 * HASH_SIZE] = {0};
    body_hash(text, parts);
    if (html) {
        body_hash(html, parts + HASH_SIZE);
    }
    uint8_t content[HASH_SIZE];
    hash_of(parts, sizeof parts, content);
    char boundary[BOUNDARY_SIZE];
    boundary_for(content, boundary);

    struct buf *f = &r->fixed;
    header_mailbox(f, "From", c->from_name, c->from_address);
    if (c->reply_to.len) {
        header_mailbox(f, "Reply-To", c->reply_to_name, c->reply_to);
    }
    header_text(f, "Subject", c->subject);
    header_raw(f, "Date", c->date);
    struct buf line = BUF_INIT;
    buf_addf(&line, "<%.*s>", STR_ARG(c->list_id));
    header_raw(f, "List-Id", buf_str(&line));
    buf_clear(&line);
    buf_addf(&line, "<%.*s>", STR_ARG(c->site_url));
    header_raw(f, "List-Help", buf_str(&line));
    if (c->archive_url.len) {
        buf_clear(&line);
        buf_addf(&line, "<%.*s>", STR_ARG(c->archive_url));
        header_raw(f, "List-Archive", buf_str(&line));
    }
    header_raw(f, "List-Post", STR("NO"));
    header_raw(f, "Feedback-ID", c->feedback_id);
    header_raw(f, "Precedence", STR("list"));
    header_raw(f, "Auto-Submitted", STR("auto-generated"));
    header_raw(f, "MIME-Version", STR("1.0"));
    if (html) {
        buf_clear(&line);
        buf_addf(&line, "multipart/alternative; boundary=\"%s\"", boundary);
        header_raw(f, "Content-Type", buf_str(&line));
        buf_adds(f, "\r\n");
        part_header(&r->first, boundary, text_type, text);
        char related[BOUNDARY_SIZE];
        if (pictures_n > 0) {
            related_begin(&r->middle, boundary, content, related);
        }
        part_header(&r->middle, pictures_n > 0 ? related : boundary, "text/html; charset=utf-8", html);
        if (pictures_n > 0) {
            buf_addf(&r->before, "--%s\r\n", related);
            buf_addf(&r->end, "--%s--\r\n", related);
            r->pictures = calloc(pictures_n, sizeof(struct message_picture *));
        }
        for (size_t i = 0; r->pictures && i < pictures_n; i++) {
            r->pictures[r->pictures_n++] = message_picture_ref(pictures[i]);
        }
        buf_addf(&r->end, "--%s--\r\n", boundary);
    } else {
        header_raw(f, "Content-Type", str_from(text_type));
        buf_addf(f, "Content-Transfer-Encoding: %s\r\n\r\n", body_encoding(text));
    }
    buf_add(&r->hostname, c->hostname);
    buf_add(&r->base_url, c->base_url);
    buf_add(&r->from_address, c->from_address);
    r->one_click = c->one_click;
    r->view = c->view;
    size_t at = str_find(c->bounce_address, '@', 0);
    if (at < c->bounce_address.len) {
        buf_add(&r->bounce_local, str_sub(c->bounce_address, 0, at));
        buf_add(&r->bounce_domain, str_sub(c->bounce_address, at + 1, c->bounce_address.len));
    }
    struct hash *h = hash_new();
    hash_add(h, content, sizeof content);
    const struct buf *hashed[] = {&r->fixed,    &r->first,        &r->middle,       &r->end,          &r->hostname,
                                  &r->base_url, &r->from_address, &r->bounce_local, &r->bounce_domain};
    bool failed = line.failed || r->before.failed || (html && r->pictures_n != pictures_n);
    for (size_t i = 0; i < sizeof hashed / sizeof *hashed; i++) {
        hash_add_str(h, buf_str(hashed[i]));
        failed |= hashed[i]->failed;
    }
    for (size_t i = 0; i < r->pictures_n; i++) {
        uint8_t picture[HASH_SIZE];
        message_picture_hash(r->pictures[i], picture);
        hash_add(h, picture, sizeof picture);
    }
    hash_add_u64(h, (uint64_t)r->one_click * 2 + r->view);
    hash_end(h, r->hash);
    hash_free(h);
    buf_release(&line);
    enum status st = failed ? error_set(err, ERR_OS, "out of memory") : plan(r, err);
    if (st != OK) {
        message_rendition_free(r);
        return st;
    }
    *out = r;
    return OK;
}

struct message_rendition *message_rendition_ref(struct message_rendition *r) {
    (void)atomic_fetch_add(&r->refs, 1);
    return r;
}

void message_rendition_free(struct message_rendition *r) {
    if (!r || atomic_fetch_sub(&r->refs, 1) > 1) {
        return;
    }
    body_free(r->text);
    body_free(r->html);
    dkim_plan_free(r->plan);
    struct buf *all[] = {&r->fixed,    &r->middle,       &r->first,         &r->end,          &r->hostname,
                         &r->base_url, &r->bounce_local, &r->bounce_domain, &r->from_address, &r->before};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buf_release(all[i]);
    }
    for (size_t i = 0; i < r->pictures_n; i++) {
        message_picture_free(r->pictures[i]);
    }
    free(r->pictures);
    free(r);
}

struct str message_rendition_domain(const struct message_rendition *r) {
    return address_domain(buf_str(&r->from_address));
}

size_t message_rendition_memory(const struct message_rendition *r) {
    return sizeof *r + r->fixed.cap + r->middle.cap + r->end.cap + body_memory(r->text) +
           (r->html ? body_memory(r->html) : 0) + 1024;
}

void message_rendition_hash(const struct message_rendition *r, uint8_t out[32]) {
    memcpy(out, r->hash, HASH_SIZE);
}

void message_bytes_release(struct message_bytes *m) {
    buf_release(&m->head);
    buf_release(&m->personal);
    buf_release(&m->body);
    buf_release(&m->sender);
    buf_release(&m->envid);
    buf_release(&m->scratch);
    dkim_signer_free(m->signer);
    m->signer = NULL;
}

void message_values(const struct message_rendition *r, const struct token_keys *keys,
                    const struct message_reader *reader, struct buf *scratch, struct str values[SLOT_COUNT]) {
    const uint64_t who[] = {(uint64_t)reader->issue, (uint64_t)reader->subscriber};
    size_t from[SLOT_COUNT + 1] = {0}; /* offsets first, since the buffer may move */
    char unsubscribe[TOKEN_SIZE];
    (void)token_make(keys, TOKEN_UNSUBSCRIBE, who, 2, unsubscribe, TOKEN_SIZE);
    buf_clear(scratch);
    for (int i = 0; i < SLOT_COUNT; i++) {
        from[i] = scratch->len;
        switch ((enum message_slot)i) {
        case SLOT_NAME:
            buf_add(scratch, reader->name);
            break;
        case SLOT_GIVEN_NAME:
            buf_add(scratch, reader->given_name);
            break;
        case SLOT_ADDRESS:
            buf_add(scratch, reader->address);
            break;
        case SLOT_UNSUBSCRIBE_URL:
            if (r->base_url.len) {
                buf_add(scratch, buf_str(&r->base_url));
                buf_adds(scratch, "/unsubscribe/");
                buf_adds(scratch, unsubscribe);
            }
            break;
        case SLOT_UNSUBSCRIBE_MAILTO:
            if (r->bounce_domain.len) {
                buf_adds(scratch, "mailto:unsubscribe+");
                buf_adds(scratch, unsubscribe);
                buf_addc(scratch, '@');
                buf_add(scratch, buf_str(&r->bounce_domain));
            }
            break;
        case SLOT_PREFERENCES_URL:
            if (r->base_url.len) {
                char token[TOKEN_SIZE];
                (void)token_make(keys, TOKEN_PREFERENCES, who, 2, token, sizeof token);
                buf_add(scratch, buf_str(&r->base_url));
                buf_adds(scratch, "/preferences/");
                buf_adds(scratch, token);
            }
            break;
        case SLOT_VIEW_URL:
            if (r->base_url.len && r->view) {
                char token[TOKEN_SIZE];
                (void)token_make(keys, TOKEN_VIEW, who, 2, token, sizeof token);
                buf_add(scratch, buf_str(&r->base_url));
                buf_adds(scratch, "/view/");
                buf_adds(scratch, token);
            }
            break;
        case SLOT_COUNT:
            break;
        }
    }
    from[SLOT_COUNT] = scratch->len;
    for (int i = 0; i < SLOT_COUNT; i++) {
        values[i] = str_sub(buf_str(scratch), from[i], from[i + 1]);
    }
}

enum status message_compose(const struct message_rendition *r, const struct token_keys *keys,
                            const struct signing_keys *signing, const struct message_reader *reader,
                            struct message_bytes *m, struct error *err) {
    struct str values[SLOT_COUNT];
    char id[TOKEN_SIZE], bounce[TOKEN_SIZE];
    if (!header_address_ok(reader->address)) {
        return error_set(err, ERR_DATA, "the address of subscriber %lld can't stand in a header",
                         (long long)reader->subscriber);
    }
    buf_clear(&m->head);
    buf_clear(&m->personal);
    buf_clear(&m->body);
    buf_clear(&m->sender);
    buf_clear(&m->envid);
    message_values(r, keys, reader, &m->scratch, values);
    const uint64_t who[] = {(uint64_t)reader->issue, (uint64_t)reader->subscriber, (uint64_t)reader->generation};
    (void)token_make(keys, TOKEN_MESSAGE_ID, who, 2, id, sizeof id);
    (void)token_make(keys, TOKEN_BOUNCE, who, 3, bounce, sizeof bounce);

    /* The body first: the signature over it stands at the head's top. */
    buf_add(&m->body, buf_str(&r->first));
    body_fill(r->text, values, &m->body);
    if (r->html) {
        buf_add(&m->body, buf_str(&r->middle));
        body_fill(r->html, values, &m->body);
        for (size_t i = 0; i < r->pictures_n; i++) {
            buf_add(&m->body, buf_str(&r->before));
            buf_add(&m->body, message_picture_part(r->pictures[i]));
        }
        buf_add(&m->body, buf_str(&r->end));
    }
    enum { ROOM = 78 - sizeof "List-Unsubscribe: <>," + 1 }; /* for a link on its first line (RFC 5322 2.1.1) */
    struct buf *h = &m->personal;
    header_mailbox(h, "To", reader->name, reader->address);
    buf_adds(h, "Message-ID: <");
    buf_adds(h, id);
    buf_addc(h, '@');
    buf_add(h, buf_str(&r->hostname));
    buf_adds(h, ">\r\n");
    if (values[SLOT_UNSUBSCRIBE_URL].len || values[SLOT_UNSUBSCRIBE_MAILTO].len) {
        buf_adds(h, "List-Unsubscribe:");
        if (values[SLOT_UNSUBSCRIBE_URL].len) {
            buf_adds(h, values[SLOT_UNSUBSCRIBE_URL].len > ROOM ? "\r\n <" : " <");
            buf_add(h, values[SLOT_UNSUBSCRIBE_URL]);
            buf_adds(h, values[SLOT_UNSUBSCRIBE_MAILTO].len ? ">,\r\n " : ">\r\n");
        }
        if (values[SLOT_UNSUBSCRIBE_MAILTO].len) {
            buf_adds(h, values[SLOT_UNSUBSCRIBE_URL].len ? "<" : " <");
            buf_add(h, values[SLOT_UNSUBSCRIBE_MAILTO]);
            buf_adds(h, ">\r\n");
        }
        if (values[SLOT_UNSUBSCRIBE_URL].len && r->one_click) {
            buf_adds(h, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        }
    }
    if (h->failed || m->body.failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (signing) {
        enum status st = dkim_sign(&m->signer, r->plan, signing, message_rendition_domain(r), buf_str(h),
                                   buf_str(&m->body), &m->head, err);
        if (st != OK) {
            return st;
        }
    }
    buf_add(&m->head, buf_str(h));
    buf_add(&m->head, buf_str(&r->fixed));
    if (r->bounce_domain.len) {
        buf_add(&m->sender, buf_str(&r->bounce_local));
        buf_addc(&m->sender, '+');
        buf_adds(&m->sender, bounce);
        buf_addc(&m->sender, '@');
        buf_add(&m->sender, buf_str(&r->bounce_domain));
    } else {
        buf_add(&m->sender, buf_str(&r->from_address));
    }
    buf_adds(&m->envid, bounce);
    if (m->head.failed || m->sender.failed || m->envid.failed || m->scratch.failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    return OK;
}

/* HTML with its cid: addresses replaced by the pictures themselves. */
static void data_addresses(const struct message_rendition *r, struct buf *html) {
    const struct str cid = STR("cid:");
    struct buf out = BUF_INIT;
    struct str rest = buf_str(html), line;
    while (rest.len > 0) {
        size_t at = str_search(rest, cid, 0), i = 0;
        buf_add(&out, str_sub(rest, 0, at));
        rest = str_sub(rest, at, rest.len);
        while (i < r->pictures_n && !str_starts(str_sub(rest, cid.len, rest.len), message_picture_id(r->pictures[i]))) {
            i++;
        }
        if (rest.len > 0 && i < r->pictures_n) {
            struct str encoded = message_picture_base64(r->pictures[i]);
            buf_addf(&out, "data:%.*s;base64,", STR_ARG(message_picture_type(r->pictures[i])));
            while (str_split(&encoded, '\n', &line)) {
                buf_add(&out, str_trim(line));
            }
            rest = str_sub(rest, cid.len + message_picture_id(r->pictures[i]).len, rest.len);
        } else {
            buf_add(&out, str_sub(rest, 0, 1));
            rest = str_sub(rest, 1, rest.len);
        }
    }
    buf_clear(html);
    buf_add(html, buf_str(&out));
    html->failed |= out.failed;
    buf_release(&out);
}

enum status message_parts(const struct message_rendition *r, const struct token_keys *keys,
                          const struct message_reader *reader, bool html, struct buf *out, struct error *err) {
    struct str values[SLOT_COUNT];
    struct buf scratch = BUF_INIT, encoded = BUF_INIT;
    const struct body *b = html ? r->html : r->text;
    message_values(r, keys, reader, &scratch, values);
    if (b) {
        body_fill(b, values, &encoded);
        decode_text(buf_str(&encoded), str_from(body_encoding(b)), out);
        if (html && r->pictures_n > 0) {
            data_addresses(r, out);
        }
    }
    bool failed = scratch.failed || encoded.failed || out->failed;
    buf_release(&scratch);
    buf_release(&encoded);
    return failed ? error_set(err, ERR_OS, "out of memory") : OK;
}
