#include "sink/session.h"

#include "sink/auth.h"
#include "sink/base.h"
#include "sink/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IN_SIZE = 65536 };

void session_open(struct session *s, struct sink *sink, uint64_t number) {
    s->sink = sink;
    s->number = number;
    s->in = base_grow(NULL, IN_SIZE);
    session_event(s, "connect", NULL, 0, NULL);
}

void session_close(struct session *s) {
    record_end(&s->sink->record, s->number, s->messages);
    message_release(&s->message);
    outbox_release(&s->out);
    free(s->helo.p);
    free(s->auth_user.p);
    free(s->in);
    *s = (struct session){0};
}

void session_event(const struct session *s, const char *name, const char *to, int code, const char *what) {
    record_event(&s->sink->record, s->number, name, to, code, what);
}

void session_breach(const struct session *s, const char *what) {
    session_event(s, "violation", message_first(&s->message), 0, what);
}

static bool odd(struct session *s, enum fault f, const char *who) {
    return script_odd(&s->sink->script, f, who);
}

void session_greet(struct session *s) {
    struct sink *sink = s->sink;
    const struct options *o = &sink->options;
    char who[32];
    snprintf(who, sizeof who, "#%" PRIu64, s->number);
    if (o->max_connections && sink->open > o->max_connections)
        reply_refuse(s, "greeting", NULL, "421 4.7.0 too many connections");
    else if (o->greeting && !strcmp(o->greeting, "drop"))
        reply_drop(s, "greeting", NULL);
    else if (o->greeting && o->greeting[0] != '2') {
        reply_refuse(s, "greeting", NULL, o->greeting);
        reply_last(s);
    } else if (odd(s, F_GREETING_421, who))
        reply_refuse(s, "greeting", NULL, "421 4.3.2 busy");
    else if (odd(s, F_GREETING_DROP, who))
        reply_drop(s, "greeting", NULL);
    else
        reply_send(s, o->greeting ? o->greeting : "220 sink.example.org ESMTP");
}

static void on_ehlo(struct session *s) {
    const struct options *o = &s->sink->options;
    char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "250-sink.example.org");
    static const char *const usual[] = {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8"};
#define OFFER(...)                                                                                                     \
    if (n < sizeof text)                                                                                               \
    n += (size_t)snprintf(text + n, sizeof text - n, "\\n" __VA_ARGS__)
    text[3] = ' ';
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (options_offer(o, usual[i])) {
            OFFER("%s", usual[i]);
        }
    if (options_offer(o, "SIZE")) {
        OFFER("SIZE %ld", o->size);
    }
    if (o->chunking) {
        OFFER("CHUNKING");
    }
    if (o->auth) {
        OFFER("AUTH PLAIN LOGIN");
    }
    if (o->cert && !s->tls) {
        OFFER("STARTTLS");
    }
    for (size_t i = 0; i < o->nwith; i++) {
        OFFER("%s", o->with[i]);
    }
    reply_send(s, text);
}

