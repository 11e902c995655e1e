/* smtp_sink: a scriptable SMTP server for tests. It accepts mail and records what it accepted, or refuses, defers,
 * stalls, drops and babbles as told. One thread, epoll; `smtp_sink --help` lists the options. Its parts are in sink/:
 * a connection (conn, tls) feeds a session (session, reply, auth), which asks the script what to do with a message and
 * hands it to the record.
 *
 * What a test may rely on:
 * - A message is recorded only when its final dot (or last chunk) was seen and is about to be answered with 250, and
 *   the line stands in the file before the first byte of that 250 leaves. "answered" is false where the sink was told
 *   not to answer properly (it dropped the connection, stalled or babbled instead).
 * - Every refusal, drop, stall, TLS failure and breach of the protocol by the client is a line in --events.
 * - Faults are a function of seed, stage, address and how often that address came to that stage, so they do not
 *   depend on how connections interleave. */
#include "sink/base.h"
#include "sink/conn.h"
#include "sink/sink.h"
#include "sink/tls.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

static volatile sig_atomic_t stop;
static void on_signal(int sig) {
    (void)sig;
    stop = 1;
}

/* The signals that end it come in epoll_pwait alone; and as many connections as the machine lets us. */
static void prepare(void) {
    struct sigaction on = {.sa_handler = on_signal};
    struct rlimit files;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* The listening socket; prints its port. */
static int listen_on(const struct options *o) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *a = NULL;
    struct sockaddr_storage got;
    socklen_t len = sizeof got;
    char port[16];
    int one = 1, small = 4096, e = getaddrinfo(o->host, o->port, &hints, &a);
    if (e)
        die("--host %s --port %s: %s", o->host, o->port, gai_strerror(e));
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (o->stop_reading) /* so that a client's write blocks soon */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&got, &len))
        die("port %s: %s", o->port, strerror(errno));
    getnameinfo((struct sockaddr *)&got, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    freeaddrinfo(a);
    printf("port %s\n", port);
    fflush(stdout);
    return fd;
}

static void accept_all(struct conns *all, int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        conn_open(all, fd);
    }
}

static void serve(struct conns *all, int listener) {
    struct epoll_event ready[256];
    sigset_t none;
    sigemptyset(&none);
    while (!stop) {
        int64_t wait = all->next_due == INT64_MAX ? -1 : all->next_due - base_ms(CLOCK_MONOTONIC);
        if (all->next_due != INT64_MAX && wait < 0)
            wait = 0;
        int n = epoll_pwait(all->epoll, ready, 256, (int)(wait > 100000 ? 100000 : wait), &none);
        all->sink->now = base_ms(CLOCK_MONOTONIC);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr)
                conn_ready(all, ready[i].data.ptr, ready[i].events);
            else
                accept_all(all, listener);
        }
        conns_timers(all);
        conns_flush(all);
    }
}

int main(int argc, char **argv) {
    struct sink sink = {0};
    struct conns all;
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    script_init(&sink.script);
    options_read(&sink.options, &sink.script, argc, argv);
    prepare();
    SSL_CTX *ctx = tls_open(&sink.options);
    record_open(&sink.record, &sink.options);
    sink.stop_reading = sink.options.stop_reading;
    sink.now = base_ms(CLOCK_MONOTONIC);
    int listener = listen_on(&sink.options), epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &ev))
        die("epoll: %s", strerror(errno));
    conns_init(&all, &sink, ctx, epoll);
    serve(&all, listener);
    conns_release(&all);
    record_close(&sink.record);
    printf("%" PRIu64 " messages, %" PRIu64 " bytes, %" PRIu64 " connections, at most %u at once\n", sink.messages,
           sink.bytes, sink.connections, sink.most);
    SSL_CTX_free(ctx);
    script_release(&sink.script);
    return 0;
}
