/* A scripted SMTP server in threads, and a client that collects outcomes: for the tests of transport/. */
#ifndef UNIT_TRANSPORT_SERVER_H
#define UNIT_TRANSPORT_SERVER_H

#include "base/buf.h"
#include "transport/session.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEPT = 512, LOGGED = 1 << 20 };

/* Answers that are actions. */
#define DROP "!drop"   /* close at once */
#define STALL "!stall" /* say nothing and wait for the client to go */
#define SILENT "!none" /* say nothing and go on */
#define TLS_NOW "!tls" /* 220, then a handshake */

struct kept_message {
    char from[300], rcpt[300]; /* the lines behind "MAIL FROM:" and "RCPT TO:" */
    struct buf data;           /* undotted */
};

struct server {
    int fd, port;
    pthread_t thread;
    /* The reply to VERB ("GREET", "EHLO", "MAIL", ..., "." for the end of the data, "LINE" for what AUTH waits for)
     * with ARG behind it, or NULL for the usual one. N counts messages that were accepted by this server. */
    const char *(*answer)(struct server *s, const char *verb, const char *arg, int n);
    /* Called instead of reading the data after 354; true: the connection is to be closed. */
    bool (*data)(struct server *s, int fd);
    void *ctx;
    SSL_CTX *tls;
    bool implicit;
    atomic_int connections, closed, data_lines;
    atomic_bool ending;
    pthread_mutex_t lock;
    struct kept_message kept[KEPT];
    int n;
    struct buf log; /* every command line heard, and ">" lines said */
    pthread_t peers[256];
    int npeers;
};

struct peer {
    struct server *s;
    int fd;
    SSL *ssl;
    char buf[8192];
    size_t at, end;
    char from[300], rcpt[300];
    bool awaits_line;
};

static inline bool peer_fill(struct peer *p) {
    struct pollfd pfd = {p->fd, POLLIN, 0};
    if (p->at == p->end)
        p->at = p->end = 0;
    while (!(p->ssl && SSL_pending(p->ssl)) && poll(&pfd, 1, 50) == 0)
        if (atomic_load(&p->s->ending))
            return false;
    ssize_t n = p->ssl ? SSL_read(p->ssl, p->buf + p->end, (int)(sizeof p->buf - p->end))
                       : recv(p->fd, p->buf + p->end, sizeof p->buf - p->end, 0);
    if (n <= 0)
        return false;
    p->end += (size_t)n;
    return true;
}

static inline bool peer_byte(struct peer *p, char *c) {
    if (p->at == p->end && !peer_fill(p))
        return false;
    *c = p->buf[p->at++];
    return true;
}

static inline bool peer_line(struct peer *p, char *out, size_t max) {
    size_t n = 0;
    char c;
    while (peer_byte(p, &c)) {
        if (n + 1 < max)
            out[n++] = c;
        if (c == '\n') {
            while (n && (out[n - 1] == '\n' || out[n - 1] == '\r'))
                n--;
            out[n] = '\0';
            return true;
        }
    }
    return false;
}

static inline void peer_say(struct peer *p, const char *text) {
    size_t n = strlen(text);
    if (p->ssl)
        SSL_write(p->ssl, text, (int)n);
    else
        send(p->fd, text, n, MSG_NOSIGNAL);
}

static inline bool peer_data(struct peer *p, struct buf *out) {
    char c, before = '\n';
    bool line_start = true, dot = false;
    buf_clear(out);
    while (peer_byte(p, &c)) {
        if (line_start && c == '.') {
            dot = true;
            line_start = false;
            continue;
        }
        if (dot && c == '\r') {
            if (!peer_byte(p, &c))
                return false;
            if (c == '\n')
                return true;
            buf_adds(out, ".\r");
        }
        dot = false;
        buf_addc(out, c);
        line_start = c == '\n' && before == '\r';
        before = c;
    }
    return false;
}

static inline void server_log(struct server *s, const char *line) {
    pthread_mutex_lock(&s->lock);
    if (s->log.len < LOGGED)
        buf_addf(&s->log, "%s\n", line);
    pthread_mutex_unlock(&s->lock);
}

static inline bool peer_tls(struct peer *p) {
    p->ssl = SSL_new(p->s->tls);
    SSL_set_fd(p->ssl, p->fd);
    return SSL_accept(p->ssl) == 1;
}

/* False: the connection ends. */
static inline bool peer_answer(struct peer *p, const char *verb, const char *arg, const char *usual) {
    const char *reply = p->s->answer ? p->s->answer(p->s, verb, arg, p->s->n) : NULL;
    if (!reply)
        reply = usual;
    if (strcmp(reply, DROP) == 0)
        return false;
    if (strcmp(reply, STALL) == 0) {
        char c;
        while (recv(p->fd, &c, 1, 0) > 0)
            continue;
        return false;
    }
    if (strcmp(reply, SILENT) == 0)
        return true;
    if (strcmp(reply, TLS_NOW) == 0) {
        peer_say(p, "220 go\r\n");
        return peer_tls(p);
    }
    if (strcmp(verb, "RCPT") == 0 && reply[0] != '2')
        p->rcpt[0] = '\0';
    p->awaits_line = strncmp(reply, "334", 3) == 0;
    peer_say(p, reply);
    return true;
}