static void on_mail(struct session *s, const char *arg) {
    struct sink *sink = s->sink;
    const struct options *o = &sink->options;
    struct message *m = &s->message;
    if (m->open) {
        session_breach(s, "MAIL within a transaction");
        reply_send(s, "503 5.5.1 a transaction is open");
        return;
    }
    message_reset(m);
    if (!s->helo.len)
        session_breach(s, "MAIL before EHLO");
    if (!message_path(arg, &m->sender, &m->mail_params)) {
        session_breach(s, "MAIL FROM without <path>");
        reply_send(s, "501 5.5.4 MAIL FROM:<address>");
        return;
    }
    const char *who = bytes_c(&m->sender), *size = strcasestr(bytes_c(&m->mail_params), "SIZE=");
    const struct rule *r = script_rule(&sink->script, sink->script.mail, who, false);
    if (reply_apply(s, r, "mail", NULL))
        return;
    if (o->auth_required && !s->authed)
        return reply_refuse(s, "mail", NULL, "530 5.7.0 authentication required");
    if (o->max_messages && s->messages >= o->max_messages)
        return reply_refuse(s, "mail", NULL, "421 4.7.0 too many messages in this session");
    if (o->max_rate) {
        if (sink->now - sink->rate_from >= 1000) {
            sink->rate_from = sink->now;
            sink->rate_count = 0;
        }
        if (++sink->rate_count > o->max_rate)
            return reply_refuse(s, "mail", NULL, "451 4.7.1 too fast, try later");
    }
    if (o->size && size && strtol(size + 5, NULL, 10) > o->size)
        return reply_refuse(s, "mail", NULL, "552 5.3.4 message too big");
    if (odd(s, F_MAIL_421, who))
        return reply_refuse(s, "mail", NULL, "421 4.3.2 going down");
    if (odd(s, F_MAIL_4XX, who))
        return reply_refuse(s, "mail", NULL, "451 4.3.0 try later");
    if (odd(s, F_MAIL_5XX, who))
        return reply_refuse(s, "mail", NULL, "550 5.7.1 sender refused");
    if (odd(s, F_MAIL_DROP, who))
        return reply_drop(s, "mail", NULL);
    m->open = true;
    m->eightbit = strcasestr(bytes_c(&m->mail_params), "BODY=8BITMIME") != NULL;
    if (!rule_replies(r))
        reply_say(s, "250 2.1.0 ok");
}

static void on_rcpt(struct session *s, const char *arg) {
    struct sink *sink = s->sink;
    struct message *m = &s->message;
    size_t at = m->rcpts.len, params = m->rcpt_params.len;
    if (!m->open) {
        reply_send(s, "503 5.5.1 MAIL first");
        return;
    }
    if (!message_path(arg, &m->rcpts, &m->rcpt_params)) {
        session_breach(s, "RCPT TO without <path>");
        reply_send(s, "501 5.5.4 RCPT TO:<address>");
        return;
    }
    const char *to = m->rcpts.p + at;
    const struct rule *r = script_rule(&sink->script, sink->script.rcpt, to, true);
    bool refused = true;
    if (reply_apply(s, r, "rcpt", to))
        ;
    else if (m->nrcpts >= 1000)
        reply_refuse(s, "rcpt", to, "452 4.5.3 too many recipients");
    else if (odd(s, F_RCPT_421, to))
        reply_refuse(s, "rcpt", to, "421 4.3.2 going down");
    else if (odd(s, F_RCPT_4XX, to))
        reply_refuse(s, "rcpt", to, "450 4.2.0 greylisted");
    else if (odd(s, F_RCPT_5XX, to))
        reply_refuse(s, "rcpt", to, "550 5.1.1 no such user here");
    else if (odd(s, F_RCPT_DROP, to))
        reply_drop(s, "rcpt", to);
    else
        refused = false;
    if (refused) {
        m->rcpts.len = at;
        m->rcpt_params.len = params;
        return;
    }
    bytes_add(&m->rcpts, "", 1);
    bytes_add(&m->rcpt_params, "", 1);
    m->nrcpts++;
    if (!rule_replies(r))
        reply_say(s, "250 2.1.5 ok");
}

static void inspect(const struct session *s) {
    const char *breaches[MESSAGE_BREACHES];
    if (s->sink->record.events_fd < 0)
        return; /* nobody reads it, and the body may not be there */
    for (size_t i = 0, n = message_inspect(&s->message, breaches); i < n; i++)
        session_breach(s, breaches[i]);
}

