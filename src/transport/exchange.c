#include "transport/exchange.h"

#include "base/clock.h"
#include "transport/form.h"
#include "transport/ready.h"
#include "transport/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <libesmtp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 50,   /* messages in one of libesmtp's sessions: some 4 KB each */
    PIECE = 65536 /* handed to libesmtp at a time; each renews the time-out */
};
/* The watchdog ends what stalls; libesmtp's own time-out would leave a hole in what it sends and go on behind it. */
static const long NO_TIMEOUT_MS = 24L * 3600 * 1000;

struct exchange {
    int pair[2]; /* libesmtp's end before MAIL and after QUIT, and ours */
    struct link *link;
    const struct transport_callbacks *cb;
    struct transport_session_end *end;

    /* libesmtp's session */
    smtp_session_t es;
    int sd;       /* its descriptor */
    bool on_link; /* sd is the link, not the pair */
    int batch;    /* messages in it */

    /* the message under way */
    struct transport_message m;
    smtp_message_t msg;
    smtp_recipient_t rcpt;
    enum transport_stage stage; /* whose answer is waited for */
    bool pending;               /* it has no outcome yet */
    size_t at;                  /* how much of head and body was handed over */
    bool wired;                 /* wire() was called */
    bool finished;              /* all of it was handed over */
    bool direct;                /* no line begins with a dot: its bytes go past libesmtp, see stand_in */
    smtp_message_t refused;     /* the one before, whose reader was refused: the answer to its DATA is outstanding */

    /* the session */
    int sent;    /* messages that went to libesmtp */
    bool ended;  /* no more next() */
    bool broken; /* the connection must not be used any more; end says why */
    bool dirty;  /* the last message was not accepted: RSET before the next MAIL */
    bool wire_refused;

    struct tally tally; /* replies, as they come in */
    bool trust_one;     /* broken, but the reply it began with is in order */

    struct reply reply;
    char rcpt_text[256], from_text[256], envid_text[128];
};

struct exchange *exchange_new(void) {
    struct exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, x->pair) != 0) {
        free(x);
        return NULL;
    }
    return x;
}

void exchange_free(struct exchange *x) {
    if (!x)
        return;
    close(x->pair[0]);
    close(x->pair[1]);
    free(x);
}

/* The session can't go on; keeps the first reason. */
static void give_up(struct exchange *x, enum transport_end how, enum status st, const char *why) {
    if (!x->broken)
        fault_set(x->end, x->link->relay, how, x->stage, st, "%s", why);
    x->broken = x->ended = true;
}

/* Replies make no sense any more: nothing that comes now may be taken for an answer. */
static void distrust(struct exchange *x, const char *why) {
    if (x->broken)
        return;
    x->trust_one = x->tally.replies == 0;
    give_up(x, TRANSPORT_END_PROTOCOL, ERR_PROTOCOL, why);
    shutdown(x->link->net, SHUT_RDWR);
}

static void stage_begin(struct exchange *x, enum transport_stage stage, int64_t limit_ms) {
    x->stage = stage;
    watch_due(&x->link->entry, hello_limit(x->link->relay, limit_ms));
}

static void report(struct exchange *x, const struct transport_result *r) {
    x->pending = false;
    x->dirty = r->outcome != TRANSPORT_ACCEPTED;
    if (r->outcome == TRANSPORT_ACCEPTED)
        x->end->accepted++;
    x->cb->outcome(x->cb->ctx, x->m.tag, r);
}

/* An outcome of our own, without a reply. */
static void report_own(struct exchange *x, enum transport_outcome outcome, enum transport_stage stage,
                       const char *text) {
    struct transport_result r = {.outcome = outcome, .stage = stage, .text = str_from(text)};
    report(x, &r);
}

