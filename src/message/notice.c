#include "message/notice.h"

#include "crypto/hash.h"
#include "mime/body.h"
#include "mime/header.h"
#include "text/address.h"

enum { PARTS = 2 };

/* The body of N, and the header lines that tell of it. */
static enum status fill(const struct notice *n, struct buf *head, struct buf *out, struct error *err) {
    const char *const types[PARTS] = {n->flowed ? "text/plain; charset=utf-8; format=flowed; delsp=yes"
                                                : "text/plain; charset=utf-8",
                                      "text/html; charset=utf-8"};
    const struct str texts[PARTS] = {n->text, n->html};
    size_t parts = n->html.ptr ? 2 : 1;
    uint8_t hash[HASH_SIZE];
    char boundary[BOUNDARY_SIZE];
    struct buf type = BUF_INIT;
    enum status st = OK;
    header_raw(head, "MIME-Version", STR("1.0"));
    if (parts > 1) {
        hash_of(n->id.ptr, n->id.len, hash); /* the same for a second copy */
        boundary_for(hash, boundary);
        buf_addf(&type, "multipart/alternative; boundary=\"%s\"", boundary);
        header_raw(head, "Content-Type", buf_str(&type));
    }
    for (size_t i = 0; i < parts && st == OK; i++) {
        struct piece p = {.kind = PIECE_FIXED, .text = texts[i]};
        struct body *body = NULL;
        struct buf *to = parts > 1 ? out : head;
        if ((st = body_new(&p, 1, &body, err)) != OK) {
            break;
        }
        if (parts > 1) {
            buf_addf(out, "--%s\r\n", boundary);
        }
        header_raw(to, "Content-Type", str_from(types[i]));
        header_raw(to, "Content-Transfer-Encoding", str_from(body_encoding(body)));
        buf_adds(to, parts > 1 ? "\r\n" : "");
        body_fill(body, NULL, out);
        body_free(body);
    }
    if (parts > 1) {
        buf_addf(out, "--%s--\r\n", boundary);
    }
    buf_release(&type);
    return st;
}

enum status notice_compose(const struct notice *n, const struct signing_keys *signing, struct buf *out,
                           struct error *err) {
    struct buf head = BUF_INIT, body = BUF_INIT;
    struct dkim_plan *plan = NULL;
    struct dkim_signer *signer = NULL;
    if (!header_address_ok(n->from_address) || !header_address_ok(n->to)) {
        return error_set(err, ERR_DATA, "an address of the notice can't stand in a header");
    }
    header_mailbox(&head, "From", n->from_name, n->from_address);
    if (n->reply_to.len) {
        header_mailbox(&head, "Reply-To", n->reply_to_name, n->reply_to);
    }
    header_mailbox(&head, "To", n->to_name, n->to);
    header_text(&head, "Subject", n->subject);
    header_raw(&head, "Date", n->date);
    buf_addf(&head, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(n->id), STR_ARG(n->hostname));
    header_raw(&head, "Auto-Submitted", STR("auto-generated"));
    enum status st = fill(n, &head, &body, err);
    if (st == OK && (head.failed || body.failed)) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    if (st == OK && (st = dkim_plan_new(buf_str(&head), STR_NONE, STR_NONE, &plan, err)) == OK &&
        (st = dkim_sign(&signer, plan, signing, address_domain(n->from_address), STR_NONE, buf_str(&body), out, err)) ==
            OK) {
        buf_add(out, buf_str(&head));
        buf_adds(out, "\r\n");
        buf_add(out, buf_str(&body));
        st = out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
    }
    dkim_plan_free(plan);
    dkim_signer_free(signer);
    buf_release(&head);
    buf_release(&body);
    return st;
}
