#include "sink/record.h"

#include "sink/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int log_open(const char *path) {
    if (!path)
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    return fd;
}

static void maildir_open(const char *dir) {
    static const char *const parts[] = {"", "/tmp", "/new", "/cur"};
    char path[4096];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s%s", dir, parts[i]);
        if (mkdir(path, 0700) && errno != EEXIST)
            die("%s: %s", path, strerror(errno));
    }
}

void record_open(struct record *r, const struct options *o) {
    *r = (struct record){.messages_fd = log_open(o->record),
                         .events_fd = log_open(o->events),
                         .maildir = o->maildir,
                         .bodies = o->bodies};
    if (o->maildir)
        maildir_open(o->maildir);
}

static void write_all(int fd, const struct bytes *b) {
    for (size_t at = 0; at < b->len;) {
        ssize_t n = write(fd, b->p + at, b->len - at);
        if (n < 0 && errno != EINTR)
            die("cannot write the record: %s", strerror(errno));
        if (n > 0)
            at += (size_t)n;
    }
}

void record_flush(struct record *r) {
    if (r->messages_fd >= 0)
        write_all(r->messages_fd, &r->messages);
    if (r->events_fd >= 0)
        write_all(r->events_fd, &r->events);
    r->messages.len = r->events.len = 0;
}

void record_close(struct record *r) {
    record_flush(r);
    if (r->messages_fd >= 0)
        close(r->messages_fd);
    if (r->events_fd >= 0)
        close(r->events_fd);
    free(r->messages.p);
    free(r->events.p);
    *r = (struct record){.messages_fd = -1, .events_fd = -1};
}

bool record_keeps(const struct record *r) {
    return r->maildir || r->messages_fd >= 0 || r->events_fd >= 0;
}

static void event_open(struct bytes *b, uint64_t conn, const char *name) {
    bytes_addf(b, "{\"event\":\"%s\",\"conn\":%" PRIu64 ",\"at\":%" PRId64, name, conn, base_ms(CLOCK_REALTIME));
}

void record_event(struct record *r, uint64_t conn, const char *name, const char *to, int code, const char *what) {
    struct bytes *b = &r->events;
    if (r->events_fd < 0)
        return;
    event_open(b, conn, name);
    if (to)
        bytes_member(b, "to", to);
    if (code)
        bytes_addf(b, ",\"code\":%d", code);
    if (what)
        bytes_member(b, code ? "reply" : "what", what);
    bytes_add(b, "}\n", 2);
}

void record_end(struct record *r, uint64_t conn, unsigned messages) {
    if (r->events_fd < 0)
        return;
    event_open(&r->events, conn, "close");
    bytes_addf(&r->events, ",\"messages\":%u}\n", messages);
}

static void maildir_store(const struct record *r, const struct taken *t) {
    char tmp[4096], final[4096], name[128];
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    snprintf(name, sizeof name, "%lld.M%ldP%ldQ%" PRIu64 ".sink", (long long)at.tv_sec, at.tv_nsec / 1000,
             (long)getpid(), t->queue_id);
    snprintf(tmp, sizeof tmp, "%s/tmp/%s", r->maildir, name);
    snprintf(final, sizeof final, "%s/new/%s", r->maildir, name);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        die("%s: %s", tmp, strerror(errno));
    write_all(fd, &t->message->body);
    if (close(fd) || rename(tmp, final))
        die("%s: %s", final, strerror(errno));
}

/* A JSON array of N strings that stand in LIST, each with its NUL. */
static void add_list(struct bytes *b, const char *list, unsigned n) {
    bytes_add(b, "[", 1);
    for (unsigned i = 0; i < n; i++, list += strlen(list) + 1) {
        bytes_add(b, ",", i ? 1 : 0);
        bytes_json(b, list, strlen(list), false);
    }
    bytes_add(b, "]", 1);
}

void record_message(struct record *r, const struct taken *t) {
    const struct message *m = t->message;
    struct bytes *b = &r->messages;
    char id[1024];
    unsigned char sum[SHA256_DIGEST_LENGTH];
    if (r->maildir)
        maildir_store(r, t);
    if (r->messages_fd < 0)
        return;
    bytes_addf(b, "{\"to\":");
    add_list(b, m->rcpts.p, m->nrcpts);
    bytes_addf(b, ",\"from\":");
    bytes_json(b, bytes_c(&m->sender), m->sender.len, false);
    message_id(m, id, sizeof id);
    if (id[0])
        bytes_member(b, "id", id);
    else
        bytes_addf(b, ",\"id\":null");
    EVP_Digest(bytes_c(&m->body), m->body.len, sum, NULL, EVP_sha256(), NULL);
    bytes_addf(b, ",\"size\":%zu,\"sha256\":\"", m->body.len);
    for (size_t i = 0; i < sizeof sum; i++)
        bytes_addf(b, "%02x", sum[i]);
    bytes_addf(b, "\",\"answered\":%s,\"tls\":", t->answered ? "true" : "false");
    bytes_addf(b, t->tls ? "\"%s\"" : "null", t->tls);
    bytes_addf(b, ",\"at\":%" PRId64 ",\"queue_id\":\"%" PRIX64 "\",\"conn\":%" PRIu64 ",\"nth\":%u",
               base_ms(CLOCK_REALTIME), t->queue_id, t->conn, t->nth);
    bytes_member(b, "helo", t->helo);
    bytes_addf(b, ",\"auth\":%s,\"chunked\":%s", t->authed ? "true" : "false", m->chunked ? "true" : "false");
    bytes_member(b, "mail_params", bytes_c(&m->mail_params));
    bytes_addf(b, ",\"rcpt_params\":");
    add_list(b, m->rcpt_params.p, m->nrcpts);
    if (r->bodies) {
        bytes_addf(b, ",\"data\":");
        bytes_json(b, bytes_c(&m->body), m->body.len, true);
    }
    bytes_add(b, "}\n", 2);
}
