#include "message/notice.h"

#include "mime/body.h"
#include "mime/header.h"
#include "text/address.h"

enum status notice_compose(const struct notice *n, const struct signing_keys *signing, struct buf *out,
                           struct error *err) {
    struct buf head = BUF_INIT, text = BUF_INIT;
    struct body *body = NULL;
    struct dkim_plan *plan = NULL;
    struct dkim_signer *signer = NULL;
    struct piece p = {.kind = PIECE_FIXED, .text = n->text};
    if (!header_address_ok(n->from_address) || !header_address_ok(n->to)) {
        return error_set(err, ERR_DATA, "an address of the notice can't stand in a header");
    }
    enum status st = body_new(&p, 1, &body, err);
    if (st != OK) {
        return st;
    }
    body_fill(body, NULL, &text);
    header_mailbox(&head, "From", n->from_name, n->from_address);
    header_mailbox(&head, "To", STR_NONE, n->to);
    header_text(&head, "Subject", n->subject);
    header_raw(&head, "Date", n->date);
    buf_addf(&head, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(n->id), STR_ARG(n->hostname));
    header_raw(&head, "Auto-Submitted", STR("auto-generated"));
    header_raw(&head, "MIME-Version", STR("1.0"));
    header_raw(&head, "Content-Type", STR("text/plain; charset=utf-8"));
    header_raw(&head, "Content-Transfer-Encoding", str_from(body_encoding(body)));
    if (head.failed || text.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    if (st == OK && (st = dkim_plan_new(buf_str(&head), STR_NONE, STR_NONE, &plan, err)) == OK &&
        (st = dkim_sign(&signer, plan, signing, address_domain(n->from_address), STR_NONE, buf_str(&text), out, err)) ==
            OK) {
        buf_add(out, buf_str(&head));
        buf_adds(out, "\r\n");
        buf_add(out, buf_str(&text));
        st = out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
    }
    dkim_plan_free(plan);
    dkim_signer_free(signer);
    body_free(body);
    buf_release(&head);
    buf_release(&text);
    return st;
}
