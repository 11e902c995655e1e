#include "sink/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_bytes(struct session *s, const char *p, size_t n, int64_t wait) {
    outbox_add(&s->out, p, n, s->sink->now, wait);
}

void reply_bytes(struct session *s, const char *p, size_t n) {
    send_bytes(s, p, n, s->sink->options.delay);
}

static void send_reply(struct session *s, const char *reply, int64_t wait) {
    char line[8192];
    const char *text = strlen(reply) > 4 ? reply + 4 : "";
    for (;;) {
        const char *end = strstr(text, "\\n");
        int n = snprintf(line, sizeof line, "%.3s%s%.*s\r\n", reply,
                         end     ? "-"
                         : *text ? " "
                                 : "",
                         (int)(end ? end - text : (long)strlen(text)), text);
        if (n > 0)
            send_bytes(s, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1, wait);
        if (!end)
            return;
        text = end + 2;
    }
}

void reply_send(struct session *s, const char *reply) {
    send_reply(s, reply, s->sink->options.delay);
}

static void send_garbage(struct session *s) {
    static const char *const babble[] = {
        "\r\n", "hello\r\n", "25\r\n", "999999 nonsense\r\n", "2x0 ok\r\n", "\x16\x03\x01\xff\xfe\r\n"};
    const char *b =
        babble[script_draw(&s->sink->script, s->number + s->sink->messages, sizeof babble / sizeof *babble)];
    reply_bytes(s, b, strlen(b));
}

static void send_long(struct session *s, const char *reply) {
    char line[5200];
    int n = snprintf(line, sizeof line, "%s ", reply);
    if (n < 0 || n > 1000)
        n = 0;
    memset(line + n, 'x', 5000 - (size_t)n);
    memcpy(line + 5000, "\r\n", 2);
    reply_bytes(s, line, 5002);
}

bool reply_say(struct session *s, const char *reply) {
    struct script *script = &s->sink->script;
    const char *to = message_first(&s->message), *who = to ? to : bytes_c(&s->message.sender);
    if (script_odd(script, F_GARBAGE, who)) {
        session_event(s, "garbage", who, 0, reply);
        send_garbage(s);
        return false;
    }
    if (script_odd(script, F_LONG, who)) {
        session_event(s, "long", who, 0, reply);
        send_long(s, reply);
        return false;
    }
    if (script_odd(script, F_STALL, who)) {
        session_event(s, "stall", who, 0, reply);
        send_reply(s, reply, s->sink->options.stall * 1000);
        return false;
    }
    if (strlen(reply) > 4 && !strstr(reply, "\\n") && reply[0] == '2' && script_odd(script, F_MULTILINE, who)) {
        char twice[1024];
        snprintf(twice, sizeof twice, "%s\\n%s", reply, reply + 4);
        reply_send(s, twice);
    } else {
        reply_send(s, reply);
    }
    return true;
}

void reply_refuse(struct session *s, const char *stage, const char *to, const char *reply) {
    int code = atoi(reply);
    session_event(s, stage, to, code, reply);
    reply_send(s, reply);
    if (code == 421)
        reply_last(s);
}

void reply_drop(struct session *s, const char *stage, const char *to) {
    session_event(s, "drop", to, 0, stage);
    s->end = END_DROP;
}

void reply_last(struct session *s) {
    if (s->end == END_NO)
        s->end = END_POLITE;
}

bool reply_apply(struct session *s, const struct rule *r, const char *stage, const char *to) {
    if (!r)
        return false;
    switch (r->act) {
    case ACT_REPLY:
        if (r->reply[0] == '2') {
            reply_send(s, r->reply);
            return false;
        }
        reply_refuse(s, stage, to, r->reply);
        return true;
    case ACT_DROP:
        reply_drop(s, stage, to);
        return true;
    case ACT_GARBAGE:
        session_event(s, "garbage", to, 0, stage);
        send_garbage(s);
        return true;
    case ACT_LONG:
        session_event(s, "long", to, 0, stage);
        send_long(s, "250 2.0.0 ok");
        return false;
    case ACT_STALL:
        session_event(s, "stall", to, 0, stage);
        send_bytes(s, "", 0, s->sink->options.stall * 1000);
        return false;
    case ACT_ACCEPT_DROP:
        break;
    }
    return false;
}
