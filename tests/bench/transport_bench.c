/* How fast transport/ alone sends: N messages of SIZE bytes over THREADS connections to a port of this machine, to be
 * compared with Postfix's smtp-source against the same smtp-sink.
 * usage: transport_bench PORT [MESSAGES [THREADS [SIZE [A-SESSION [CA-FILE]]]]]   (with CA-FILE: STARTTLS) */
#include "transport/session.h"

#include "base/buf.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct bench {
    struct transport *t;
    struct transport_relay relay;
    struct str head, body;
    _Atomic long left, accepted, other;
};

static bool give(void *ctx, struct transport_message *m) {
    struct bench *b = ctx;
    if (atomic_fetch_sub(&b->left, 1) <= 0)
        return false;
    *m = (struct transport_message){.mail_from = STR("bounces+x@example.org"),
                                    .rcpt = STR("reader@example.net"),
                                    .head = b->head,
                                    .body = b->body,
                                    .envid = STR("abc123")};
    return true;
}

static bool wire(void *ctx, void *tag) {
    (void)ctx;
    (void)tag;
    return true;
}

static void outcome(void *ctx, void *tag, const struct transport_result *r) {
    struct bench *b = ctx;
    (void)tag;
    atomic_fetch_add(r->outcome == TRANSPORT_ACCEPTED ? &b->accepted : &b->other, 1);
}

static void *run(void *arg) {
    struct bench *b = arg;
    struct transport_conn *c = transport_conn_new(b->t);
    struct transport_callbacks cb = {b, give, wire, outcome};
    struct transport_session_end end;
    while (c && atomic_load(&b->left) > 0)
        if (transport_session(b->t, c, &b->relay, &cb, &end) != OK) {
            fprintf(stderr, "%s\n", end.why.text);
            break;
        }
    transport_conn_free(c);
    return NULL;
}

static long arg(int argc, char **argv, int i, long otherwise) {
    return argc > i ? strtol(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
    struct error err = {0};
    struct bench b = {0};
    struct buf head = BUF_INIT, body = BUF_INIT;
    long messages = arg(argc, argv, 2, 20000), threads = arg(argc, argv, 3, 16), size = arg(argc, argv, 4, 10240);
    pthread_t t[256];
    struct rusage ru;
    if (argc < 2 || threads < 1 || threads > 256) {
        fprintf(stderr, "usage: transport_bench PORT [MESSAGES [THREADS [SIZE [A-SESSION [CA-FILE]]]]]\n");
        return 64;
    }
    buf_adds(&head, "From: Desk <desk@example.org>\r\nTo: reader@example.net\r\nSubject: a test\r\n"
                    "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <abc@example.org>\r\n"
                    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    "List-Id: <desk.example.org>\r\nPrecedence: list\r\n\r\n");
    while (head.len + body.len < (size_t)size)
        buf_adds(&body, "The quick brown fox jumps over the lazy dog, and then it goes home to sleep.\r\n");
    b.head = buf_str(&head);
    b.body = buf_str(&body);
    b.relay = (struct transport_relay){.name = "bench",
                                       .host = argc > 6 ? "localhost" : "127.0.0.1",
                                       .port = (int)arg(argc, argv, 1, 25),
                                       .tls = argc > 6 ? TRANSPORT_TLS_STARTTLS : TRANSPORT_TLS_NONE,
                                       .ca_file = argc > 6 ? argv[6] : NULL,
                                       .ehlo_name = "bench.example.org",
                                       .messages = (int)arg(argc, argv, 5, 100)};
    atomic_store(&b.left, messages);
    if (transport_new(NULL, &b.t, &err) != OK) {
        fprintf(stderr, "%s\n", err.text);
        return err.status;
    }
    int64_t start = clock_mono_ns();
    for (long i = 0; i < threads; i++)
        pthread_create(&t[i], NULL, run, &b);
    for (long i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
    double seconds = (double)(clock_mono_ns() - start) / 1e9;
    getrusage(RUSAGE_SELF, &ru);
    double cpu =
        (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) + (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
    printf("%ld accepted, %ld other, %.3f s, %.0f messages/s, %.1f us of CPU a message (%.1f of it user), %ld KiB\n",
           atomic_load(&b.accepted), atomic_load(&b.other), seconds, (double)atomic_load(&b.accepted) / seconds,
           cpu * 1e6 / (double)messages,
           ((double)ru.ru_utime.tv_sec * 1e6 + (double)ru.ru_utime.tv_usec) / (double)messages, ru.ru_maxrss);
    transport_free(b.t);
    buf_release(&head);
    buf_release(&body);
    return atomic_load(&b.accepted) == messages ? 0 : 1;
}