/* Answers a message that nothing speaks against; R is the rule for the final dot, or NULL. */
static void accept_message(struct session *s, const struct rule *r) {
    struct sink *sink = s->sink;
    struct message *m = &s->message;
    const char *to = m->rcpts.p;
    struct taken taken = {.message = m,
                          .answered = true,
                          .authed = s->authed,
                          .tls = s->tls,
                          .helo = bytes_c(&s->helo),
                          .queue_id = ++sink->messages,
                          .conn = s->number,
                          .nth = ++s->messages};
    char reply[128];
    sink->bytes += m->size;
    snprintf(reply, sizeof reply, "250 2.0.0 Ok: queued as %" PRIX64, taken.queue_id);
    if (r && r->act == ACT_STALL) {
        reply_apply(s, r, "dot", to);
        taken.answered = false;
    }
    if ((r && r->act == ACT_ACCEPT_DROP) || odd(s, F_DOT_LOST, to)) {
        reply_drop(s, "accepted", to);
        taken.answered = false;
    } else if (rule_replies(r)) {
        taken.answered = r->act == ACT_REPLY;
    } else {
        taken.answered &= reply_say(s, reply);
    }
    record_message(&sink->record, &taken);
    if (sink->options.close_after && s->messages >= sink->options.close_after && s->end == END_NO)
        reply_drop(s, "close-after", NULL);
}

/* The dot or the last chunk was seen. */
static void finish_message(struct session *s) {
    struct sink *sink = s->sink;
    const struct options *o = &sink->options;
    struct message *m = &s->message;
    const char *to = m->rcpts.p;
    const struct rule *r = script_rule(&sink->script, sink->script.dot, to, true);
    s->state = SESSION_COMMAND;
    inspect(s);
    if (r && r->act != ACT_STALL && reply_apply(s, r, "dot", to))
        ;
    else if (o->size && m->size > (size_t)o->size)
        reply_refuse(s, "dot", to, "552 5.3.4 message too big");
    else if (odd(s, F_DOT_DROP, to))
        reply_drop(s, "dot", to);
    else if (odd(s, F_DOT_421, to))
        reply_refuse(s, "dot", to, "421 4.3.2 going down");
    else if (odd(s, F_DOT_4XX, to))
        reply_refuse(s, "dot", to, "451 4.3.0 try later");
    else if (odd(s, F_DOT_5XX, to))
        reply_refuse(s, "dot", to, "554 5.6.0 content refused");
    else
        accept_message(s, r);
    message_reset(m);
}

static void on_data(struct session *s) {
    struct sink *sink = s->sink;
    struct message *m = &s->message;
    if (!m->nrcpts)
        return reply_send(s, m->open ? "554 5.5.1 no valid recipients" : "503 5.5.1 MAIL first");
    if (odd(s, F_DATA_4XX, m->rcpts.p))
        return reply_refuse(s, "data", m->rcpts.p, "451 4.3.0 try later");
    if (odd(s, F_DATA_DROP, m->rcpts.p))
        return reply_drop(s, "data", m->rcpts.p);
    s->state = SESSION_DATA;
    s->line_start = true;
    s->cr_seen = false;
    reply_send(s, "354 go on");
    if (sink->stop_reading > 0) {
        sink->stop_reading--;
        session_event(s, "stop-reading", m->rcpts.p, 0, NULL);
        s->frozen = true;
    }
}

static void on_bdat(struct session *s, const char *arg) {
    const struct options *o = &s->sink->options;
    char *end;
    if (!o->chunking) {
        session_breach(s, "BDAT without CHUNKING");
        reply_send(s, "502 5.5.1 no CHUNKING here");
        return;
    }
    s->chunk_left = strtoull(arg, &end, 10);
    s->last_chunk = strcasestr(end, "LAST") != NULL;
    s->message.chunked = true;
    s->state = SESSION_BDAT;
}