static inline void peer_keep(struct peer *p, struct buf *data) {
    struct server *s = p->s;
    pthread_mutex_lock(&s->lock);
    if (s->n < KEPT) {
        snprintf(s->kept[s->n].from, sizeof s->kept[0].from, "%s", p->from);
        snprintf(s->kept[s->n].rcpt, sizeof s->kept[0].rcpt, "%s", p->rcpt);
        s->kept[s->n].data = *data;
        *data = BUF_INIT;
        s->n++;
    }
    pthread_mutex_unlock(&s->lock);
}

static inline void peer_talk(struct peer *p) {
    char line[2048], verb[16];
    struct buf data = BUF_INIT;
    if (p->s->implicit && !peer_tls(p))
        goto done;
    if (!peer_answer(p, "GREET", "", "220 test ESMTP\r\n"))
        goto done;
    while (peer_line(p, line, sizeof line)) {
        server_log(p->s, line);
        size_t n = strcspn(line, " ");
        snprintf(verb, sizeof verb, "%.*s", (int)(n < 15 ? n : 15), line);
        const char *arg = line[n] ? line + n + 1 : "";
        const char *usual = "250 2.0.0 ok\r\n";
        if (p->awaits_line) {
            p->awaits_line = false;
            arg = line;
            memcpy(verb, "LINE", 5);
            usual = "235 2.7.0 welcome\r\n";
        } else if (strcmp(verb, "EHLO") == 0) {
            usual = "250-test\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 DSN\r\n";
        } else if (strcmp(verb, "MAIL") == 0) {
            p->rcpt[0] = '\0';
            snprintf(p->from, sizeof p->from, "%.290s", arg);
        } else if (strcmp(verb, "RCPT") == 0) {
            snprintf(p->rcpt, sizeof p->rcpt, "%.290s", arg);
        } else if (strcmp(verb, "AUTH") == 0) {
            usual = "235 2.7.0 welcome\r\n";
        } else if (strcmp(verb, "QUIT") == 0) {
            usual = "221 2.0.0 bye\r\n";
        } else if (strcmp(verb, "DATA") == 0) {
            const char *reply = p->s->answer ? p->s->answer(p->s, verb, arg, p->s->n) : NULL;
            if (!reply)
                reply = p->rcpt[0] ? "354 go ahead\r\n" : "503 5.5.1 no recipient\r\n";
            bool go = strncmp(reply, "354", 3) == 0;
            if (!go) {
                if (strcmp(reply, DROP) == 0 || strcmp(reply, STALL) == 0) {
                    char c;
                    while (strcmp(reply, STALL) == 0 && recv(p->fd, &c, 1, 0) > 0)
                        continue;
                    break;
                }
                peer_say(p, reply);
                continue;
            }
            peer_say(p, reply);
            if (p->s->data) {
                if (p->s->data(p->s, p->fd))
                    break;
                continue;
            }
            if (!peer_data(p, &data))
                break;
            const char *end = p->s->answer ? p->s->answer(p->s, ".", p->rcpt, p->s->n) : NULL;
            if (!end)
                end = "250 2.0.0 queued\r\n";
            if (end[0] == '2' && p->rcpt[0])
                peer_keep(p, &data);
            if (strcmp(end, DROP) == 0)
                break;
            if (strcmp(end, STALL) == 0) {
                char c;
                while (recv(p->fd, &c, 1, 0) > 0)
                    continue;
                break;
            }
            peer_say(p, end);
            continue;
        }
        if (!peer_answer(p, verb, arg, usual) || strcmp(verb, "QUIT") == 0)
            break;
    }
done:
    buf_release(&data);
    if (p->ssl) {
        SSL_shutdown(p->ssl);
        SSL_free(p->ssl);
    }
    close(p->fd);
    atomic_fetch_add(&p->s->closed, 1);
}

static inline void *peer_run(void *arg) {
    struct peer *p = arg;
    peer_talk(p);
    free(p);
    return NULL;
}

static inline void *server_run(void *arg) {
    struct server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        struct peer *p = calloc(1, sizeof *p);
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        p->s = s;
        p->fd = fd;
        atomic_fetch_add(&s->connections, 1);
        if (s->npeers == 256 || pthread_create(&s->peers[s->npeers], NULL, peer_run, p) != 0) {
            close(fd);
            free(p);
        } else {
            s->npeers++;
        }
    }
}

static inline struct server *server_start(const char *(*answer)(struct server *, const char *, const char *, int)) {
    struct server *s = calloc(1, sizeof *s);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    s->answer = answer;
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->fd, (struct sockaddr *)&a, len) != 0 || listen(s->fd, 128) != 0)
        abort();
    getsockname(s->fd, (struct sockaddr *)&a, &len);
    s->port = ntohs(a.sin_port);
    return s;
}

/* After the fields are set. */
static inline void server_go(struct server *s) {
    if (pthread_create(&s->thread, NULL, server_run, s) != 0)
        abort();
}