/* Whether the relay still listens before a MAIL, when it owes us no reply. */
static bool is_idle_link_fine(struct exchange *x) {
    enum link_state state = link_peek(x->link);
    bool fresh = x->sent == 0;
    if (state == LINK_QUIET)
        return true;
    if (state == LINK_CLOSED) {
        int why = atomic_load(&x->link->entry.why);
        if (why == WATCH_CUT)
            give_up(x, TRANSPORT_END_CUT, ERR_TEMP, "cut");
        else
            give_up(x, fresh ? TRANSPORT_END_DROPPED : TRANSPORT_END_IDLE, ERR_TEMP,
                    "it closed the connection between two messages");
        return false;
    }
    struct reply r;
    stream_limit(&x->link->stream, 1000);
    if (reply_read(&x->link->stream, &r, NULL, NULL) && r.code == 421) {
        fault_reply(x->end, x->link->relay, fresh ? TRANSPORT_END_CLOSING : TRANSPORT_END_IDLE, TRANSPORT_STAGE_MAIL,
                    &r, "the session");
        x->broken = x->ended = true;
        return false;
    }
    give_up(x, TRANSPORT_END_PROTOCOL, ERR_PROTOCOL, "it talks out of turn");
    return false;
}

/* Whether the relay says nothing before the message's end goes out. What it says then is no answer to that end, though
 * libesmtp would take it for one: a message that was never accepted would count as sent. */
static bool is_silent(struct exchange *x) {
    enum link_state state = link_peek(x->link);
    struct reply r;
    if (state == LINK_TALKS) {
        stream_limit(&x->link->stream, 1000);
        if (reply_read(&x->link->stream, &r, NULL, NULL) && r.code == 421) {
            give_up(x, TRANSPORT_END_CLOSING, ERR_TEMP, "it wants to end the session (421)");
            x->end->code = 421;
        } else {
            give_up(x, TRANSPORT_END_PROTOCOL, ERR_PROTOCOL, "it answers before the message's end");
        }
        shutdown(x->link->net, SHUT_RDWR);
    }
    return state == LINK_QUIET;
}

/* libesmtp goes through a message byte by byte and hands it on 2 KB at a time: half of its time (perf shows it). So it
 * is given this in the message's stead, and when it writes it, with the dot behind, the message's own bytes go out in
 * one piece. It is libesmtp that speaks the rest, before and after. */
static const char stand_in[] = "From: <>\r\nTo: <>\r\nDate: 0\r\nMessage-Id: 0\r\n\r\n";
enum { STAND_IN = sizeof stand_in - 1 };

static const char *message_piece(void **ctx, int *len, void *arg);
static void on_event(smtp_session_t es, int event, void *arg, ...);

/* Gives x->m to libesmtp. False: memory ran out. */
static bool enqueue(struct exchange *x) {
    const struct hello_offer *offer = &x->link->offer;
    snprintf(x->rcpt_text, sizeof x->rcpt_text, "%.*s", STR_ARG(x->m.rcpt));
    snprintf(x->from_text, sizeof x->from_text, "%.*s", STR_ARG(x->m.mail_from));
    x->msg = smtp_add_message(x->es);
    x->rcpt = x->msg ? smtp_add_recipient(x->msg, x->rcpt_text) : NULL;
    if (!x->rcpt || !smtp_set_reverse_path(x->msg, x->m.mail_from.len ? x->from_text : NULL) ||
        !smtp_set_messagecb(x->msg, message_piece, x))
        return false;
    if (offer->size)
        smtp_size_set_estimate(x->msg, x->m.head.len + x->m.body.len);
    if (offer->dsn) {
        smtp_dsn_set_ret(x->msg, Ret_HDRS);
        smtp_dsn_set_notify(x->rcpt, (enum notify_flags)(Notify_FAILURE | Notify_DELAY));
        if (form_is_envid(x->m.envid)) {
            snprintf(x->envid_text, sizeof x->envid_text, "%.*s", STR_ARG(x->m.envid));
            smtp_dsn_set_envid(x->msg, x->envid_text);
        }
    }
    return true;
}

