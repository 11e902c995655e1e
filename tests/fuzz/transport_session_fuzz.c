// modules: base transport
/* A relay that says anything: the input is all it ever says, from after the opening to the end, or (first byte odd)
 * from the greeting on. Each message must have one outcome, in order; none is accepted without having been handed over.
 */
#include "base/clock.h"
#include "transport/exchange.h"
#include "transport/form.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGES = 5 };

struct run {
    int given, open;
    bool wired;
};

struct peer {
    int fd;
    struct str says;
};

static void *peer_run(void *arg) {
    struct peer *p = arg;
    struct str part;
    char heard[4096];
    for (bool first = true; str_split(&p->says, '|', &part); first = false) {
        struct pollfd pfd = {p->fd, POLLIN, 0};
        if (!first && poll(&pfd, 1, 3) > 0 && recv(p->fd, heard, sizeof heard, 0) <= 0)
            break;
        if (part.len && send(p->fd, part.ptr, part.len, MSG_NOSIGNAL) < 0)
            break;
    }
    shutdown(p->fd, SHUT_WR);
    return NULL;
}

static bool next(void *ctx, struct transport_message *m) {
    struct run *r = ctx;
    if (r->open != 0)
        abort();
    if (r->given == MESSAGES)
        return false;
    r->given++;
    r->open = 1;
    r->wired = false;
    *m = (struct transport_message){
        .mail_from = STR("bounces@example.org"),
        .rcpt = STR("reader@example.net"),
        .head = STR("From: a@example.org\r\nDate: x\r\nMessage-ID: <a@b>\r\n\r\n"),
        .body = STR("hello\r\n.dot\r\n"),
        .envid = STR("abc"),
    };
    return true;
}

static bool wire(void *ctx, void *tag) {
    struct run *r = ctx;
    (void)tag;
    if (!r->open || r->wired)
        abort();
    return r->wired = true;
}

static void outcome(void *ctx, void *tag, const struct transport_result *res) {
    struct run *r = ctx;
    (void)tag;
    if (r->open != 1 || (res->outcome == TRANSPORT_ACCEPTED && !r->wired) ||
        (res->outcome == TRANSPORT_UNKNOWN && !r->wired) || res->text.len > 500)
        abort();
    r->open = 0;
}

static struct watch *the_watch(void) {
    static struct watch *w;
    signal(SIGPIPE, SIG_IGN); /* as transport_new does */
    if (!w && watch_new(&w, NULL) != OK)
        abort();
    return w;
}

static struct exchange *the_exchange(void) {
    static struct exchange *x;
    if (!x && (!(x = exchange_new()) || exchange_try(x, NULL) != OK))
        abort();
    return x;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int sp[2];
    if (size < 1 || size > 60000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sp) != 0)
        return 0;
    struct link_env env = {.watch = the_watch()};
    struct transport_relay relay = {.name = "fuzz", .host = "127.0.0.1", .port = 25, .user = "u", .password = "p"};
    struct link l = {.env = &env, .relay = &relay, .net = sp[0], .fd = sp[0]};
    struct transport_session_end end = {0};
    struct run r = {0};
    struct transport_callbacks cb = {&r, next, wire, outcome};
    relay.timeout_ms = 60;
    struct peer peer = {sp[1], {(const char *)data + 1, size - 1}};
    pthread_t thread;
    fcntl(sp[0], F_SETFL, O_NONBLOCK);
    if (pthread_create(&thread, NULL, peer_run, &peer) != 0)
        abort();
    stream_init(&l.stream, sp[0], env.watch);
    if (data[0] & 1) {
        if (hello_greeting(&l.stream, &relay, &end) && hello_ehlo(&l.stream, &relay, &l.offer, &end) &&
            hello_auth(&l.stream, &relay, &l.offer, true, &end))
            hello_starttls(&l.stream, &relay, &end);
    } else {
        l.offer = (struct hello_offer){
            .pipelining = (data[0] & 2) != 0, .dsn = (data[0] & 4) != 0, .size = (data[0] & 8) != 0};
        l.entry = (struct watch_entry){.fd = {sp[0], -1}};
        l.watched = true;
        watch_add(env.watch, &l.entry);
        exchange_run(the_exchange(), &l, &cb, &end);
        if (r.open || r.given != end.given)
            abort();
        watch_remove(env.watch, &l.entry);
    }
    struct transport_message m = {.mail_from = STR("a@b"),
                                  .rcpt = {(const char *)data, size > 40 ? 40 : size},
                                  .head = {(const char *)data, size},
                                  .body = {(const char *)data, size}};
    form_fault(&m, NULL);
    shutdown(sp[0], SHUT_RDWR);
    pthread_join(thread, NULL);
    close(sp[0]);
    close(sp[1]);
    return 0;
}
