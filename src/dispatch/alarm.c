#include "dispatch/alarm.h"

#include "base/log.h"
#include "dispatch/letter.h"
#include "text/date.h"

#include <stdio.h>

static enum status mail(struct site *s, const char *sentence, struct error *err) {
    struct buf text = BUF_INIT, subject = BUF_INIT;
    buf_addf(&subject, "courant: %s", sentence);
    buf_addf(&text, "%s\n\nNoticed ", sentence);
    date_rfc5322(clock_now(&s->clock), s->zone, &text);
    buf_addf(&text, " by courant on %s.\nWhile it lasts this is said once a day.\n", s->config->site.hostname);
    const struct letter l = {
        .kind = "alarm", .to = s->config->site.alarm_to, .subject = buf_str(&subject), .text = buf_str(&text)};
    enum status st = text.failed || subject.failed ? error_set(err, ERR_OS, "out of memory") : letter_send(s, &l, err);
    buf_release(&text);
    buf_release(&subject);
    return st;
}

void alarm_raise(struct site *s, const struct run_options *o, const char *about, const char *sentence) {
    enum { DAY = 86400 };
    char key[300];
    int64_t last = 0, now = clock_now(&s->clock);
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
    if (st == OK && (st = mail(s, sentence, &err)) == OK) {
        st = queue_meta_set_int(s->queue, key, now, &err);
    }
    if (st != OK) {
        log_warning("an alarm can't be mailed: %s", err.text);
    }
}