/* Asks for the next message and gives it to libesmtp. False: this one of its sessions is over. */
static bool pull(struct exchange *x) {
    const struct transport_relay *r = x->link->relay;
    int64_t limit = x->link->offer.size_limit;
    if (x->batch >= BATCH)
        return false;
    for (;;) {
        if (x->ended || watch_stopped(x->link->env->watch) || (r->messages > 0 && x->sent >= r->messages)) {
            x->ended = true;
            return false;
        }
        watch_due(&x->link->entry, 0);
        x->m = (struct transport_message){0};
        int64_t asked = clock_mono_ns();
        if (!x->cb->next(x->cb->ctx, &x->m)) {
            x->ended = true;
            return false;
        }
        bool waited = x->sent == 0 || clock_mono_ns() - asked > 1000000;
        x->end->given++;
        x->pending = true;
        x->at = 0;
        x->wired = x->finished = false;
        x->tally.replies = 0;
        bool dots;
        const char *fault = form_fault(&x->m, &dots);
        x->direct = !dots;
        if (fault) {
            report_own(x, TRANSPORT_NEVER, TRANSPORT_STAGE_MAIL, fault);
            continue;
        }
        if (limit > 0 && x->m.head.len + x->m.body.len > (size_t)limit) {
            struct transport_result res = {TRANSPORT_NEVER, TRANSPORT_STAGE_MAIL, 552, "5.3.4", STR_NONE, false};
            res.text = STR("it is larger than what the relay says it takes");
            report(x, &res);
            continue;
        }
        x->stage = TRANSPORT_STAGE_MAIL;
        if (waited && !x->refused && !is_idle_link_fine(x)) {
            report_own(x, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL, "the connection was closed before its turn");
            return false;
        }
        if (!enqueue(x)) {
            give_up(x, TRANSPORT_END_DROPPED, ERR_OS, "out of memory");
            report_own(x, TRANSPORT_UNTRIED, TRANSPORT_STAGE_MAIL, "out of memory");
            return false;
        }
        x->sent++;
        x->batch++;
        stage_begin(x, TRANSPORT_STAGE_MAIL, HELLO_COMMAND_MS);
        return true;
    }
}

/* libesmtp writes the stand-in and the dot: the message and the dot go out instead. */
static ssize_t send_direct(void *ctx, const void *buf, size_t n) {
    struct exchange *x = ctx;
    const struct str dot = STR(".\r\n");
    const struct str parts[] = {x->m.head, x->m.body, dot};
    ready_hook(-1, NULL, NULL);
    bool whole = n == STAND_IN + dot.len && memcmp((const char *)buf + STAND_IN, dot.ptr, dot.len) == 0;
    stage_begin(x, TRANSPORT_STAGE_DATA, HELLO_BLOCK_MS);
    /* with the connection closed already, or broken on the way, it is certain that the end didn't go out */
    if (!whole || !is_silent(x) || !link_write(x->link, parts, 3, HELLO_BLOCK_MS)) {
        shutdown(x->link->net, SHUT_RDWR);
        shutdown(x->link->fd, SHUT_RDWR);
        errno = EPIPE;
        return -1;
    }
    x->finished = true;
    stage_begin(x, TRANSPORT_STAGE_DOT, HELLO_DOT_MS);
    return (ssize_t)n;
}

/* libesmtp's message callback: the head, then the body in pieces, or the stand-in. Called for the first time after
 * 354. */
