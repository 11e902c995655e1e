#include "transport/reply.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>

enum { TEXT_MAX = 500, LINES_MAX = 200 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The length of an enhanced code at the start of S, 0 when there is none: class "." 1*3digit "." 1*3digit. */
static size_t status_length(struct str s) {
    if (s.len < 5 || (s.ptr[0] != '2' && s.ptr[0] != '4' && s.ptr[0] != '5'))
        return 0;
    size_t at = 1;
    for (int part = 0; part < 2; part++) {
        if (at >= s.len || s.ptr[at] != '.')
            return 0;
        size_t from = ++at;
        while (at < s.len && at - from < 3 && is_digit(s.ptr[at]))
            at++;
        if (at == from)
            return 0;
    }
    return at == s.len || isspace((unsigned char)s.ptr[at]) ? at : 0;
}

/* Appends one line's text, cleaned. */
static void text_add(struct reply *r, struct str line) {
    line = str_trim(line);
    if (line.len == 0)
        return;
    if (r->len > 0 && r->len < TEXT_MAX)
        r->text[r->len++] = ' ';
    for (size_t pos = 0; pos < line.len;) {
        uint32_t cp = utf8_next(line, &pos);
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029)
            cp = ' ';
        char one[4];
        size_t n = utf8_encode(cp, one);
        if (r->len + n > TEXT_MAX)
            break;
        memcpy(r->text + r->len, one, n);
        r->len += n;
    }
    r->text[r->len] = '\0';
}

static void reply_clear(struct reply *r, int code) {
    r->code = code;
    r->status[0] = '\0';
    r->text[0] = '\0';
    r->len = 0;
}

static void reply_add(struct reply *r, struct str line, bool first) {
    line = str_trim(line);
    size_t n = status_length(line);
    if (n > 0) {
        if (first)
            snprintf(r->status, sizeof r->status, "%.*s", (int)n, line.ptr);
        line = str_sub(line, n, line.len);
    }
    text_add(r, line);
}

void reply_set(struct reply *r, int code, struct str text) {
    struct str line;
    reply_clear(r, code);
    for (bool first = true; str_split(&text, '\n', &line); first = false)
        reply_add(r, line, first);
}

bool reply_read(struct stream *s, struct reply *r, void (*line)(void *ctx, struct str text), void *ctx) {
    reply_clear(r, 0);
    for (int lines = 0; lines < LINES_MAX; lines++) {
        struct str l;
        if (!stream_line(s, &l))
            return false;
        if (l.len < 3 || !is_digit(l.ptr[0]) || !is_digit(l.ptr[1]) || !is_digit(l.ptr[2]) ||
            (l.len > 3 && l.ptr[3] != ' ' && l.ptr[3] != '-'))
            return false;
        int code = (l.ptr[0] - '0') * 100 + (l.ptr[1] - '0') * 10 + (l.ptr[2] - '0');
        if (code < 200 || code > 599 || (lines > 0 && code != r->code))
            return false;
        r->code = code;
        struct str text = str_sub(l, 4, l.len);
        reply_add(r, text, lines == 0);
        if (line)
            line(ctx, text);
        if (l.len == 3 || l.ptr[3] == ' ')
            return true;
    }
    return false;
}

/* Whether the text holds WORD, in any case. */
static bool says(const struct reply *r, const char *word) {
    return strcasestr(r->text, word) != NULL;
}

/* 552 at RCPT once meant "too many recipients", and means a lack of room that may pass (RFC 5321 4.5.3.1.10). */
static bool is_passing_552(const struct reply *r) {
    if (r->code != 552 || strcmp(r->status, "5.3.4") == 0 || strcmp(r->status, "5.2.3") == 0)
        return false;
    return says(r, "too many recipients") || says(r, "storage") || says(r, "quota") || says(r, "mailbox full");
}

static bool is_size(const struct reply *r) {
    return r->code == 552 || strcmp(r->status, "5.3.4") == 0 || strcmp(r->status, "5.2.3") == 0;
}

bool reply_judge(const struct reply *r, enum transport_stage stage, bool finished, struct transport_result *out) {
    struct transport_result res = {.stage = stage, .code = r->code, .text = {r->text, r->len}};
    memcpy(res.status, r->status, sizeof res.status);
    if (r->code == 421) {
        res.outcome = TRANSPORT_UNTRIED;
        res.relay_rests = true;
    } else if (r->code >= 200 && r->code < 300) {
        /* A 2yz to DATA itself is nonsense, whatever libesmtp makes of it. */
        if (stage != TRANSPORT_STAGE_DOT || !finished)
            return false;
        res.outcome = TRANSPORT_ACCEPTED;
    } else if (r->code >= 400 && r->code < 500) {
        res.relay_rests = stage == TRANSPORT_STAGE_MAIL;
        res.outcome = res.relay_rests ? TRANSPORT_UNTRIED : TRANSPORT_LATER;
    } else if (r->code >= 500 && r->code < 600) {
        res.outcome = is_passing_552(r) ? TRANSPORT_LATER : TRANSPORT_NEVER;
        res.relay_rests = stage == TRANSPORT_STAGE_MAIL && !is_size(r);
    } else {
        return false;
    }
    *out = res;
    return true;
}