static void on_starttls(struct session *s, bool more) {
    const struct options *o = &s->sink->options;
    char who[32];
    snprintf(who, sizeof who, "#%" PRIu64, s->number);
    if (!o->cert || s->tls)
        return reply_send(s, "503 5.5.1 no STARTTLS now");
    if (more)
        session_breach(s, "bytes in clear behind STARTTLS");
    s->in_pos = s->in_len = 0;
    if (odd(s, F_STARTTLS_DROP, who))
        return reply_drop(s, "starttls", NULL);
    reply_send(s, "220 2.0.0 go on");
    if (o->inject) {
        static const char ehlo[] = "250-sink.example.org\r\n250 PIPELINING\r\n";
        static const char more_replies[] = "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 Ok: queued as 0\r\n";
        reply_bytes(s, ehlo, sizeof ehlo - 1);
        for (int i = 0; i < 50; i++)
            reply_bytes(s, more_replies, sizeof more_replies - 1);
        session_event(s, "inject", NULL, 0, NULL);
    }
    s->state = SESSION_TLS_SOON;
    s->extended = false;
    s->helo.len = 0;
    message_reset(&s->message);
}

static void command(struct session *s, char *line, size_t len, bool more) {
    const struct options *o = &s->sink->options;
    struct message *m = &s->message;
    static const char last_in_group[] = " EHLO HELO DATA VRFY EXPN QUIT NOOP STAR AUTH ";
    char verb[5] = "", key[8];
    if (len > 510)
        session_breach(s, "a command line over 512 bytes");
    if (memchr(line, 0, len))
        session_breach(s, "a NUL in a command");
    snprintf(verb, sizeof verb, "%.4s", line);
    snprintf(key, sizeof key, " %s ", verb);
    if (more && strcasecmp(verb, "BDAT") &&
        (!options_offer(o, "PIPELINING") || !s->extended || strcasestr(last_in_group, key)))
        session_breach(s, "did not wait for a reply");
    const char *arg = strchr(line, ' ');
    arg = arg ? arg + 1 : "";
    if (!strncasecmp(line, "MAIL FROM:", 10))
        on_mail(s, line + 10);
    else if (!strncasecmp(line, "RCPT TO:", 8))
        on_rcpt(s, line + 8);
    else if (!strcasecmp(line, "DATA"))
        on_data(s);
    else if (!strcasecmp(verb, "BDAT"))
        on_bdat(s, arg);
    else if (!strcasecmp(verb, "EHLO") || !strcasecmp(verb, "HELO")) {
        s->extended = !strcasecmp(verb, "EHLO");
        if (s->extended && o->helo_only)
            return reply_send(s, "502 5.5.1 what is EHLO?");
        message_reset(m);
        if (!*arg || !strcasecmp(arg, "localhost"))
            session_breach(s, "EHLO with no name of its own");
        bytes_set(&s->helo, *arg ? arg : "?");
        if (odd(s, F_EHLO_DROP, arg))
            return reply_drop(s, "ehlo", NULL);
        if (s->extended)
            on_ehlo(s);
        else
            reply_send(s, "250 sink.example.org");
    } else if (!strcasecmp(line, "STARTTLS"))
        on_starttls(s, more);
    else if (!strcasecmp(verb, "AUTH"))
        auth_begin(s, arg);
    else if (!strcasecmp(verb, "RSET")) {
        message_reset(m);
        reply_send(s, "250 2.0.0 ok");
    } else if (!strcasecmp(verb, "NOOP"))
        reply_send(s, "250 2.0.0 ok");
    else if (!strcasecmp(verb, "VRFY"))
        reply_send(s, "252 2.5.0 send some mail, I'll try my best");
    else if (!strcasecmp(verb, "HELP"))
        reply_send(s, "214 2.0.0 see RFC 5321");
    else if (!strcasecmp(verb, "QUIT")) {
        reply_send(s, "221 2.0.0 bye");
        s->end = more ? END_POLITE : END_DROP;
    } else {
        session_breach(s, "an unknown command");
        reply_send(s, "502 5.5.2 what?");
    }
}