static const char *message_piece(void **ctx, int *len, void *arg) {
    struct exchange *x = arg;
    (void)ctx;
    errno = 0;
    if (!len)
        return NULL; /* rewind: x->at is 0 */
    *len = 0;
    if (!x->pending || x->broken)
        goto cancel;
    if (!x->wired) {
        if (x->tally.last != '3' || x->tally.line_len > 0) { /* more came with the 354 */
            give_up(x, TRANSPORT_END_PROTOCOL, ERR_PROTOCOL, "it answers before the message's end");
            shutdown(x->link->net, SHUT_RDWR);
            goto cancel;
        }
        if (!x->cb->wire(x->cb->ctx, x->m.tag)) {
            x->wire_refused = true;
            give_up(x, TRANSPORT_END_REFUSED_WIRE, ERR_IO, "stopped: the journal takes no record");
            goto cancel;
        }
        x->wired = true;
        smtp_set_eventcb(x->es, NULL, NULL); /* it would tell of every line */
        if (x->direct) {
            x->at = x->m.head.len + x->m.body.len;
            *len = STAND_IN;
            errno = 0;
            return stand_in;
        }
        link_cork(x->link, true);
        x->at = x->m.head.len;
        stage_begin(x, TRANSPORT_STAGE_DATA, HELLO_BLOCK_MS);
        *len = (int)x->m.head.len;
        errno = 0;
        return x->m.head.ptr;
    }
    size_t from = x->at - x->m.head.len;
    size_t n = x->m.body.len - from;
    if (n > 0) {
        n = n < PIECE ? n : PIECE;
        x->at += n;
        stage_begin(x, TRANSPORT_STAGE_DATA, HELLO_BLOCK_MS);
        *len = (int)n;
        errno = 0;
        return x->m.body.ptr + from;
    }
    if (x->direct) {
        smtp_set_eventcb(x->es, on_event, x);
        x->tally.replies = 0;
        ready_hook(x->sd, send_direct, x);
        errno = 0;
        return NULL;
    }
    /* Before the end goes out: with the connection closed already, it is certain that it didn't. */
    if (!is_silent(x))
        goto cancel;
    link_cork(x->link, false);
    smtp_set_eventcb(x->es, on_event, x);
    x->finished = true;
    x->tally.replies = 0;
    stage_begin(x, TRANSPORT_STAGE_DOT, HELLO_DOT_MS);
    errno = 0;
    return NULL;
cancel:
    errno = ECANCELED;
    return NULL;
}

/* What libesmtp read as a reply, judged for the message under way. False: nothing is decided by it. */
static bool decide(struct exchange *x, const smtp_status_t *st, enum transport_stage stage,
                   struct transport_result *r) {
    if (x->broken && !x->trust_one)
        return false;
    x->trust_one = false;
    reply_set(&x->reply, st->code, str_from(st->text));
    if (!reply_judge(&x->reply, stage, x->finished, r)) {
        if (st->code < 200 || st->code >= 300 || stage == TRANSPORT_STAGE_DATA)
            distrust(x, "it answered with a code that makes no sense there");
        return false;
    }
    if (r->code == 421 && !x->broken) {
        /* Without the reply's text, which may name the reader: that is in the result. */
        give_up(x, TRANSPORT_END_CLOSING, ERR_TEMP, "it wants to end the session (421)");
        x->end->code = 421;
    }
    return true;
}

static void on_mail(struct exchange *x, smtp_message_t msg) {
    struct transport_result r;
    if (msg != x->msg || !x->pending)
        return;
    if (decide(x, smtp_reverse_path_status(msg), TRANSPORT_STAGE_MAIL, &r)) {
        report(x, &r);
        pull(x);
    } else if (!x->broken) {
        x->tally.replies = 0;
        stage_begin(x, TRANSPORT_STAGE_RCPT, HELLO_COMMAND_MS);
    }
}

static void on_rcpt(struct exchange *x, smtp_recipient_t rcpt) {
    struct transport_result r;
    if (rcpt != x->rcpt || !x->pending)
        return;
    if (decide(x, smtp_recipient_status(rcpt), TRANSPORT_STAGE_RCPT, &r)) {
        /* The next must be there before the answer to DATA, which libesmtp says all the same. */
        x->refused = x->msg;
        report(x, &r);
        if (!pull(x))
            watch_due(&x->link->entry, hello_limit(x->link->relay, HELLO_DATA_MS));
    } else if (!x->broken) {
        stage_begin(x, TRANSPORT_STAGE_DATA, HELLO_DATA_MS);
    }
}

static void on_sent(struct exchange *x, smtp_message_t msg) {
    struct transport_result r;
    if (msg == x->refused) {
        x->refused = NULL;
        if (smtp_message_transfer_status(msg)->code == 421) {
            give_up(x, TRANSPORT_END_CLOSING, ERR_TEMP, "it wants to end the session (421)");
            x->end->code = 421;
        }
        return;
    }
    if (msg != x->msg || !x->pending)
        return;
    enum transport_stage stage = x->finished ? TRANSPORT_STAGE_DOT : TRANSPORT_STAGE_DATA;
    int replies = x->tally.replies;
    if (!decide(x, smtp_message_transfer_status(msg), stage, &r))
        return;
    report(x, &r);
    if (stage == TRANSPORT_STAGE_DATA)
        return; /* too late for libesmtp to see another: it ends its session, and a new one goes on */
    if (replies != 1)
        distrust(x, "it talks out of turn");
    pull(x);
}

