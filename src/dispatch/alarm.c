#include "dispatch/alarm.h"

#include "base/log.h"
#include "base/utf8.h"
#include "message/notice.h"
#include "queue/transactional.h"
#include "text/address.h"
#include "text/date.h"

#include <stdio.h>

static enum status compose(struct site *s, const char *sentence, struct str to, struct arena *a,
                           struct transactional *out, struct buf *message, struct error *err) {
    enum { ID = 16 };
    const struct config *c = s->config;
    struct str name;
    struct address from;
    struct buf date = BUF_INIT, text = BUF_INIT;
    uint8_t random[ID];
    char id[2 * ID + 1];
    /* the sender whom the relay knows: that of the first newsletter */
    enum status st = c->newsletters_n ? mailbox_parse(str_from(c->newsletters[0].from), a, &name, &from, err)
                                      : error_set(err, ERR_CONFIG, "there is no newsletter whose sender could say it");
    if (st != OK || (st = site_load_signing(s, err)) != OK) {
        return st;
    }
    random_bytes(random, sizeof random);
    hash_hex(random, sizeof random, id);
    date_rfc5322(clock_now(&s->clock), s->zone, &date);
    buf_addf(&text, "%s\n\n", sentence);
    buf_addf(&text, "Noticed %.*s by courant on %s.\nWhile it lasts this is said once a day.\n",
             STR_ARG(buf_str(&date)), c->site.hostname);
    struct notice n = {.from_name = name,
                       .from_address = from.text,
                       .to = to,
                       .subject = arena_printf(a, "courant: %s", sentence),
                       .text = buf_str(&text),
                       .date = buf_str(&date),
                       .id = str_from(id),
                       .hostname = str_from(c->site.hostname)};
    n.subject.len = n.subject.len > 120 ? utf8_cut(n.subject, 120) : n.subject.len;
    st = date.failed || text.failed ? error_set(err, ERR_OS, "out of memory")
                                    : notice_compose(&n, &s->signing, message, err);
    *out = (struct transactional){.kind = STR("alarm"),
                                  .mail_to = to,
                                  .mail_from = c->bounce.address ? str_from(c->bounce.address) : from.text,
                                  .message = buf_str(message)};
    buf_release(&date);
    buf_release(&text);
    return st;
}

void alarm_raise(struct site *s, const struct run_options *o, const char *about, const char *sentence) {
    enum { DAY = 86400 };
    char key[300];
    int64_t last = 0, id, now = clock_now(&s->clock);
    struct arena *a = NULL;
    struct address to;
    struct str name;
    struct buf message = BUF_INIT;
    struct transactional t;
    struct error err = {0};
    if (o && o->note) {
        o->note(o->ctx, sentence);
    }
    if (!s->config->site.alarm_to) {
        return;
    }
    (void)snprintf(key, sizeof key, "alarm %s", about);
    enum status st = queue_meta_int(s->queue, key, &last, &err);
    if (st == OK && last && now >= last && now - last < DAY) {
        return;
    }
    if (st == OK && !(a = arena_new())) {
        st = error_set(&err, ERR_OS, "out of memory");
    }
    if (st == OK && (st = mailbox_parse(str_from(s->config->site.alarm_to), a, &name, &to, &err)) == OK &&
        to.smtputf8) {
        st = error_set(&err, ERR_CONFIG, "alarm_to needs SMTPUTF8, which the relay library does not speak");
    }
    if (st == OK && (st = compose(s, sentence, to.text, a, &t, &message, &err)) == OK &&
        (st = transactional_add(s->queue, &t, now, &id, &err)) == OK) {
        st = queue_meta_set_int(s->queue, key, now, &err);
    }
    if (st != OK) {
        log_warning("an alarm can't be mailed: %s", err.text);
    }
    buf_release(&message);
    arena_free(a);
}
