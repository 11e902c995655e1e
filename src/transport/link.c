#include "transport/link.h"

#include "base/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CONNECT_MS = 30000, QUIT_MS = 5000 };

static int64_t connect_limit(const struct transport_relay *r) {
    return r->connect_timeout_ms > 0 ? r->connect_timeout_ms : CONNECT_MS;
}

/* A connected socket in l->net and l->stream. False: *end says why. */
static bool dial(struct link *l, const struct sockaddr_storage *addr, struct transport_session_end *end) {
    int on = 1, error = 0;
    socklen_t len = sizeof error;
    const char *ip = l->facts.address;
    l->net = socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (l->net < 0) {
        fault_set(end, l->relay, TRANSPORT_END_UNREACHABLE, TRANSPORT_STAGE_CONNECT, ERR_UNAVAILABLE,
                  "can't make a socket for %s: %s", ip, strerror(errno));
        return false;
    }
    /* Without TCP_NODELAY each message waits 40 ms for an acknowledgement. */
    setsockopt(l->net, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(l->net, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    stream_init(&l->stream, l->net, l->env->watch);
    l->stream.heed_stop = true;
    stream_limit(&l->stream, connect_limit(l->relay));
    if (connect(l->net, (const struct sockaddr *)addr, resolve_size(addr)) != 0) {
        error = errno;
        if (error == EINPROGRESS) {
            if (!stream_wait(&l->stream, POLLOUT)) {
                if (l->stream.fault == STREAM_TIMEOUT)
                    fault_set(end, l->relay, TRANSPORT_END_TIMEOUT, TRANSPORT_STAGE_CONNECT, ERR_TEMP,
                              "%s port %d doesn't answer", ip, l->relay->port);
                else
                    fault_stream(end, l->relay, &l->stream, TRANSPORT_STAGE_CONNECT, "the connection");
                return false;
            }
            if (getsockopt(l->net, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
                error = errno;
        }
    }
    if (error != 0) {
        fault_set(end, l->relay, TRANSPORT_END_UNREACHABLE, TRANSPORT_STAGE_CONNECT, ERR_UNAVAILABLE,
                  "can't connect to %s port %d: %s", ip, l->relay->port, strerror(error));
        return false;
    }
    return true;
}

static bool shake(struct link *l, struct transport_session_end *end) {
    struct error why = {0};
    stream_limit(&l->stream, hello_limit(l->relay, HELLO_COMMAND_MS));
    enum status st = tls_shake(l->env->store, &l->stream, l->relay, &l->facts.verified, &why);
    if (st != OK) {
        if (l->stream.fault == STREAM_TIMEOUT || l->stream.fault == STREAM_STOPPED)
            fault_stream(end, l->relay, &l->stream, TRANSPORT_STAGE_TLS, "the TLS handshake");
        else
            fault_set(end, l->relay, TRANSPORT_END_TLS, TRANSPORT_STAGE_TLS, st, "TLS failed: %s", why.text);
        return false;
    }
    l->ssl = l->stream.ssl;
    snprintf(l->facts.tls, sizeof l->facts.tls, "%s", SSL_get_version(l->ssl));
    return true;
}

static void hang_up(struct link *l) {
    SSL_free(l->ssl);
    l->ssl = NULL;
    if (l->net >= 0)
        close(l->net);
    l->net = -1;
}

/* Connects to one address and reads its greeting. *answered: it spoke, so no other address is tried. */
static bool reach(struct link *l, const struct sockaddr_storage *addr, bool *answered,
                  struct transport_session_end *end) {
    *answered = false;
    resolve_print(addr, l->facts.address);
    if (!dial(l, addr, end))
        return false;
    if (l->relay->tls == TRANSPORT_TLS_IMPLICIT && !shake(l, end)) {
        *answered = end->how == TRANSPORT_END_TLS;
        return false;
    }
    bool greeted = hello_greeting(&l->stream, l->relay, end);
    *answered = greeted || (end->how != TRANSPORT_END_TIMEOUT && end->how != TRANSPORT_END_DROPPED);
    return greeted;
}

/* EHLO, and TLS and AUTH where they are asked for. */
static bool introduce(struct link *l, const struct sockaddr_storage *addr, struct transport_session_end *end) {
    const struct transport_relay *r = l->relay;
    if (!hello_ehlo(&l->stream, r, &l->offer, end))
        return false;
    if (r->tls == TRANSPORT_TLS_STARTTLS && !l->offer.starttls) {
        fault_set(end, r, TRANSPORT_END_TLS, TRANSPORT_STAGE_TLS, ERR_NOPERM,
                  "it doesn't offer STARTTLS, and without it nothing is sent");
        return false;
    }
    if (r->tls == TRANSPORT_TLS_STARTTLS || (r->tls == TRANSPORT_TLS_OPPORTUNISTIC && l->offer.starttls)) {
        /* What was said in clear counts for nothing afterwards (RFC 3207 4.2). */
        if (!hello_starttls(&l->stream, r, end) || !shake(l, end) || !hello_ehlo(&l->stream, r, &l->offer, end))
            return false;
    }
    l->facts.pipelining = l->offer.pipelining;
    l->facts.dsn = l->offer.dsn;
    l->facts.size_limit = l->offer.size_limit;
    if (r->user && *r->user) {
        /* Opportunistic TLS may be with anybody. */
        if (!hello_auth(&l->stream, r, &l->offer, (l->ssl && l->facts.verified) || resolve_is_loopback(addr), end))
            return false;
        l->facts.authenticated = true;
    }
    if (stream_unread(&l->stream) > 0) {
        fault_set(end, r, TRANSPORT_END_PROTOCOL, TRANSPORT_STAGE_GREETING, ERR_PROTOCOL, "it talks out of turn");
        return false;
    }
    return true;
}

/* Hands the connection over to libesmtp's side: the pump where there is TLS, the watchdog. */
static bool hand_over(struct link *l, struct transport_session_end *end) {
    struct error why = {0};
    l->fd = l->net;
    if (l->ssl) {
        if (pump_start(&l->pump, l->ssl, &l->fd, &why) != OK) {
            fault_set(end, l->relay, TRANSPORT_END_DROPPED, TRANSPORT_STAGE_TLS, ERR_OS, "%s", why.text);
            return false;
        }
        l->pumping = true;
    }
    stream_init(&l->stream, l->fd, l->env->watch);
    l->entry.fd[0] = l->net;
    l->entry.fd[1] = l->pumping ? l->fd : -1;
    watch_due(&l->entry, 0);
    watch_add(l->env->watch, &l->entry);
    l->watched = true;
    return true;
}

bool link_open(struct link *l, const struct link_env *env, const struct transport_relay *r,
               struct transport_session_end *end) {
    struct resolve_list list;
    struct error why = {0};
    bool timed_out = false, answered = false;
    *l = (struct link){.env = env, .relay = r, .net = -1, .fd = -1};
    enum status st =
        resolver_ask(env->resolver, env->watch, r->host, r->port, connect_limit(r), &list, &timed_out, &why);
    if (st != OK) {
        enum transport_end how = timed_out                   ? TRANSPORT_END_TIMEOUT
                                 : watch_is_cut(env->watch)  ? TRANSPORT_END_CUT
                                 : watch_stopped(env->watch) ? TRANSPORT_END_NORMAL
                                                             : TRANSPORT_END_UNREACHABLE;
        fault_set(end, r, how, TRANSPORT_STAGE_CONNECT, st, "%s", why.text);
        return false;
    }
    for (size_t i = 0; i < list.n; i++) {
        if (reach(l, &list.addr[i], &answered, end)) {
            if (i > 0)
                resolver_good(env->resolver, r->host, &list.addr[i]);
            if (introduce(l, &list.addr[i], end) && hand_over(l, end))
                return true;
            break;
        }
        hang_up(l);
        if (answered || watch_stopped(env->watch))
            return false;
    }
    if (!answered)
        resolver_forget(env->resolver, r->host);
    hang_up(l);
    return false;
}

void link_close(struct link *l, bool polite) {
    struct reply reply;
    if (l->net < 0)
        return;
    if (polite) {
        stream_limit(&l->stream,
                     l->relay->timeout_ms > 0 && l->relay->timeout_ms < QUIT_MS ? l->relay->timeout_ms : QUIT_MS);
        if (stream_write(&l->stream, STR("QUIT\r\n")))
            reply_read(&l->stream, &reply, NULL, NULL);
    }
    if (l->pumping) {
        if (!polite)
            shutdown(l->net, SHUT_RDWR);
        shutdown(l->fd, SHUT_RDWR);
        pump_join(&l->pump);
    }
    if (l->watched)
        watch_remove(l->env->watch, &l->entry);
    if (l->pumping)
        close(l->fd);
    l->pumping = l->watched = false;
    hang_up(l);
}

bool link_reset(struct link *l, struct transport_session_end *end) {
    struct reply reply;
    stream_limit(&l->stream, hello_limit(l->relay, HELLO_COMMAND_MS));
    if (!stream_write(&l->stream, STR("RSET\r\n")) || !reply_read(&l->stream, &reply, NULL, NULL)) {
        fault_stream(end, l->relay, &l->stream, TRANSPORT_STAGE_MAIL, "its answer to RSET");
        return false;
    }
    if (reply.code != 250) {
        fault_set(end, l->relay, TRANSPORT_END_CLOSING, TRANSPORT_STAGE_MAIL, ERR_TEMP, "it answered RSET with %d",
                  reply.code);
        end->code = reply.code;
        return false;
    }
    return true;
}

enum link_state link_peek(const struct link *l) {
    char c;
    ssize_t n = recv(l->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0)
        return LINK_TALKS;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return LINK_QUIET;
    return LINK_CLOSED;
}

void link_cork(const struct link *l, bool on) {
    int value = on;
    if (!l->pumping)
        setsockopt(l->net, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

bool link_write(struct link *l, const struct str *parts, size_t n, int64_t limit_ms) {
    size_t at = 0; /* bytes of the first part that are gone */
    while (n > 0) {
        struct iovec v[8];
        size_t k = 0;
        for (; k < n && k < sizeof v / sizeof *v; k++) {
            size_t skip = k == 0 ? at : 0;
            v[k] = (struct iovec){(char *)(uintptr_t)parts[k].ptr + skip, parts[k].len - skip};
        }
        struct msghdr m = {.msg_iov = v, .msg_iovlen = k};
        ssize_t sent = sendmsg(l->fd, &m, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd p = {l->fd, POLLOUT, 0};
            (void)poll(&p, 1, 1000);
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            shutdown(l->net, SHUT_RDWR);
            if (l->pumping)
                shutdown(l->fd, SHUT_RDWR);
            return false;
        }
        at += (size_t)sent;
        while (n > 0 && at >= parts->len) {
            at -= parts->len;
            parts++;
            n--;
        }
        watch_due(&l->entry, hello_limit(l->relay, limit_ms));
    }
    return true;
}