static void on_event(smtp_session_t es, int event, void *arg, ...) {
    struct exchange *x = arg;
    va_list ap;
    (void)es;
    va_start(ap, arg);
    switch (event) {
    case SMTP_EV_CONNECT:
        x->sd = ready_taken();
        break;
    case SMTP_EV_MAILSTATUS:
        (void)va_arg(ap, const char *);
        on_mail(x, va_arg(ap, smtp_message_t));
        break;
    case SMTP_EV_RCPTSTATUS:
        (void)va_arg(ap, const char *);
        on_rcpt(x, va_arg(ap, smtp_recipient_t));
        break;
    case SMTP_EV_MESSAGESENT:
        on_sent(x, va_arg(ap, smtp_message_t));
        break;
    default:
        break;
    }
    va_end(ap);
}

static void on_traffic(const char *buf, int len, int writing, void *arg) {
    struct exchange *x = arg;
    struct str s = {buf, (size_t)len};
    if (writing == SMTP_CB_READING) {
        /* BUF is libesmtp's own read buffer, so writing to it is sound */
        if (x->on_link && !tally_read(&x->tally, (char *)(uintptr_t)buf, s.len))
            distrust(x, "its reply has a line of more than 1,022 bytes");
    } else if (!x->on_link && str_starts(s, STR("MAIL FROM:"))) {
        x->on_link = dup3(x->link->fd, x->sd, O_CLOEXEC) >= 0;
        if (!x->on_link) {
            give_up(x, TRANSPORT_END_DROPPED, ERR_OS, "can't hand the connection over to libesmtp");
            shutdown(x->pair[0], SHUT_RDWR); /* so that it doesn't wait for an answer */
        }
    } else if (str_eq(s, STR("QUIT\r\n")) || str_ends(s, STR("\r\nQUIT\r\n"))) {
        /* With commands before it, replies came before what they answer. */
        if (s.len > strlen("QUIT\r\n"))
            distrust(x, "it talks out of turn");
        ssize_t n = send(x->pair[1], "221 bye\r\n", 9, MSG_NOSIGNAL);
        (void)n;
        if (x->on_link)
            dup3(x->pair[0], x->sd, O_CLOEXEC);
        x->on_link = false;
    }
}

/* Empties both ends of the pair and puts SCRIPT before libesmtp. */
static void prompt(struct exchange *x, const char *script) {
    char junk[512];
    for (int i = 0; i < 2; i++)
        while (recv(x->pair[i], junk, sizeof junk, MSG_DONTWAIT) > 0) {
        }
    ssize_t n = send(x->pair[1], script, strlen(script), MSG_NOSIGNAL);
    (void)n;
}

/* Runs one of libesmtp's sessions, its first message given. */
static void speak(struct exchange *x) {
    char script[200];
    const struct hello_offer *o = &x->link->offer;
    snprintf(script, sizeof script, "220 relay\r\n250%crelay\r\n%s%s%s%s",
             o->pipelining || o->dsn || o->size ? '-' : ' ',
             o->pipelining ? (o->dsn || o->size ? "250-PIPELINING\r\n" : "250 PIPELINING\r\n") : "",
             o->dsn ? (o->size ? "250-DSN\r\n" : "250 DSN\r\n") : "", o->size ? "250 SIZE 0\r\n" : "", "");
    prompt(x, script);
    x->sd = -1;
    x->on_link = false;
    x->tally = (struct tally){.replies = x->tally.replies};
    ready_put(x->pair[0]);
    smtp_start_session(x->es);
    ready_put(-1);
    ready_hook(-1, NULL, NULL);
    watch_due(&x->link->entry, 0);
}