/* Takes the bytes of a message up to the dot; true when more input may be looked at. */
static bool take_data(struct session *s) {
    struct sink *sink = s->sink;
    struct message *m = &s->message;
    bool keep = record_keeps(&sink->record);
    while (s->in_pos < s->in_len) {
        char *p = s->in + s->in_pos, *e = s->in + s->in_len, *nl = memchr(p, '\n', (size_t)(e - p));
        size_t n = (size_t)(nl ? nl + 1 - p : e - p);
        if (s->line_start && *p == '.') {
            if (!nl && n < 3)
                return false; /* may be the end: wait for the rest of the line */
            if (n == 3 && p[1] == '\r' && nl) {
                s->in_pos += 3;
                finish_message(s);
                return true;
            }
            p++;
            n--;
            s->in_pos++;
        }
        if (keep && n)
            bytes_add(&m->body, p, n);
        m->size += n;
        s->in_pos += n;
        /* a line ends with CRLF and nothing else, or a dot behind a bare LF would be taken for the end */
        s->line_start = nl && (n > 1 ? nl[-1] == '\r' : s->cr_seen);
        s->cr_seen = n && p[n - 1] == '\r';
        if (m->size == n && odd(s, F_BODY_DROP, m->rcpts.p)) {
            reply_drop(s, "body", m->rcpts.p);
            return false;
        }
    }
    return false;
}

static bool take_chunk(struct session *s) {
    struct message *m = &s->message;
    size_t n = s->in_len - s->in_pos;
    if (n > s->chunk_left)
        n = s->chunk_left;
    if (m->nrcpts)
        bytes_add(&m->body, s->in + s->in_pos, n);
    m->size += n;
    s->in_pos += n;
    s->chunk_left -= n;
    if (s->chunk_left)
        return false;
    s->state = SESSION_COMMAND;
    if (!m->nrcpts) {
        reply_send(s, "503 5.5.1 no valid recipients");
        if (s->last_chunk)
            message_reset(m);
    } else if (s->last_chunk) {
        finish_message(s);
    } else {
        reply_send(s, "250 2.0.0 so far");
    }
    return true;
}

/* Takes a line of a command or of AUTH; false when there is no whole one. */
static bool take_line(struct session *s) {
    char *p = s->in + s->in_pos, *nl = memchr(p, '\n', s->in_len - s->in_pos);
    if (!nl) {
        if (s->in_len - s->in_pos == IN_SIZE) {
            session_breach(s, "a command line without end");
            reply_send(s, "500 5.5.2 line too long");
            reply_last(s);
        }
        return false;
    }
    size_t n = (size_t)(nl - p);
    s->in_pos += n + 1;
    if (n && p[n - 1] == '\r')
        p[--n] = 0;
    else
        session_breach(s, "a command that ends in LF alone");
    p[n] = 0;
    if (s->state == SESSION_AUTH)
        auth_line(s, p);
    else
        command(s, p, n, s->in_pos < s->in_len);
    return true;
}

char *session_room(struct session *s, size_t *room) {
    if (s->end != END_NO)
        s->in_len = 0;
    *room = IN_SIZE - s->in_len;
    return s->in + s->in_len;
}

void session_take(struct session *s, size_t n) {
    bool more = true;
    s->in_len += n;
    while (more && s->end == END_NO && !s->frozen && s->state < SESSION_TLS_SOON)
        more = s->state == SESSION_DATA ? take_data(s) : s->state == SESSION_BDAT ? take_chunk(s) : take_line(s);
    if (s->in_pos) {
        memmove(s->in, s->in + s->in_pos, s->in_len - s->in_pos);
        s->in_len -= s->in_pos;
        s->in_pos = 0;
    }
}

void session_secured(struct session *s, const char *version) {
    s->state = SESSION_COMMAND;
    s->tls = version;
    if (s->sink->options.inject)
        s->frozen = true;
    else if (s->sink->options.implicit)
        session_greet(s);
}

void session_gone(struct session *s) {
    if (s->state == SESSION_DATA || s->state == SESSION_BDAT)
        session_event(s, "client-gone", message_first(&s->message), 0, "within a message");
}

void session_idle(struct session *s) {
    reply_refuse(s, "idle", NULL, "421 4.4.2 idle too long");
}
