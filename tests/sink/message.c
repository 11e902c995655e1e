#include "sink/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void message_reset(struct message *m) {
    m->open = m->eightbit = m->chunked = false;
    m->nrcpts = 0;
    m->sender.len = m->mail_params.len = m->rcpts.len = m->rcpt_params.len = m->body.len = m->size = 0;
    if (m->body.cap > 1 << 20) {
        free(m->body.p);
        m->body = (struct bytes){0};
    }
}

void message_release(struct message *m) {
    struct bytes *all[] = {&m->sender, &m->mail_params, &m->rcpts, &m->rcpt_params, &m->body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->p);
    *m = (struct message){0};
}

bool message_path(const char *p, struct bytes *path, struct bytes *params) {
    bool quoted = false;
    while (*p == ' ')
        p++;
    if (*p++ != '<')
        return false;
    const char *from = p;
    for (; *p && (quoted || *p != '>'); p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    if (*p != '>')
        return false;
    bytes_add(path, from, (size_t)(p - from));
    for (p++; *p == ' ';)
        p++;
    bytes_add(params, p, strlen(p));
    return true;
}

const char *message_first(const struct message *m) {
    return m->rcpts.len ? m->rcpts.p : NULL;
}

void message_id(const struct message *m, char *id, size_t size) {
    const char *p = bytes_c(&m->body), *e = p + m->body.len;
    size_t n = 0;
    while (p < e && *p != '\r' && *p != '\n') {
        const char *nl = memchr(p, '\n', (size_t)(e - p));
        if (!nl)
            break;
        if (nl - p > 11 && !strncasecmp(p, "message-id:", 11)) {
            p += 11;
            while (p < e && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
                p++;
            while (p < e && (unsigned char)*p > ' ' && n + 1 < size)
                id[n++] = *p++;
            break;
        }
        p = nl + 1;
    }
    id[n] = 0;
}

size_t message_inspect(const struct message *m, const char *breaches[static MESSAGE_BREACHES]) {
    const char *p = m->body.p;
    size_t line = 0, len = m->body.len, n = 0;
    bool bare = false, eight = false, nul = false, long_line = false;
    for (size_t i = 0; i < len; i++) {
        line++;
        if (p[i] == '\n') {
            bare |= !i || p[i - 1] != '\r';
            long_line |= line > 1000;
            line = 0;
        }
        bare |= p[i] == '\r' && (i + 1 == len || p[i + 1] != '\n');
        eight |= (unsigned char)p[i] >= 0x80;
        nul |= !p[i];
    }
    if (bare)
        breaches[n++] = "a CR or LF alone in the message";
    if (long_line)
        breaches[n++] = "a line over 998 bytes in the message";
    if (nul)
        breaches[n++] = "a NUL in the message";
    if (eight && !m->eightbit)
        breaches[n++] = "bytes above 127 without BODY=8BITMIME";
    if (len && (len < 2 || memcmp(p + len - 2, "\r\n", 2)))
        breaches[n++] = "the message does not end in CRLF";
    return n;
}