/* Waits for all connections to end; the log and the messages stay until server_free. */
static inline void server_stop(struct server *s) {
    atomic_store(&s->ending, true);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    for (int i = 0; i < s->npeers; i++)
        pthread_join(s->peers[i], NULL);
    close(s->fd);
}

static inline void server_free(struct server *s) {
    for (int i = 0; i < s->n; i++)
        buf_release(&s->kept[i].data);
    buf_release(&s->log);
    SSL_CTX_free(s->tls);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* How often LINE was heard as the beginning of a command. */
static inline int server_heard(struct server *s, const char *line) {
    int n = 0;
    pthread_mutex_lock(&s->lock);
    for (const char *p = buf_cstr(&s->log); p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
        n += strncmp(p, line, strlen(line)) == 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* The client */

struct got {
    enum transport_outcome outcome;
    enum transport_stage stage;
    int code;
    char status[12], text[512];
    bool relay_rests, wired;
    int times;
};

struct client {
    struct transport *t;
    struct transport_relay relay;
    struct transport_session_end end;
    struct transport_message m[KEPT];
    char rcpt[KEPT][64], body_text[KEPT][96];
    int n, next, open, wires;
    bool confused; /* the callbacks came in a wrong order */
    bool refuse_wire;
    struct got got[KEPT];
    void (*before_next)(struct client *c, int i);
};

#define HEAD                                                                                                           \
    "From: desk@example.org\r\nTo: reader@example.net\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n"                    \
    "Message-ID: <a@example.org>\r\nSubject: test\r\n\r\n"

static inline bool client_next(void *ctx, struct transport_message *m) {
    struct client *c = ctx;
    if (c->before_next)
        c->before_next(c, c->next);
    if (c->open != 0)
        c->confused = true;
    if (c->next >= c->n)
        return false;
    *m = c->m[c->next];
    m->tag = &c->got[c->next];
    c->next++;
    c->open++;
    return true;
}

static inline bool client_wire(void *ctx, void *tag) {
    struct client *c = ctx;
    struct got *g = tag;
    if (g->wired || g->times || g != &c->got[c->next - 1])
        c->confused = true;
    g->wired = true;
    c->wires++;
    return !c->refuse_wire;
}

static inline void client_outcome(void *ctx, void *tag, const struct transport_result *r) {
    struct client *c = ctx;
    struct got *g = tag;
    if (g != &c->got[c->next - 1] || c->open != 1)
        c->confused = true;
    c->open--;
    g->times++;
    g->outcome = r->outcome;
    g->stage = r->stage;
    g->code = r->code;
    memcpy(g->status, r->status, sizeof g->status);
    snprintf(g->text, sizeof g->text, "%.*s", STR_ARG(r->text));
    g->relay_rests = r->relay_rests;
}

/* N messages to r0@, r1@ ..., each with its number in the body. */
static inline struct client *client_new(struct transport *t, int port, int n) {
    struct client *c = calloc(1, sizeof *c);
    c->t = t;
    c->n = n;
    c->relay = (struct transport_relay){.name = "main",
                                        .host = "127.0.0.1",
                                        .port = port,
                                        .ehlo_name = "desk.example.org",
                                        .timeout_ms = 3000,
                                        .connect_timeout_ms = 2000,
                                        .messages = 100};
    for (int i = 0; i < n; i++) {
        snprintf(c->rcpt[i], sizeof c->rcpt[i], "r%d@example.net", i);
        snprintf(c->body_text[i], sizeof c->body_text[i], "This is for r%d alone.\r\n.dot\r\n..\r\nend %d\r\n", i, i);
        c->m[i] = (struct transport_message){.mail_from = STR("bounces@example.org"),
                                             .rcpt = str_from(c->rcpt[i]),
                                             .head = STR(HEAD),
                                             .body = str_from(c->body_text[i])};
    }
    return c;
}

/* One session. */
static inline enum status client_run(struct client *c) {
    struct transport_callbacks cb = {c, client_next, client_wire, client_outcome};
    struct transport_conn *conn = transport_conn_new(c->t);
    int before = c->next;
    enum status st = transport_session(c->t, conn, &c->relay, &cb, &c->end);
    transport_conn_free(conn);
    if (c->open != 0 || c->end.given != c->next - before)
        c->confused = true;
    for (int i = 0; i < KEPT; i++)
        if (c->got[i].times != (i < c->next ? 1 : 0))
            c->confused = true;
    return st;
}

/* Whether each message at the server is exactly what its reader was to get, and no reader has two. */
static inline bool server_is_sound(struct server *s, struct client *c) {
    bool seen[KEPT] = {false};
    for (int i = 0; i < s->n; i++) {
        struct str whole = buf_str(&s->kept[i].data), want = {NULL, 0};
        int to = -1;
        if (sscanf(s->kept[i].rcpt, "TO:<r%d@", &to) != 1 || to < 0 || to >= c->n || seen[to])
            return false;
        seen[to] = true;
        want = c->m[to].head;
        if (whole.len != want.len + c->m[to].body.len || !str_starts(whole, want) ||
            !str_eq(str_sub(whole, want.len, whole.len), c->m[to].body))
            return false;
    }
    return true;
}

#endif
