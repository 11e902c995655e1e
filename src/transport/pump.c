#include "transport/pump.h"

#include "base/clock.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PUMP_BUF = 16384, GOODBYE_MS = 1000 };

struct flow {
    size_t at, len;
    char buf[PUMP_BUF];
};

struct pump_state {
    bool plain_ended; /* libesmtp's end closed */
    bool net_ended;   /* TLS closed or broken */
    bool write_wants_read, write_wants_write, read_wants_write;
    struct flow out, in;
};

/* Takes what libesmtp wrote. Everything that lies ready goes in one record. */
static bool take_plain(struct pump *p, struct pump_state *s) {
    if (s->plain_ended || s->out.len > 0)
        return false;
    ssize_t n = recv(p->plain, s->out.buf, PUMP_BUF, 0);
    if (n > 0) {
        s->out.at = 0;
        s->out.len = (size_t)n;
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        s->plain_ended = true;
    return s->plain_ended;
}

static bool give_net(struct pump *p, struct pump_state *s) {
    s->write_wants_read = s->write_wants_write = false;
    if (s->out.len == 0)
        return false;
    size_t n = 0;
    ERR_clear_error();
    int rc = SSL_write_ex(p->ssl, s->out.buf + s->out.at, s->out.len, &n);
    if (rc > 0) {
        s->out.at += n;
        s->out.len -= n;
        return true;
    }
    int e = SSL_get_error(p->ssl, rc);
    s->write_wants_read = e == SSL_ERROR_WANT_READ;
    s->write_wants_write = e == SSL_ERROR_WANT_WRITE;
    if (!s->write_wants_read && !s->write_wants_write)
        s->net_ended = true;
    return s->net_ended;
}

static bool take_net(struct pump *p, struct pump_state *s) {
    s->read_wants_write = false;
    if (s->net_ended || s->in.len > 0)
        return false;
    size_t n = 0;
    ERR_clear_error();
    int rc = SSL_read_ex(p->ssl, s->in.buf, PUMP_BUF, &n);
    if (rc > 0) {
        s->in.at = 0;
        s->in.len = n;
        return true;
    }
    int e = SSL_get_error(p->ssl, rc);
    s->read_wants_write = e == SSL_ERROR_WANT_WRITE;
    if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
        s->net_ended = true;
    return s->net_ended;
}

static bool give_plain(struct pump *p, struct pump_state *s) {
    if (s->in.len == 0)
        return false;
    ssize_t n = send(p->plain, s->in.buf + s->in.at, s->in.len, MSG_NOSIGNAL);
    if (n > 0) {
        s->in.at += (size_t)n;
        s->in.len -= (size_t)n;
        return true;
    }
    if (errno != EAGAIN && errno != EINTR) {
        s->in.len = 0; /* nobody reads it any more */
        s->plain_ended = true;
        return true;
    }
    return false;
}

static void *pump_run(void *arg) {
    struct pump *p = arg;
    struct pump_state s;
    int64_t give_up = 0;
    memset(&s, 0, offsetof(struct pump_state, out));
    s.out.len = s.in.len = 0;
    for (;;) {
        bool moved = false;
        moved |= take_plain(p, &s);
        if (!s.net_ended)
            moved |= give_net(p, &s);
        moved |= take_net(p, &s);
        moved |= give_plain(p, &s);
        if (s.net_ended && s.in.len == 0)
            break;
        if (s.plain_ended && s.out.len == 0)
            break;
        if (moved)
            continue;
        int timeout = -1;
        if (s.plain_ended) {
            int64_t now = clock_mono_ns();
            if (!give_up)
                give_up = now + (int64_t)GOODBYE_MS * 1000000;
            if (now >= give_up)
                break;
            timeout = (int)((give_up - now) / 1000000) + 1;
        }
        short plain = 0, net = 0;
        if (!s.plain_ended && s.out.len == 0)
            plain |= POLLIN;
        if (s.in.len > 0)
            plain |= POLLOUT;
        if ((s.in.len == 0 && !s.net_ended) || s.write_wants_read)
            net |= POLLIN;
        if (s.write_wants_write || s.read_wants_write)
            net |= POLLOUT;
        struct pollfd pfd[2] = {{plain ? p->plain : -1, plain, 0}, {net ? SSL_get_fd(p->ssl) : -1, net, 0}};
        poll(pfd, 2, timeout);
    }
    if (!s.net_ended) {
        ERR_clear_error();
        SSL_shutdown(p->ssl);
    }
    ERR_clear_error();
    /* What libesmtp hasn't read stays readable; then it sees the end. */
    shutdown(p->plain, SHUT_RDWR);
    shutdown(SSL_get_fd(p->ssl), SHUT_WR);
    return NULL;
}

enum status pump_start(struct pump *p, SSL *ssl, int *user, struct error *err) {
    int sp[2];
    sigset_t all, old;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sp) != 0)
        return error_set(err, ERR_OS, "can't make a socket pair: %s", strerror(errno));
    p->ssl = ssl;
    p->plain = sp[1];
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&p->thread, NULL, pump_run, p);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        close(sp[0]);
        close(sp[1]);
        return error_set(err, ERR_OS, "can't start a thread: %s", strerror(rc));
    }
    *user = sp[0];
    return OK;
}

void pump_join(struct pump *p) {
    pthread_join(p->thread, NULL);
    close(p->plain);
}