/* A session of libesmtp's, ready for messages; NULL when memory ran out. */
static smtp_session_t prepare(struct exchange *x) {
    static const int stages[] = {Timeout_GREETING, Timeout_ENVELOPE, Timeout_DATA, Timeout_TRANSFER, Timeout_DATA2};
    smtp_session_t es = smtp_create_session();
    if (!es)
        return NULL;
    /* Port 1: were our connect() not called, nobody would answer. */
    smtp_set_server(es, "127.0.0.1:1");
    smtp_set_hostname(es, "localhost"); /* said to the pair only */
    smtp_set_eventcb(es, on_event, x);
    smtp_set_monitorcb(es, on_traffic, x, 0);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        smtp_set_timeout(es, stages[i] | Timeout_OVERRIDE_RFC2822_MINIMUM, NO_TIMEOUT_MS);
    return es;
}

/* Why libesmtp stopped in the midst of things. */
static void explain(struct exchange *x) {
    switch (atomic_load(&x->link->entry.why)) {
    case WATCH_TIMEOUT:
        give_up(x, TRANSPORT_END_TIMEOUT, ERR_TEMP, "its answer took too long");
        return;
    case WATCH_CUT:
        give_up(x, TRANSPORT_END_CUT, ERR_TEMP, "cut");
        return;
    default:
        break;
    }
    if (link_peek(x->link) == LINK_QUIET)
        give_up(x, TRANSPORT_END_PROTOCOL, ERR_PROTOCOL, "its answer is not a reply of SMTP");
    else
        give_up(x, TRANSPORT_END_DROPPED, ERR_TEMP, "it dropped the connection");
}

/* After libesmtp's session: what has no outcome yet gets it from how far it came. */
static void settle(struct exchange *x) {
    if (x->pending || x->refused)
        explain(x);
    x->refused = NULL;
    if (!x->pending)
        return;
    if (x->finished)
        report_own(x, TRANSPORT_UNKNOWN, TRANSPORT_STAGE_DOT, "no answer came to the message's end");
    else
        report_own(x, TRANSPORT_UNTRIED, x->stage, "the session ended before the message's end");
}

bool exchange_run(struct exchange *x, struct link *l, const struct transport_callbacks *cb,
                  struct transport_session_end *end) {
    int pair[2] = {x->pair[0], x->pair[1]};
    *x = (struct exchange){.pair = {pair[0], pair[1]}, .link = l, .cb = cb, .end = end, .sd = -1};
    end->how = TRANSPORT_END_NORMAL;
    end->stage = TRANSPORT_STAGE_MAIL;
    while (!x->ended) {
        if (x->dirty && x->sent > 0) {
            if (!link_reset(l, end))
                return false;
            x->dirty = false;
        }
        if (!(x->es = prepare(x))) {
            give_up(x, TRANSPORT_END_DROPPED, ERR_OS, "out of memory");
            break;
        }
        x->batch = 0;
        if (pull(x)) {
            speak(x);
            settle(x);
        }
        smtp_destroy_session(x->es);
        x->es = NULL;
        x->msg = NULL;
        x->rcpt = NULL;
    }
    return !x->broken;
}

static const char *no_piece(void **ctx, int *len, void *arg) {
    (void)ctx;
    (void)arg;
    if (len)
        *len = 0;
    errno = 0;
    return NULL;
}

enum status exchange_try(struct exchange *x, struct error *err) {
    enum status st = OK;
    smtp_session_t es = smtp_create_session();
    smtp_message_t msg = es ? smtp_add_message(es) : NULL;
    smtp_recipient_t rcpt = msg ? smtp_add_recipient(msg, "nobody@example.org") : NULL;
    if (!rcpt) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    smtp_set_messagecb(msg, no_piece, NULL);
    smtp_set_server(es, "127.0.0.1:1");
    smtp_set_hostname(es, "localhost");
    prompt(x, "220 relay\r\n250-relay\r\n250-PIPELINING\r\n250 DSN\r\n550 no\r\n221 bye\r\n");
    ready_put(x->pair[0]);
    smtp_start_session(es);
    ready_put(-1);
    if (smtp_reverse_path_status(msg)->code != 550)
        st = error_set(err, ERR_SOFTWARE,
                       "libesmtp doesn't call our connect(): the program must be linked with -rdynamic");
done:
    if (es)
        smtp_destroy_session(es);
    return st;
}
