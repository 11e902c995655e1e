#include "dispatch/letter.h"

#include "base/utf8.h"
#include "message/notice.h"
#include "queue/transactional.h"
#include "text/address.h"
#include "text/date.h"

enum { SUBJECT_MAX = 120 };

struct str letter_relays(const struct config *c, const struct config_newsletter *n, struct arena *a) {
    struct str names = STR_NONE;
    for (size_t i = 0; n && n->relays_n < c->relays_n && i < n->relays_n; i++) {
        names = names.len ? arena_printf(a, "%.*s,%s", STR_ARG(names), n->relays[i]->name)
                          : arena_str(a, str_from(n->relays[i]->name));
    }
    return names;
}

static enum status send(struct site *s, const struct letter *l, struct arena *a, struct buf *date, struct buf *message,
                        struct error *err) {
    enum { ID = 16 };
    const struct config *c = s->config;
    const struct config_newsletter *n = l->n ? l->n : c->newsletters_n ? &c->newsletters[0] : NULL;
    struct address from, to;
    struct str name, unused;
    uint8_t random[ID];
    char id[2 * ID + 1];
    int64_t queued;
    if (!n) {
        return error_set(err, ERR_CONFIG, "there is no newsletter whose sender could say it");
    }
    enum status st = mailbox_parse(str_from(n->from), a, &name, &from, err);
    if (st == OK && (st = mailbox_parse(str_from(l->to), a, &unused, &to, err)) == OK && to.smtputf8) {
        st = error_set(err, ERR_CONFIG, "an address needs SMTPUTF8, which the relay library does not speak");
    }
    if (st != OK || (st = site_load_signing(s, err)) != OK) {
        return st;
    }
    random_bytes(random, sizeof random);
    hash_hex(random, sizeof random, id);
    date_rfc5322(clock_now(&s->clock), s->zone, date);
    struct notice m = {.from_name = name,
                       .from_address = from.text,
                       .to = to.text,
                       .subject = l->subject,
                       .text = l->text,
                       .date = buf_str(date),
                       .id = str_from(id),
                       .hostname = str_from(c->site.hostname)};
    m.subject.len = m.subject.len > SUBJECT_MAX ? utf8_cut(m.subject, SUBJECT_MAX) : m.subject.len;
    if (date->failed || (st = notice_compose(&m, &s->signing, message, err)) != OK) {
        return st != OK ? st : error_set(err, ERR_OS, "out of memory");
    }
    struct transactional t = {.kind = str_from(l->kind),
                              .mail_to = to.text,
                              .mail_from = c->bounce.address ? str_from(c->bounce.address) : from.text,
                              .relays = letter_relays(c, l->n, a),
                              .message = buf_str(message)};
    return transactional_add(s->queue, &t, clock_now(&s->clock), &queued, err);
}

enum status letter_send(struct site *s, const struct letter *l, struct error *err) {
    struct arena *a = arena_new();
    struct buf date = BUF_INIT, message = BUF_INIT;
    enum status st = a ? send(s, l, a, &date, &message, err) : error_set(err, ERR_OS, "out of memory");
    buf_release(&date);
    buf_release(&message);
    arena_free(a);
    return st;
}
