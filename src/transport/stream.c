#include "transport/stream.h"

#include "base/clock.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

void stream_init(struct stream *s, int fd, const struct watch *w) {
    *s = (struct stream){.fd = fd, .watch = w};
}

void stream_limit(struct stream *s, int64_t ms) {
    s->due = ms > 0 ? clock_mono_ns() + ms * 1000000 : 0;
}

bool stream_wait(struct stream *s, short events) {
    while (s->fault == STREAM_FINE) {
        int timeout = -1;
        if (s->due) {
            int64_t left = (s->due - clock_mono_ns() + 999999) / 1000000;
            if (left <= 0) {
                s->fault = STREAM_TIMEOUT;
                break;
            }
            timeout = left > 3600000 ? 3600000 : (int)left;
        }
        struct pollfd p[2] = {{s->fd, events, 0},
                              {s->heed_stop ? watch_stop_fd(s->watch) : watch_cut_fd(s->watch), POLLIN, 0}};
        int n = poll(p, 2, timeout);
        if (n < 0 && errno != EINTR)
            s->fault = STREAM_CLOSED;
        else if (n > 0 && p[1].revents)
            s->fault = STREAM_STOPPED;
        else if (n > 0 && p[0].revents)
            return true;
    }
    return false;
}

/* After an SSL call that returned N: waits for what it wants. */
static bool ssl_wait(struct stream *s, int n) {
    switch (SSL_get_error(s->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        return stream_wait(s, POLLIN);
    case SSL_ERROR_WANT_WRITE:
        return stream_wait(s, POLLOUT);
    default:
        s->fault = STREAM_CLOSED;
        return false;
    }
}

bool stream_write(struct stream *s, struct str data) {
    while (data.len > 0 && s->fault == STREAM_FINE) {
        size_t n = 0;
        if (s->ssl) {
            ERR_clear_error();
            int rc = SSL_write_ex(s->ssl, data.ptr, data.len, &n);
            if (rc <= 0 && !ssl_wait(s, rc))
                break;
        } else {
            ssize_t w = send(s->fd, data.ptr, data.len, MSG_NOSIGNAL);
            if (w >= 0)
                n = (size_t)w;
            else if (errno == EAGAIN)
                stream_wait(s, POLLOUT);
            else if (errno != EINTR)
                s->fault = STREAM_CLOSED;
        }
        data.ptr += n;
        data.len -= n;
    }
    return s->fault == STREAM_FINE;
}

static bool stream_fill(struct stream *s) {
    while (s->fault == STREAM_FINE) {
        size_t n = 0;
        if (s->ssl) {
            ERR_clear_error();
            int rc = SSL_read_ex(s->ssl, s->buf + s->end, sizeof s->buf - s->end, &n);
            if (rc <= 0) {
                ssl_wait(s, rc);
                continue;
            }
        } else {
            ssize_t r = recv(s->fd, s->buf + s->end, sizeof s->buf - s->end, 0);
            if (r < 0 && errno == EAGAIN) {
                stream_wait(s, POLLIN);
                continue;
            }
            if (r < 0 && errno == EINTR)
                continue;
            if (r <= 0) {
                s->fault = STREAM_CLOSED;
                break;
            }
            n = (size_t)r;
        }
        s->end += n;
        return true;
    }
    return false;
}

bool stream_line(struct stream *s, struct str *line) {
    if (s->fault != STREAM_FINE)
        return false;
    size_t seen = 0;
    for (;;) {
        char *nl = s->end > s->at ? memchr(s->buf + s->at + seen, '\n', s->end - s->at - seen) : NULL;
        if (nl) {
            *line = (struct str){s->buf + s->at, (size_t)(nl - s->buf) - s->at};
            s->at = (size_t)(nl - s->buf) + 1;
            if (line->len && line->ptr[line->len - 1] == '\r')
                line->len--;
            return true;
        }
        seen = s->end - s->at;
        if (s->at > 0) {
            memmove(s->buf, s->buf + s->at, seen);
            s->at = 0;
            s->end = seen;
        }
        if (s->end == sizeof s->buf) {
            s->fault = STREAM_BABBLE;
            return false;
        }
        if (!stream_fill(s))
            return false;
    }
}

size_t stream_unread(const struct stream *s) {
    return s->end - s->at;
}
