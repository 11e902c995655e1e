#include "sink/conn.h"

#include "sink/base.h"
#include "sink/session.h"
#include "sink/tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
    struct conn *prev, *next, *dirty_next;
    int fd;
    uint32_t interest;      /* epoll's */
    bool dirty, dead, shut; /* to be flushed; to be freed then; our side is closed */
    SSL *ssl;               /* owned */
    int64_t deadline;       /* dead then; 0: none */
    int64_t active;         /* when something came last */
    struct session session;
};

static void wake_at(struct conns *all, int64_t when) {
    if (when < all->next_due)
        all->next_due = when;
}

static void mark_dirty(struct conns *all, struct conn *c) {
    if (c->dirty)
        return;
    c->dirty = true;
    c->dirty_next = all->dirty;
    all->dirty = c;
}

static void set_deadline(struct conns *all, struct conn *c, int64_t ms) {
    c->deadline = all->sink->now + ms;
    wake_at(all, c->deadline);
}

static void want(struct conns *all, struct conn *c, uint32_t events) {
    if (c->interest == events)
        return;
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(all->epoll, EPOLL_CTL_MOD, c->fd, &e);
    c->interest = events;
}

static void conn_free(struct conns *all, struct conn *c) {
    if (c->prev)
        c->prev->next = c->next;
    else
        all->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    session_close(&c->session);
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
    all->sink->open--;
}

void conns_init(struct conns *all, struct sink *sink, SSL_CTX *ctx, int epoll) {
    *all = (struct conns){.sink = sink, .ctx = ctx, .epoll = epoll, .next_due = INT64_MAX};
}

void conns_release(struct conns *all) {
    while (all->first)
        conn_free(all, all->first);
}

void conn_open(struct conns *all, int fd) {
    struct sink *sink = all->sink;
    struct conn *c = base_new(1, sizeof *c);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    c->active = sink->now;
    c->next = all->first;
    if (all->first)
        all->first->prev = c;
    all->first = c;
    if (++sink->open > sink->most)
        sink->most = sink->open;
    struct epoll_event e = {.events = c->interest = EPOLLIN, .data.ptr = c};
    epoll_ctl(all->epoll, EPOLL_CTL_ADD, fd, &e);
    session_open(&c->session, sink, ++sink->connections);
    if (sink->options.implicit)
        c->session.state = SESSION_TLS_SOON;
    else
        session_greet(&c->session);
    mark_dirty(all, c);
    if (sink->options.idle)
        wake_at(all, sink->now + sink->options.idle * 1000);
}

static void shake(struct conns *all, struct conn *c) {
    struct session *s = &c->session;
    char why[256];
    if (!c->ssl)
        c->ssl = tls_new(all->ctx, c->fd);
    s->state = SESSION_TLS;
    switch (tls_shake(c->ssl, why, sizeof why)) {
    case TLS_DONE:
        want(all, c, EPOLLIN);
        session_secured(s, SSL_get_version(c->ssl));
        if (s->frozen)
            set_deadline(all, c, 3000);
        break;
    case TLS_READS:
        want(all, c, EPOLLIN);
        break;
    case TLS_WRITES:
        want(all, c, EPOLLOUT);
        break;
    case TLS_FAILED:
        session_event(s, "tls-failed", NULL, 0, why);
        c->dead = true;
        break;
    }
    mark_dirty(all, c);
}

/* What the kernel returned, as tls_read and tls_write say it. */
static ssize_t result(ssize_t n) {
    return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? -1 : 0;
}

/* Reads once; for TLS until nothing is left in its buffers. */
static void conn_read(struct conns *all, struct conn *c) {
    struct session *s = &c->session;
    mark_dirty(all, c);
    do {
        size_t room;
        char *p = session_room(s, &room);
        ssize_t n = c->ssl ? tls_read(c->ssl, p, room) : result(read(c->fd, p, room));
        if (n < 0)
            return;
        if (n == 0) {
            session_gone(s);
            c->dead = true;
            return;
        }
        c->active = all->sink->now;
        session_take(s, (size_t)n);
    } while (c->ssl && !s->frozen && s->state < SESSION_TLS_SOON && SSL_pending(c->ssl));
}

void conn_ready(struct conns *all, struct conn *c, uint32_t events) {
    struct session *s = &c->session;
    if (s->state == SESSION_TLS)
        shake(all, c);
    else if (s->frozen && (events & (EPOLLHUP | EPOLLERR)))
        c->dead = true;
    else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !s->frozen && s->state != SESSION_TLS_SOON)
        conn_read(all, c);
    if (c->dead || (events & EPOLLOUT))
        mark_dirty(all, c);
}

/* Sends what is due. False when the socket takes no more now. */
static bool send_due(struct conns *all, struct conn *c) {
    struct session *s = &c->session;
    int64_t now = all->sink->now;
    const char *p;
    size_t due;
    wake_at(all, outbox_next(&s->out, now));
    while (!c->dead && (due = outbox_due(&s->out, now, &p)) > 0) {
        ssize_t n =
            c->ssl && s->state != SESSION_TLS ? tls_write(c->ssl, p, due) : result(send(c->fd, p, due, MSG_NOSIGNAL));
        if (n < 0) {
            want(all, c, EPOLLIN | EPOLLOUT);
            return false;
        }
        if (n == 0)
            c->dead = true;
        else
            outbox_sent(&s->out, (size_t)n);
    }
    return true;
}

/* Sends what is due, then closes where that was decided. Frees a connection that is over. */
static void conn_flush(struct conns *all, struct conn *c) {
    struct session *s = &c->session;
    if (!send_due(all, c))
        return;
    if (c->dead) {
        conn_free(all, c);
        return;
    }
    if (s->state != SESSION_TLS)
        want(all, c, s->frozen ? 0 : EPOLLIN);
    if (!outbox_done(&s->out, all->sink->now))
        return;
    if (s->end == END_DROP) {
        if (c->ssl && s->state == SESSION_COMMAND)
            SSL_shutdown(c->ssl);
        conn_free(all, c);
        return;
    }
    if (s->end == END_POLITE && !c->shut) {
        c->shut = true;
        shutdown(c->fd, SHUT_WR);
        set_deadline(all, c, 2000);
    }
    if (s->state == SESSION_TLS_SOON)
        shake(all, c); /* marks it dirty again: the handshake may have failed at once */
}

void conns_flush(struct conns *all) {
    while (all->dirty) {
        struct conn *c = all->dirty;
        record_flush(&all->sink->record);
        all->dirty = c->dirty_next;
        c->dirty = false;
        conn_flush(all, c);
    }
    record_flush(&all->sink->record);
}

void conns_timers(struct conns *all) {
    int64_t now = all->sink->now, idle = all->sink->options.idle * 1000;
    if (now < all->next_due)
        return;
    all->next_due = INT64_MAX;
    for (struct conn *c = all->first; c; c = c->next) {
        struct session *s = &c->session;
        if (s->out.nsegments)
            mark_dirty(all, c); /* send_due sets the next time */
        if (c->deadline && c->deadline <= now) {
            c->dead = true;
            mark_dirty(all, c);
        } else if (c->deadline) {
            wake_at(all, c->deadline);
        }
        if (!idle || s->end != END_NO || s->frozen)
            continue;
        if (c->active + idle <= now) {
            session_idle(s);
            mark_dirty(all, c);
        } else {
            wake_at(all, c->active + idle);
        }
    }
}
