/* smtp_sink: a scriptable SMTP server for tests. It accepts mail and records what it accepted, or refuses, defers,
 * stalls, drops and babbles as told. One thread, epoll; `smtp_sink --help` lists the options.
 *
 * What a test may rely on:
 * - A message is recorded only when its final dot (or last chunk) was seen and is about to be answered with 250, and
 *   the line stands in the file before the first byte of that 250 leaves. "answered" is false where the sink was told
 *   not to answer properly (it dropped the connection, stalled or babbled instead).
 * - Every refusal, drop, stall, TLS failure and breach of the protocol by the client is a line in --events.
 * - Faults are a function of seed, stage, address and how often that address came to that stage, so they do not
 *   depend on how connections interleave. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: smtp_sink [options]; prints \"port N\" when it listens, ends on SIGTERM with a line of totals\n"
    "  --host ADDRESS          default 127.0.0.1\n"
    "  --port N                0 (default) picks one\n"
    "what is kept\n"
    "  --record FILE           a line of JSON for each accepted message, written before its 250 is sent\n"
    "  --bodies                with the message itself as \"data\" (a byte is a character, as in latin-1)\n"
    "  --maildir DIR           each message as a file in DIR/new, exactly the bytes received\n"
    "  --events FILE           a line of JSON for each connection, refusal, drop, stall, breach of the protocol\n"
    "refusals; REPLY is \"CODE text\" (\\n in it makes it multi-line), or drop, accept-drop, stall, garbage, long\n"
    "  --rcpt PREFIX[@N]=REPLY to recipients that begin so (the first N times for each address)\n"
    "  --dot PREFIX[@N]=REPLY  the same after the final dot, by the first recipient\n"
    "  --mail [[PREFIX]@N=]REPLY to MAIL FROM (the first N times)\n"
    "  --greeting REPLY        instead of 220; 4xx and 5xx then close\n"
    "  --size N                offers SIZE N and refuses more\n"
    "  --max-connections N     at once, then 421\n"
    "  --max-messages N        a session, then 421 to MAIL\n"
    "  --close-after N         messages in a session: closes without a word\n"
    "  --max-rate N            messages a second, then 451 to MAIL\n"
    "  --faults SEED           random ones, at the probabilities that --fault NAME=P can change:\n"
    "                          ";
static const char usage2[] = "\ntime\n"
                             "  --delay MS              before each reply, as of a relay far away\n"
                             "  --stall SECONDS         how long a stall lasts (default 5)\n"
                             "  --idle SECONDS          421 after that long without a command\n"
                             "  --stop-reading[=N]      in DATA, for ever (the first N messages)\n"
                             "what is offered\n"
                             "  --helo-only             EHLO is not known\n"
                             "  --chunking              CHUNKING too; --chunking-only: without PIPELINING\n"
                             "  --no-pipelining         the same as --without PIPELINING\n"
                             "  --without KEYWORD       does not offer it; --with 'KEYWORD ...' offers one more\n"
                             "  --auth USER:PASSWORD    AUTH PLAIN LOGIN; --auth-required: 530 without\n"
                             "  --cert PEM --key PEM    STARTTLS; --implicit: TLS from the first byte\n"
                             "  --tls-min, --tls-max    1.2 or 1.3\n"
                             "  --inject                replies in clear behind the 220 of STARTTLS\n";

struct bytes {
    char *p;
    size_t len, cap;
};

enum fault {
    F_GREETING_421,
    F_GREETING_DROP,
    F_EHLO_DROP,
    F_STARTTLS_DROP,
    F_MAIL_421,
    F_MAIL_4XX,
    F_MAIL_5XX,
    F_MAIL_DROP,
    F_RCPT_421,
    F_RCPT_4XX,
    F_RCPT_5XX,
    F_RCPT_DROP,
    F_DATA_4XX,
    F_DATA_DROP,
    F_BODY_DROP,
    F_DOT_421,
    F_DOT_4XX,
    F_DOT_5XX,
    F_DOT_DROP,
    F_DOT_LOST,
    F_MULTILINE,
    F_LONG,
    F_GARBAGE,
    F_STALL,
    FAULTS
};
static const struct {
    const char *name;
    double p;
} fault_table[FAULTS] = {
    {"greeting-421", .02}, {"greeting-drop", .003}, {"ehlo-drop", .002}, {"starttls-drop", .02}, {"mail-421", .002},
    {"mail-4xx", .005},    {"mail-5xx", 0},         {"mail-drop", .003}, {"rcpt-421", .002},     {"rcpt-4xx", .02},
    {"rcpt-5xx", .005},    {"rcpt-drop", .003},     {"data-4xx", .003},  {"data-drop", .002},    {"body-drop", .003},
    {"dot-421", .002},     {"dot-4xx", .01},        {"dot-5xx", .003},   {"dot-drop", .005},     {"dot-lost", .003},
    {"multiline", .05},    {"long", .001},          {"garbage", .001},   {"stall", .0005},
};

enum act { ACT_NONE, ACT_REPLY, ACT_DROP, ACT_ACCEPT_DROP, ACT_STALL, ACT_GARBAGE, ACT_LONG };
struct rule {
    struct rule *next;
    char *text; /* owned; prefix and reply point into it */
    const char *prefix, *reply;
    size_t prefix_len;
    uint32_t times; /* 0: always */
    enum act act;
    uint64_t id;
};

enum state { ST_COMMAND, ST_AUTH, ST_DATA, ST_BDAT, ST_TLS_SOON, ST_TLS };
enum end { END_NO, END_POLITE, END_DROP }; /* after what is still to be sent */

/* Replies up to `end` may leave at `due`. */
struct segment {
    size_t end;
    int64_t due;
};

#define IN_SIZE 65536
#define MAX_WORDS 16
struct conn {
    struct conn *prev, *next, *dirty_next;
    int fd;
    uint32_t interest;
    bool dirty, dead, frozen, shut, extended, authed, by_login, eightbit, bol, cr_seen;
    enum state state;
    enum end end;
    uint64_t number;
    unsigned messages;
    SSL *ssl;
    char *in;
    size_t in_pos, in_len;
    struct bytes out;
    size_t sent;
    struct segment *segments;
    size_t nsegments, segments_cap;
    int64_t last_due, deadline, active;
    struct bytes helo, sender, mail_params, rcpts, rcpt_params, body; /* rcpts: NUL-terminated, one behind the other */
    bool have_sender, chunked, last_chunk;
    unsigned nrcpts;
    size_t size, chunk_left;
    struct bytes auth_user;
};

struct sink {
    /* options */
    const char *host, *port, *maildir, *greeting, *auth, *cert, *key;
    struct rule *rcpt, *dot, *mail;
    bool bodies, auth_required, helo_only, chunking, implicit, inject, faulty;
    long delay, stall, idle, max_messages, close_after, max_rate, max_connections, stop_reading, size, seed;
    int tls_min, tls_max;
    double p[FAULTS];
    const char *with[MAX_WORDS], *without[MAX_WORDS];
    size_t nwith, nwithout;
    /* running */
    int listener, epoll, record_fd, events_fd;
    struct bytes record, events;
    SSL_CTX *ctx;
    struct conn *conns, *dirty;
    int64_t now, next_due; /* ms, monotonic */
    int64_t rate_from, rate_count;
    uint64_t connections, messages, total_bytes, queue_ids;
    unsigned open, most;
    uint64_t *keys; /* tally: open addressing, 0 is free */
    uint32_t *counts;
    size_t tally_cap, tally_len;
};

static volatile sig_atomic_t stop;
static void on_signal(int sig) {
    (void)sig;
    stop = 1;
}

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    fputs("smtp_sink: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static void *grow(void *p, size_t n) {
    p = realloc(p, n);
    if (!p)
        die("out of memory");
    return p;
}

static void bytes_add(struct bytes *b, const void *p, size_t n) {
    if (b->len + n + 1 > b->cap) {
        b->cap = (b->len + n + 1) * 2 + 128;
        b->p = grow(b->p, b->cap);
    }
    if (n)
        memcpy(b->p + b->len, p, n);
    b->len += n;
    b->p[b->len] = 0;
}

static void bytes_set(struct bytes *b, const char *s) {
    b->len = 0;
    bytes_add(b, s, strlen(s));
}

static void __attribute__((format(printf, 2, 3))) bytes_addf(struct bytes *b, const char *fmt, ...) {
    char text[8192];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bytes_add(b, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static const char *bytes_c(const struct bytes *b) {
    return b->len ? b->p : "";
}

static bool is_utf8(const char *s, size_t n) {
    const unsigned char *p = (const unsigned char *)s, *e = p + n;
    while (p < e) {
        int more = *p < 0x80                 ? 0
                   : *p >= 0xc2 && *p < 0xe0 ? 1
                   : *p >= 0xe0 && *p < 0xf0 ? 2
                   : *p >= 0xf0 && *p < 0xf5 ? 3
                                             : -1;
        if (more < 0 || e - p <= more)
            return false;
        for (p++; more; more--, p++)
            if ((*p & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* A JSON string: UTF-8 as it is, or else (and for RAW, which message bodies are) a character a byte. */
static void json_add(struct bytes *b, const char *s, size_t n, bool raw) {
    bool keep = !raw && is_utf8(s, n);
    bytes_add(b, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c < 0x7f)
            continue;
        if (c >= 0x80 && keep)
            continue;
        bytes_add(b, s + from, i - from);
        from = i + 1;
        if (c == '\r' || c == '\n')
            bytes_add(b, c == '\r' ? "\\r" : "\\n", 2);
        else
            bytes_addf(b, "\\u%04x", c);
    }
    bytes_add(b, s + from, n - from);
    bytes_add(b, "\"", 1);
}

static void json_member(struct bytes *b, const char *name, const char *value) {
    bytes_addf(b, ",\"%s\":", name);
    json_add(b, value, strlen(value), false);
}

static int64_t clock_ms(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- chance ---- */

static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t hash(uint64_t seed, const char *s) {
    uint64_t h = seed ^ 0xcbf29ce484222325u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return mix(h);
}

/* How often KEY was asked for before. */
static uint32_t tally(struct sink *s, uint64_t key) {
    if (!key)
        key = 1;
    if (s->tally_len * 2 >= s->tally_cap) {
        size_t old = s->tally_cap, cap = old ? old * 2 : 1024;
        uint64_t *keys = calloc(cap, sizeof *keys);
        uint32_t *counts = calloc(cap, sizeof *counts);
        if (!keys || !counts)
            die("out of memory");
        for (size_t i = 0; i < old; i++) {
            if (!s->keys[i])
                continue;
            size_t at = s->keys[i] & (cap - 1);
            while (keys[at])
                at = (at + 1) & (cap - 1);
            keys[at] = s->keys[i];
            counts[at] = s->counts[i];
        }
        free(s->keys);
        free(s->counts);
        s->keys = keys;
        s->counts = counts;
        s->tally_cap = cap;
    }
    size_t at = key & (s->tally_cap - 1);
    while (s->keys[at] && s->keys[at] != key)
        at = (at + 1) & (s->tally_cap - 1);
    if (!s->keys[at]) {
        s->keys[at] = key;
        s->tally_len++;
    }
    return s->counts[at]++;
}

static bool odd(struct sink *s, enum fault f, const char *who) {
    if (!s->faulty || s->p[f] <= 0)
        return false;
    uint64_t key = hash(mix((uint64_t)s->seed * 64 + f), who);
    return (double)(mix(key + tally(s, key)) >> 11) / 9007199254740992.0 < s->p[f];
}

/* The rule for WHO, if one applies now. */
static const struct rule *rule_for(struct sink *s, const struct rule *rules, const char *who, bool by_who) {
    for (const struct rule *r = rules; r; r = r->next)
        if (!strncasecmp(who, r->prefix, r->prefix_len) &&
            (!r->times || tally(s, hash(r->id, by_who ? who : "")) < r->times))
            return r;
    return NULL;
}

/* ---- what is written down ---- */

static void event_open(struct sink *s, const struct conn *c, const char *name) {
    bytes_addf(&s->events, "{\"event\":\"%s\",\"conn\":%" PRIu64 ",\"at\":%" PRId64, name, c->number,
               clock_ms(CLOCK_REALTIME));
}

static void event_close(struct sink *s) {
    bytes_add(&s->events, "}\n", 2);
}

/* A line in --events; TO, WHAT may be NULL, CODE 0. */
static void event(struct sink *s, const struct conn *c, const char *name, const char *to, int code, const char *what) {
    if (s->events_fd < 0)
        return;
    event_open(s, c, name);
    if (to)
        json_member(&s->events, "to", to);
    if (code)
        bytes_addf(&s->events, ",\"code\":%d", code);
    if (what)
        json_member(&s->events, code ? "reply" : "what", what);
    event_close(s);
}

static void violation(struct sink *s, const struct conn *c, const char *what) {
    event(s, c, "violation", c->rcpts.len ? c->rcpts.p : NULL, 0, what);
}

static void log_write(int fd, struct bytes *b) {
    for (size_t at = 0; at < b->len;) {
        ssize_t n = write(fd, b->p + at, b->len - at);
        if (n < 0 && errno != EINTR)
            die("cannot write the record: %s", strerror(errno));
        if (n > 0)
            at += (size_t)n;
    }
    b->len = 0;
}

static void maildir_store(struct sink *s, const struct conn *c) {
    char tmp[4096], final[4096], name[128];
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    snprintf(name, sizeof name, "%lld.M%ldP%ldQ%" PRIu64 ".sink", (long long)t.tv_sec, t.tv_nsec / 1000, (long)getpid(),
             s->queue_ids);
    snprintf(tmp, sizeof tmp, "%s/tmp/%s", s->maildir, name);
    snprintf(final, sizeof final, "%s/new/%s", s->maildir, name);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        die("%s: %s", tmp, strerror(errno));
    struct bytes b = c->body;
    log_write(fd, &b);
    if (close(fd) || rename(tmp, final))
        die("%s: %s", final, strerror(errno));
}

/* The value of Message-ID in the header, "" when there is none. */
static void find_id(const struct bytes *body, char *id, size_t size) {
    const char *p = body->p, *e = p + body->len;
    size_t n = 0;
    while (p && p < e && *p != '\r' && *p != '\n') {
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

static void record_message(struct sink *s, const struct conn *c, bool answered) {
    if (s->maildir)
        maildir_store(s, c);
    if (s->record_fd < 0)
        return;
    struct bytes *b = &s->record;
    char id[1024];
    unsigned char sum[SHA256_DIGEST_LENGTH];
    const char *to = c->rcpts.p, *params = c->rcpt_params.p;
    bytes_addf(b, "{\"to\":[");
    for (unsigned i = 0; i < c->nrcpts; i++, to += strlen(to) + 1) {
        bytes_add(b, ",", i ? 1 : 0);
        json_add(b, to, strlen(to), false);
    }
    bytes_addf(b, "],\"from\":");
    json_add(b, bytes_c(&c->sender), c->sender.len, false);
    find_id(&c->body, id, sizeof id);
    if (id[0])
        json_member(b, "id", id);
    else
        bytes_addf(b, ",\"id\":null");
    EVP_Digest(bytes_c(&c->body), c->body.len, sum, NULL, EVP_sha256(), NULL);
    bytes_addf(b, ",\"size\":%zu,\"sha256\":\"", c->body.len);
    for (size_t i = 0; i < sizeof sum; i++)
        bytes_addf(b, "%02x", sum[i]);
    bytes_addf(b, "\",\"answered\":%s,\"tls\":", answered ? "true" : "false");
    bytes_addf(b, c->ssl ? "\"%s\"" : "null", c->ssl ? SSL_get_version(c->ssl) : "");
    bytes_addf(b, ",\"at\":%" PRId64 ",\"queue_id\":\"%" PRIX64 "\",\"conn\":%" PRIu64 ",\"nth\":%u",
               clock_ms(CLOCK_REALTIME), s->queue_ids, c->number, c->messages);
    json_member(b, "helo", bytes_c(&c->helo));
    bytes_addf(b, ",\"auth\":%s,\"chunked\":%s", c->authed ? "true" : "false", c->chunked ? "true" : "false");
    json_member(b, "mail_params", bytes_c(&c->mail_params));
    bytes_addf(b, ",\"rcpt_params\":[");
    for (unsigned i = 0; i < c->nrcpts; i++, params += strlen(params) + 1) {
        bytes_add(b, ",", i ? 1 : 0);
        json_add(b, params, strlen(params), false);
    }
    bytes_add(b, "]", 1);
    if (s->bodies) {
        bytes_addf(b, ",\"data\":");
        json_add(b, bytes_c(&c->body), c->body.len, true);
    }
    bytes_add(b, "}\n", 2);
}

/* What a client may not do to a message: RFC 5321 2.3.8, 4.5.3.1.6, RFC 6152. */
static void inspect(struct sink *s, const struct conn *c) {
    const char *p = c->body.p;
    size_t line = 0;
    bool bare = false, eight = false, nul = false, long_line = false;
    for (size_t i = 0; i < c->body.len; i++) {
        line++;
        if (p[i] == '\n') {
            bare |= !i || p[i - 1] != '\r';
            long_line |= line > 1000;
            line = 0;
        }
        bare |= p[i] == '\r' && (i + 1 == c->body.len || p[i + 1] != '\n');
        eight |= (unsigned char)p[i] >= 0x80;
        nul |= !p[i];
    }
    if (bare)
        violation(s, c, "a CR or LF alone in the message");
    if (long_line)
        violation(s, c, "a line over 998 bytes in the message");
    if (nul)
        violation(s, c, "a NUL in the message");
    if (eight && !c->eightbit)
        violation(s, c, "bytes above 127 without BODY=8BITMIME");
    if (c->body.len && (c->body.len < 2 || memcmp(p + c->body.len - 2, "\r\n", 2)))
        violation(s, c, "the message does not end in CRLF");
}

/* ---- replies ---- */

static void wake_at(struct sink *s, int64_t when) {
    if (when < s->next_due)
        s->next_due = when;
}

static void mark_dirty(struct sink *s, struct conn *c) {
    if (c->dirty)
        return;
    c->dirty = true;
    c->dirty_next = s->dirty;
    s->dirty = c;
}

static void send_raw(struct sink *s, struct conn *c, const char *p, size_t n, int64_t wait) {
    bytes_add(&c->out, p, n);
    mark_dirty(s, c);
    if (!wait && !c->nsegments)
        return;
    int64_t due = s->now + wait;
    if (due < c->last_due)
        due = c->last_due;
    c->last_due = due;
    if (c->nsegments == c->segments_cap)
        c->segments = grow(c->segments, (c->segments_cap += 16) * sizeof *c->segments);
    c->segments[c->nsegments++] = (struct segment){c->out.len, due};
    wake_at(s, due);
}

/* Sends REPLY ("CODE text", "\n" or a literal backslash-n between its lines). */
static void send_reply(struct sink *s, struct conn *c, const char *reply, int64_t wait) {
    char line[8192];
    const char *text = strlen(reply) > 4 ? reply + 4 : "";
    for (;;) {
        const char *end = strstr(text, "\\n");
        int n = snprintf(line, sizeof line, "%.3s%s%.*s\r\n", reply,
                         end     ? "-"
                         : *text ? " "
                                 : "",
                         (int)(end ? end - text : (long)strlen(text)), text);
        if (n > 0)
            send_raw(s, c, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1, wait);
        if (!end)
            return;
        text = end + 2;
    }
}

static void send_garbage(struct sink *s, struct conn *c) {
    static const char *const babble[] = {
        "\r\n", "hello\r\n", "25\r\n", "999999 nonsense\r\n", "2x0 ok\r\n", "\x16\x03\x01\xff\xfe\r\n"};
    const char *b = babble[mix((uint64_t)s->seed + c->number + s->messages) % (sizeof babble / sizeof *babble)];
    send_raw(s, c, b, strlen(b), s->delay);
}

static void send_long(struct sink *s, struct conn *c, const char *reply) {
    char line[5200];
    int n = snprintf(line, sizeof line, "%s ", reply);
    if (n < 0 || n > 1000)
        n = 0;
    memset(line + n, 'x', 5000 - (size_t)n);
    memcpy(line + 5000, "\r\n", 2);
    send_raw(s, c, line, 5002, s->delay);
}

static void close_politely(struct conn *c) {
    if (c->end == END_NO)
        c->end = END_POLITE;
}

static void drop(struct sink *s, struct conn *c, const char *where, const char *to) {
    event(s, c, "drop", to, 0, where);
    c->end = END_DROP;
    mark_dirty(s, c);
}

/* The usual reply: in clear weather as it is, with faults at times in another shape. Says whether a client that knows
 * the protocol got the reply. */
static bool say(struct sink *s, struct conn *c, const char *reply) {
    const char *who = c->rcpts.len ? c->rcpts.p : bytes_c(&c->sender);
    if (s->faulty && odd(s, F_GARBAGE, who)) {
        event(s, c, "garbage", who, 0, reply);
        send_garbage(s, c);
        return false;
    }
    if (s->faulty && odd(s, F_LONG, who)) {
        event(s, c, "long", who, 0, reply);
        send_long(s, c, reply);
        return false;
    }
    if (s->faulty && odd(s, F_STALL, who)) {
        event(s, c, "stall", who, 0, reply);
        send_reply(s, c, reply, s->stall * 1000);
        return false;
    }
    if (s->faulty && strlen(reply) > 4 && !strstr(reply, "\\n") && reply[0] == '2' && odd(s, F_MULTILINE, who)) {
        char twice[1024];
        snprintf(twice, sizeof twice, "%s\\n%s", reply, reply + 4);
        send_reply(s, c, twice, s->delay);
    } else {
        send_reply(s, c, reply, s->delay);
    }
    return true;
}

/* Refuses at STAGE, which becomes the event's name; 421 closes. */
static void refuse(struct sink *s, struct conn *c, const char *stage, const char *to, const char *reply) {
    int code = atoi(reply);
    event(s, c, stage, to, code, reply);
    send_reply(s, c, reply, s->delay);
    if (code == 421)
        close_politely(c);
}

/* Does what rule R says at STAGE; true when that was all, false when the stage goes on as usual. */
static bool apply(struct sink *s, struct conn *c, const struct rule *r, const char *stage, const char *to) {
    switch (r ? r->act : ACT_NONE) {
    case ACT_REPLY:
        if (r->reply[0] == '2') {
            send_reply(s, c, r->reply, s->delay);
            return false;
        }
        refuse(s, c, stage, to, r->reply);
        return true;
    case ACT_DROP:
        drop(s, c, stage, to);
        return true;
    case ACT_GARBAGE:
        event(s, c, "garbage", to, 0, stage);
        send_garbage(s, c);
        return true;
    case ACT_LONG:
        event(s, c, "long", to, 0, stage);
        send_long(s, c, "250 2.0.0 ok");
        return false;
    case ACT_STALL:
        event(s, c, "stall", to, 0, stage);
        send_raw(s, c, "", 0, s->stall * 1000);
        return false;
    case ACT_ACCEPT_DROP:
    case ACT_NONE:
        break;
    }
    return false;
}

/* Whether rule R has sent the reply to what is nevertheless accepted. */
static bool replied(const struct rule *r) {
    return r && (r->act == ACT_REPLY || r->act == ACT_LONG);
}

/* ---- a session ---- */

static void reset(struct conn *c) {
    c->have_sender = c->eightbit = c->chunked = c->last_chunk = false;
    c->nrcpts = 0;
    c->sender.len = c->mail_params.len = c->rcpts.len = c->rcpt_params.len = c->body.len = c->size = 0;
    if (c->body.cap > 1 << 20) {
        free(c->body.p);
        c->body = (struct bytes){0};
    }
}

static void greet(struct sink *s, struct conn *c) {
    char who[32];
    snprintf(who, sizeof who, "#%" PRIu64, c->number);
    if (s->max_connections && s->open > s->max_connections)
        refuse(s, c, "greeting", NULL, "421 4.7.0 too many connections");
    else if (s->greeting && !strcmp(s->greeting, "drop"))
        drop(s, c, "greeting", NULL);
    else if (s->greeting && s->greeting[0] != '2') {
        refuse(s, c, "greeting", NULL, s->greeting);
        close_politely(c);
    } else if (odd(s, F_GREETING_421, who))
        refuse(s, c, "greeting", NULL, "421 4.3.2 busy");
    else if (odd(s, F_GREETING_DROP, who))
        drop(s, c, "greeting", NULL);
    else
        send_reply(s, c, s->greeting ? s->greeting : "220 sink.example.org ESMTP", s->delay);
}

static bool offers(const struct sink *s, const char *keyword) {
    for (size_t i = 0; i < s->nwithout; i++)
        if (!strcasecmp(s->without[i], keyword))
            return false;
    return true;
}

static void do_ehlo(struct sink *s, struct conn *c) {
    char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "250-sink.example.org");
    static const char *const usual[] = {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8"};
#define OFFER(...)                                                                                                     \
    if (n < sizeof text)                                                                                               \
    n += (size_t)snprintf(text + n, sizeof text - n, "\\n" __VA_ARGS__)
    text[3] = ' ';
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (offers(s, usual[i])) {
            OFFER("%s", usual[i]);
        }
    if (offers(s, "SIZE")) {
        OFFER("SIZE %ld", s->size);
    }
    if (s->chunking) {
        OFFER("CHUNKING");
    }
    if (s->auth) {
        OFFER("AUTH PLAIN LOGIN");
    }
    if (s->ctx && !c->ssl) {
        OFFER("STARTTLS");
    }
    for (size_t i = 0; i < s->nwith; i++) {
        OFFER("%s", s->with[i]);
    }
    send_reply(s, c, text, s->delay);
}

/* "<path> params" behind MAIL FROM: or RCPT TO:; the path without brackets. False when there is none. */
static bool parse_path(const char *p, struct bytes *path, struct bytes *params) {
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

static void do_mail(struct sink *s, struct conn *c, const char *arg) {
    if (c->have_sender) {
        violation(s, c, "MAIL within a transaction");
        send_reply(s, c, "503 5.5.1 a transaction is open", s->delay);
        return;
    }
    reset(c);
    if (!c->helo.len)
        violation(s, c, "MAIL before EHLO");
    if (!parse_path(arg, &c->sender, &c->mail_params)) {
        violation(s, c, "MAIL FROM without <path>");
        send_reply(s, c, "501 5.5.4 MAIL FROM:<address>", s->delay);
        return;
    }
    const char *who = bytes_c(&c->sender), *size = strcasestr(bytes_c(&c->mail_params), "SIZE=");
    const struct rule *r = rule_for(s, s->mail, who, false);
    if (apply(s, c, r, "mail", NULL))
        return;
    if (s->auth_required && !c->authed)
        return refuse(s, c, "mail", NULL, "530 5.7.0 authentication required");
    if (s->max_messages && c->messages >= s->max_messages)
        return refuse(s, c, "mail", NULL, "421 4.7.0 too many messages in this session");
    if (s->max_rate) {
        if (s->now - s->rate_from >= 1000) {
            s->rate_from = s->now;
            s->rate_count = 0;
        }
        if (++s->rate_count > s->max_rate)
            return refuse(s, c, "mail", NULL, "451 4.7.1 too fast, try later");
    }
    if (s->size && size && strtol(size + 5, NULL, 10) > s->size)
        return refuse(s, c, "mail", NULL, "552 5.3.4 message too big");
    if (odd(s, F_MAIL_421, who))
        return refuse(s, c, "mail", NULL, "421 4.3.2 going down");
    if (odd(s, F_MAIL_4XX, who))
        return refuse(s, c, "mail", NULL, "451 4.3.0 try later");
    if (odd(s, F_MAIL_5XX, who))
        return refuse(s, c, "mail", NULL, "550 5.7.1 sender refused");
    if (odd(s, F_MAIL_DROP, who))
        return drop(s, c, "mail", NULL);
    c->have_sender = true;
    c->eightbit = strcasestr(bytes_c(&c->mail_params), "BODY=8BITMIME") != NULL;
    if (!replied(r))
        say(s, c, "250 2.1.0 ok");
}

static void do_rcpt(struct sink *s, struct conn *c, const char *arg) {
    size_t at = c->rcpts.len, params = c->rcpt_params.len;
    if (!c->have_sender) {
        send_reply(s, c, "503 5.5.1 MAIL first", s->delay);
        return;
    }
    if (!parse_path(arg, &c->rcpts, &c->rcpt_params)) {
        violation(s, c, "RCPT TO without <path>");
        send_reply(s, c, "501 5.5.4 RCPT TO:<address>", s->delay);
        return;
    }
    const char *to = c->rcpts.p + at;
    const struct rule *r = rule_for(s, s->rcpt, to, true);
    bool refused = true;
    if (apply(s, c, r, "rcpt", to))
        ;
    else if (c->nrcpts >= 1000)
        refuse(s, c, "rcpt", to, "452 4.5.3 too many recipients");
    else if (odd(s, F_RCPT_421, to))
        refuse(s, c, "rcpt", to, "421 4.3.2 going down");
    else if (odd(s, F_RCPT_4XX, to))
        refuse(s, c, "rcpt", to, "450 4.2.0 greylisted");
    else if (odd(s, F_RCPT_5XX, to))
        refuse(s, c, "rcpt", to, "550 5.1.1 no such user here");
    else if (odd(s, F_RCPT_DROP, to))
        drop(s, c, "rcpt", to);
    else
        refused = false;
    if (refused) {
        c->rcpts.len = at;
        c->rcpt_params.len = params;
        return;
    }
    bytes_add(&c->rcpts, "", 1);
    bytes_add(&c->rcpt_params, "", 1);
    c->nrcpts++;
    if (!replied(r))
        say(s, c, "250 2.1.5 ok");
}

/* The dot or the last chunk was seen. */
static void finish_message(struct sink *s, struct conn *c) {
    const char *to = c->rcpts.p;
    const struct rule *r = rule_for(s, s->dot, to, true);
    char reply[128];
    bool lost = r && r->act == ACT_ACCEPT_DROP, answered = true, done = true;
    c->state = ST_COMMAND;
    if (s->events_fd >= 0)
        inspect(s, c);
    if (r && r->act != ACT_STALL && apply(s, c, r, "dot", to))
        ;
    else if (s->size && c->size > (size_t)s->size)
        refuse(s, c, "dot", to, "552 5.3.4 message too big");
    else if (odd(s, F_DOT_DROP, to))
        drop(s, c, "dot", to);
    else if (odd(s, F_DOT_421, to))
        refuse(s, c, "dot", to, "421 4.3.2 going down");
    else if (odd(s, F_DOT_4XX, to))
        refuse(s, c, "dot", to, "451 4.3.0 try later");
    else if (odd(s, F_DOT_5XX, to))
        refuse(s, c, "dot", to, "554 5.6.0 content refused");
    else
        done = false;
    if (!done) {
        s->messages++;
        s->queue_ids++;
        s->total_bytes += c->size;
        c->messages++;
        snprintf(reply, sizeof reply, "250 2.0.0 Ok: queued as %" PRIX64, s->queue_ids);
        if (r && r->act == ACT_STALL) {
            apply(s, c, r, "dot", to);
            answered = false;
        }
        if (lost || odd(s, F_DOT_LOST, to)) {
            drop(s, c, "accepted", to);
            answered = false;
        } else if (replied(r)) {
            answered = r->act == ACT_REPLY;
        } else {
            answered &= say(s, c, reply);
        }
        record_message(s, c, answered);
        if (s->close_after && c->messages >= s->close_after && c->end == END_NO)
            drop(s, c, "close-after", NULL);
    }
    reset(c);
}

static void do_data(struct sink *s, struct conn *c) {
    if (!c->nrcpts)
        return send_reply(s, c, c->have_sender ? "554 5.5.1 no valid recipients" : "503 5.5.1 MAIL first", s->delay);
    if (odd(s, F_DATA_4XX, c->rcpts.p))
        return refuse(s, c, "data", c->rcpts.p, "451 4.3.0 try later");
    if (odd(s, F_DATA_DROP, c->rcpts.p))
        return drop(s, c, "data", c->rcpts.p);
    c->state = ST_DATA;
    c->bol = true;
    c->cr_seen = false;
    send_reply(s, c, "354 go on", s->delay);
    if (s->stop_reading > 0) {
        s->stop_reading--;
        event(s, c, "stop-reading", c->rcpts.p, 0, NULL);
        c->frozen = true;
    }
}

static void do_bdat(struct sink *s, struct conn *c, const char *arg) {
    char *end;
    if (!s->chunking) {
        violation(s, c, "BDAT without CHUNKING");
        send_reply(s, c, "502 5.5.1 no CHUNKING here", s->delay);
        return;
    }
    c->chunk_left = strtoull(arg, &end, 10);
    c->last_chunk = strcasestr(end, "LAST") != NULL;
    c->chunked = true;
    c->state = ST_BDAT;
}

static bool auth_matches(const struct sink *s, const char *user, size_t user_len, const char *pass, size_t pass_len) {
    const char *colon = strchr(s->auth, ':');
    return colon && (size_t)(colon - s->auth) == user_len && !memcmp(s->auth, user, user_len) &&
           strlen(colon + 1) == pass_len && !memcmp(colon + 1, pass, pass_len);
}

static void auth_done(struct sink *s, struct conn *c, bool ok) {
    c->state = ST_COMMAND;
    c->authed = ok;
    event(s, c, "auth", NULL, 0, ok ? "accepted" : "refused");
    send_reply(s, c, ok ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password", s->delay);
}

static size_t unbase64(const char *text, char *out, size_t size) {
    size_t n = strlen(text);
    if (!n || n % 4 || n / 4 * 3 >= size)
        return 0;
    int len = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)n);
    if (len <= 0)
        return 0;
    len -= (text[n - 1] == '=') + (text[n - 2] == '=');
    out[len] = 0;
    return (size_t)len;
}

/* A line of AUTH, the first one's initial response included. */
static void auth_step(struct sink *s, struct conn *c, const char *text) {
    char got[1024] = "";
    size_t n = unbase64(text, got, sizeof got);
    if (!strcmp(text, "*")) {
        c->state = ST_COMMAND;
        send_reply(s, c, "501 5.7.0 cancelled", s->delay);
    } else if (!c->by_login) { /* PLAIN: authzid NUL user NUL password */
        const char *user = memchr(got, 0, n), *pass = user ? memchr(user + 1, 0, (size_t)(got + n - user - 1)) : NULL;
        auth_done(s, c,
                  pass && auth_matches(s, user + 1, (size_t)(pass - user - 1), pass + 1, (size_t)(got + n - pass - 1)));
    } else if (!c->auth_user.len) {
        bytes_add(&c->auth_user, n ? got : "?", n ? n : 1);
        send_reply(s, c, "334 UGFzc3dvcmQ6", s->delay);
    } else {
        auth_done(s, c, auth_matches(s, c->auth_user.p, c->auth_user.len, got, n));
        c->auth_user.len = 0;
    }
}

static void do_auth(struct sink *s, struct conn *c, const char *arg) {
    if (!s->auth)
        return send_reply(s, c, "502 5.5.1 no AUTH here", s->delay);
    c->by_login = !strncasecmp(arg, "LOGIN", 5);
    if (!c->by_login && strncasecmp(arg, "PLAIN", 5))
        return send_reply(s, c, "504 5.5.4 PLAIN or LOGIN", s->delay);
    c->state = ST_AUTH;
    c->auth_user.len = 0;
    if (arg[5] == ' ')
        auth_step(s, c, arg + 6);
    else
        send_reply(s, c, c->by_login ? "334 VXNlcm5hbWU6" : "334 ", s->delay);
}

static void do_starttls(struct sink *s, struct conn *c, bool more) {
    char who[32];
    snprintf(who, sizeof who, "#%" PRIu64, c->number);
    if (!s->ctx || c->ssl)
        return send_reply(s, c, "503 5.5.1 no STARTTLS now", s->delay);
    if (more)
        violation(s, c, "bytes in clear behind STARTTLS");
    c->in_pos = c->in_len = 0;
    if (odd(s, F_STARTTLS_DROP, who))
        return drop(s, c, "starttls", NULL);
    send_reply(s, c, "220 2.0.0 go on", s->delay);
    if (s->inject) {
        static const char ehlo[] = "250-sink.example.org\r\n250 PIPELINING\r\n";
        static const char more_replies[] = "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 Ok: queued as 0\r\n";
        send_raw(s, c, ehlo, sizeof ehlo - 1, s->delay);
        for (int i = 0; i < 50; i++)
            send_raw(s, c, more_replies, sizeof more_replies - 1, s->delay);
        event(s, c, "inject", NULL, 0, NULL);
    }
    c->state = ST_TLS_SOON;
    c->extended = false;
    c->helo.len = 0;
    reset(c);
}

static void command(struct sink *s, struct conn *c, char *line, size_t len, bool more) {
    static const char last_in_group[] = " EHLO HELO DATA VRFY EXPN QUIT NOOP STAR AUTH ";
    char verb[5] = "", key[8];
    if (len > 510)
        violation(s, c, "a command line over 512 bytes");
    if (memchr(line, 0, len))
        violation(s, c, "a NUL in a command");
    snprintf(verb, sizeof verb, "%.4s", line);
    snprintf(key, sizeof key, " %s ", verb);
    if (more && strcasecmp(verb, "BDAT") &&
        (!offers(s, "PIPELINING") || !c->extended || strcasestr(last_in_group, key)))
        violation(s, c, "did not wait for a reply");
    const char *arg = strchr(line, ' ');
    arg = arg ? arg + 1 : "";
    if (!strncasecmp(line, "MAIL FROM:", 10))
        do_mail(s, c, line + 10);
    else if (!strncasecmp(line, "RCPT TO:", 8))
        do_rcpt(s, c, line + 8);
    else if (!strcasecmp(line, "DATA"))
        do_data(s, c);
    else if (!strcasecmp(verb, "BDAT"))
        do_bdat(s, c, arg);
    else if (!strcasecmp(verb, "EHLO") || !strcasecmp(verb, "HELO")) {
        c->extended = !strcasecmp(verb, "EHLO");
        if (c->extended && s->helo_only)
            return send_reply(s, c, "502 5.5.1 what is EHLO?", s->delay);
        reset(c);
        if (!*arg || !strcasecmp(arg, "localhost"))
            violation(s, c, "EHLO with no name of its own");
        bytes_set(&c->helo, *arg ? arg : "?");
        if (odd(s, F_EHLO_DROP, arg))
            return drop(s, c, "ehlo", NULL);
        if (c->extended)
            do_ehlo(s, c);
        else
            send_reply(s, c, "250 sink.example.org", s->delay);
    } else if (!strcasecmp(line, "STARTTLS"))
        do_starttls(s, c, more);
    else if (!strcasecmp(verb, "AUTH"))
        do_auth(s, c, arg);
    else if (!strcasecmp(verb, "RSET")) {
        reset(c);
        send_reply(s, c, "250 2.0.0 ok", s->delay);
    } else if (!strcasecmp(verb, "NOOP"))
        send_reply(s, c, "250 2.0.0 ok", s->delay);
    else if (!strcasecmp(verb, "VRFY"))
        send_reply(s, c, "252 2.5.0 send some mail, I'll try my best", s->delay);
    else if (!strcasecmp(verb, "HELP"))
        send_reply(s, c, "214 2.0.0 see RFC 5321", s->delay);
    else if (!strcasecmp(verb, "QUIT")) {
        send_reply(s, c, "221 2.0.0 bye", s->delay);
        c->end = more ? END_POLITE : END_DROP;
    } else {
        violation(s, c, "an unknown command");
        send_reply(s, c, "502 5.5.2 what?", s->delay);
    }
}

/* Takes the bytes of a message up to the dot; true when more input may be looked at. */
static bool take_data(struct sink *s, struct conn *c) {
    bool keep = s->maildir || s->record_fd >= 0 || s->events_fd >= 0;
    while (c->in_pos < c->in_len) {
        char *p = c->in + c->in_pos, *e = c->in + c->in_len, *nl = memchr(p, '\n', (size_t)(e - p));
        size_t n = (size_t)(nl ? nl + 1 - p : e - p);
        if (c->bol && *p == '.') {
            if (!nl && n < 3)
                return false; /* may be the end: wait for the rest of the line */
            if (n == 3 && p[1] == '\r' && nl) {
                c->in_pos += 3;
                finish_message(s, c);
                return true;
            }
            p++;
            n--;
            c->in_pos++;
        }
        if (keep && n)
            bytes_add(&c->body, p, n);
        c->size += n;
        c->in_pos += n;
        /* a line ends with CRLF and nothing else, or a dot behind a bare LF would be taken for the end */
        c->bol = nl && (n > 1 ? nl[-1] == '\r' : c->cr_seen);
        c->cr_seen = n && p[n - 1] == '\r';
        if (s->faulty && c->size == n && odd(s, F_BODY_DROP, c->rcpts.p)) {
            drop(s, c, "body", c->rcpts.p);
            return false;
        }
    }
    return false;
}

static bool take_chunk(struct sink *s, struct conn *c) {
    size_t n = c->in_len - c->in_pos;
    if (n > c->chunk_left)
        n = c->chunk_left;
    if (c->nrcpts)
        bytes_add(&c->body, c->in + c->in_pos, n);
    c->size += n;
    c->in_pos += n;
    c->chunk_left -= n;
    if (c->chunk_left)
        return false;
    c->state = ST_COMMAND;
    if (!c->nrcpts) {
        send_reply(s, c, "503 5.5.1 no valid recipients", s->delay);
        if (c->last_chunk)
            reset(c);
    } else if (c->last_chunk) {
        finish_message(s, c);
    } else {
        send_reply(s, c, "250 2.0.0 so far", s->delay);
    }
    return true;
}

static void process(struct sink *s, struct conn *c) {
    bool more = true;
    while (more && c->end == END_NO && !c->frozen && !c->dead && c->state < ST_TLS_SOON) {
        if (c->state == ST_DATA) {
            more = take_data(s, c);
            continue;
        }
        if (c->state == ST_BDAT) {
            more = take_chunk(s, c);
            continue;
        }
        char *p = c->in + c->in_pos, *nl = memchr(p, '\n', c->in_len - c->in_pos);
        if (!nl) {
            if (c->in_len - c->in_pos == IN_SIZE) {
                violation(s, c, "a command line without end");
                send_reply(s, c, "500 5.5.2 line too long", s->delay);
                close_politely(c);
            }
            break;
        }
        size_t n = (size_t)(nl - p);
        c->in_pos += n + 1;
        if (n && p[n - 1] == '\r')
            p[--n] = 0;
        else
            violation(s, c, "a command that ends in LF alone");
        p[n] = 0;
        if (c->state == ST_AUTH)
            auth_step(s, c, p);
        else
            command(s, c, p, n, c->in_pos < c->in_len);
    }
    if (c->in_pos) {
        memmove(c->in, c->in + c->in_pos, c->in_len - c->in_pos);
        c->in_len -= c->in_pos;
        c->in_pos = 0;
    }
}

/* ---- connections ---- */

static void want(struct sink *s, struct conn *c, uint32_t events) {
    if (c->interest == events)
        return;
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &e);
    c->interest = events;
}

static void conn_free(struct sink *s, struct conn *c) {
    if (s->events_fd >= 0) {
        event_open(s, c, "close");
        bytes_addf(&s->events, ",\"messages\":%u", c->messages);
        event_close(s);
    }
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    SSL_free(c->ssl);
    close(c->fd);
    struct bytes *all[] = {&c->out,   &c->helo,        &c->sender, &c->mail_params,
                           &c->rcpts, &c->rcpt_params, &c->body,   &c->auth_user};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->p);
    free(c->segments);
    free(c->in);
    free(c);
    s->open--;
}

static void accept_all(struct sink *s) {
    for (;;) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct conn *c = calloc(1, sizeof *c);
        if (!c)
            die("out of memory");
        c->in = grow(NULL, IN_SIZE);
        c->fd = fd;
        c->number = ++s->connections;
        c->active = s->now;
        c->next = s->conns;
        if (s->conns)
            s->conns->prev = c;
        s->conns = c;
        if (++s->open > s->most)
            s->most = s->open;
        struct epoll_event e = {.events = c->interest = EPOLLIN, .data.ptr = c};
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e);
        event(s, c, "connect", NULL, 0, NULL);
        if (s->implicit)
            c->state = ST_TLS_SOON;
        else
            greet(s, c);
        mark_dirty(s, c);
        if (s->idle)
            wake_at(s, s->now + s->idle * 1000);
    }
}

static void tls_step(struct sink *s, struct conn *c) {
    char why[256];
    if (c->state == ST_TLS_SOON) {
        c->ssl = SSL_new(s->ctx);
        if (!c->ssl || !SSL_set_fd(c->ssl, c->fd))
            die("out of memory");
        SSL_set_accept_state(c->ssl);
        c->state = ST_TLS;
    }
    ERR_clear_error();
    int n = SSL_accept(c->ssl), e = n > 0 ? 0 : SSL_get_error(c->ssl, n);
    if (n > 0) {
        c->state = ST_COMMAND;
        want(s, c, EPOLLIN);
        if (s->inject) {
            c->frozen = true;
            c->deadline = s->now + 3000;
            wake_at(s, c->deadline);
        } else if (s->implicit) {
            greet(s, c);
        }
    } else if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
        want(s, c, e == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
    } else {
        ERR_error_string_n(ERR_get_error(), why, sizeof why);
        event(s, c, "tls-failed", NULL, 0, why);
        c->dead = true;
    }
    mark_dirty(s, c);
}

/* Reads once; for TLS until nothing is left in its buffers. */
static void conn_read(struct sink *s, struct conn *c) {
    do {
        size_t room = IN_SIZE - c->in_len;
        ssize_t n;
        if (c->end != END_NO)
            c->in_len = 0, room = IN_SIZE; /* closing: whatever comes is thrown away */
        if (c->ssl) {
            ERR_clear_error();
            int r = SSL_read(c->ssl, c->in + c->in_len, (int)room), e = r > 0 ? 0 : SSL_get_error(c->ssl, r);
            if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
                return;
            n = r;
        } else {
            n = read(c->fd, c->in + c->in_len, room);
            if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        }
        if (n <= 0) {
            if (c->state == ST_DATA || c->state == ST_BDAT)
                event(s, c, "client-gone", c->rcpts.len ? c->rcpts.p : NULL, 0, "within a message");
            c->dead = true;
            mark_dirty(s, c);
            return;
        }
        c->in_len += (size_t)n;
        c->active = s->now;
        process(s, c);
    } while (c->ssl && !c->frozen && c->state < ST_TLS_SOON && SSL_pending(c->ssl));
}

/* Sends what is due, then closes where that was decided. Frees a connection that is over. */
static void conn_flush(struct sink *s, struct conn *c) {
    size_t due = c->out.len, done = 0;
    if (c->nsegments) {
        due = 0;
        while (done < c->nsegments && c->segments[done].due <= s->now)
            due = c->segments[done++].end;
        if (done < c->nsegments)
            wake_at(s, c->segments[done].due);
        if (due < c->sent)
            due = c->sent;
    }
    while (!c->dead && c->sent < due) {
        ssize_t n;
        if (c->ssl && c->state != ST_TLS) {
            ERR_clear_error();
            int r = SSL_write(c->ssl, c->out.p + c->sent, (int)(due - c->sent)),
                e = r > 0 ? 0 : SSL_get_error(c->ssl, r);
            n = r;
            if (e == SSL_ERROR_WANT_WRITE || e == SSL_ERROR_WANT_READ) {
                want(s, c, EPOLLIN | EPOLLOUT);
                return;
            }
        } else {
            n = send(c->fd, c->out.p + c->sent, due - c->sent, MSG_NOSIGNAL);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                want(s, c, EPOLLIN | EPOLLOUT);
                return;
            }
        }
        if (n <= 0)
            c->dead = true;
        else
            c->sent += (size_t)n;
    }
    if (c->dead) {
        conn_free(s, c);
        return;
    }
    if (c->state != ST_TLS)
        want(s, c, c->frozen ? 0 : EPOLLIN);
    if (c->sent < c->out.len || done < c->nsegments)
        return;
    c->sent = c->out.len = c->nsegments = 0;
    if (c->end == END_DROP) {
        if (c->ssl && c->state == ST_COMMAND)
            SSL_shutdown(c->ssl);
        conn_free(s, c);
        return;
    }
    if (c->end == END_POLITE && !c->shut) {
        c->shut = true;
        shutdown(c->fd, SHUT_WR);
        c->deadline = s->now + 2000;
        wake_at(s, c->deadline);
    }
    if (c->state == ST_TLS_SOON)
        tls_step(s, c); /* marks it dirty again: the handshake may have failed at once */
}

static void conn_event(struct sink *s, struct conn *c, uint32_t events) {
    if (c->state == ST_TLS)
        tls_step(s, c);
    else if (c->frozen && (events & (EPOLLHUP | EPOLLERR)))
        c->dead = true;
    else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !c->frozen && c->state != ST_TLS_SOON)
        conn_read(s, c);
    if (c->dead || (events & EPOLLOUT))
        mark_dirty(s, c);
}

static void timers(struct sink *s) {
    if (s->now < s->next_due)
        return;
    s->next_due = INT64_MAX;
    for (struct conn *c = s->conns; c; c = c->next) {
        if (c->nsegments)
            mark_dirty(s, c); /* conn_flush sets the next time */
        if (c->deadline && c->deadline <= s->now) {
            c->dead = true;
            mark_dirty(s, c);
        } else if (c->deadline) {
            wake_at(s, c->deadline);
        }
        if (s->idle && c->end == END_NO && !c->frozen && c->active + s->idle * 1000 <= s->now)
            refuse(s, c, "idle", NULL, "421 4.4.2 idle too long");
        else if (s->idle && c->end == END_NO)
            wake_at(s, c->active + s->idle * 1000);
    }
}

static void serve(struct sink *s) {
    struct epoll_event ready[256];
    sigset_t none;
    sigemptyset(&none);
    while (!stop) {
        int64_t wait = s->next_due == INT64_MAX ? -1 : s->next_due - clock_ms(CLOCK_MONOTONIC);
        if (s->next_due != INT64_MAX && wait < 0)
            wait = 0;
        int n = epoll_pwait(s->epoll, ready, 256, (int)(wait > 100000 ? 100000 : wait), &none);
        s->now = clock_ms(CLOCK_MONOTONIC);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr)
                conn_event(s, ready[i].data.ptr, ready[i].events);
            else
                accept_all(s);
        }
        timers(s);
        /* What was accepted is on record before anyone is told so. */
        while (s->dirty) {
            if (s->record_fd >= 0)
                log_write(s->record_fd, &s->record);
            if (s->events_fd >= 0)
                log_write(s->events_fd, &s->events);
            struct conn *c = s->dirty;
            s->dirty = c->dirty_next;
            c->dirty = false;
            conn_flush(s, c);
        }
        if (s->events_fd >= 0)
            log_write(s->events_fd, &s->events);
    }
}

/* ---- start ---- */

static void rule_append(struct rule **list, const char *text, bool prefix_needed) {
    static const char *const words[] = {"drop", "accept-drop", "stall", "garbage", "long"};
    struct rule *r = calloc(1, sizeof *r);
    uint64_t id = (uint64_t)(uintptr_t)list;
    for (; *list; list = &(*list)->next)
        id++;
    if (!r || !(r->text = strdup(text)))
        die("out of memory");
    *list = r;
    char *eq = strchr(r->text, '='), *space = strchr(r->text, ' ');
    bool plain = !prefix_needed && (!eq || (space && space < eq && space == r->text + 3));
    if (!eq && !plain)
        die("%s: a rule is PREFIX=REPLY", text);
    r->prefix = plain ? "" : r->text;
    r->reply = plain ? r->text : eq + 1;
    r->id = mix(id & 0xff);
    if (!plain) {
        *eq = 0;
        char *at = strrchr(r->text, '@');
        if (at && at[1] && strspn(at + 1, "0123456789") == strlen(at + 1)) {
            r->times = (uint32_t)strtoul(at + 1, NULL, 10);
            *at = 0;
        }
    }
    r->prefix_len = strlen(r->prefix);
    r->act = ACT_REPLY;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(r->reply, words[i]))
            r->act = (enum act)(ACT_DROP + i);
    if (r->act == ACT_REPLY && (r->reply[0] < '2' || r->reply[0] > '5' || strspn(r->reply, "0123456789") != 3))
        die("%s: a reply is a code and a text, or drop, accept-drop, stall, garbage, long", text);
}

static void rules_free(struct rule *r) {
    while (r) {
        struct rule *next = r->next;
        free(r->text);
        free(r);
        r = next;
    }
}

/* NAME=P, or all=P. */
static void set_fault(struct sink *s, const char *text) {
    const char *eq = strchr(text, '=');
    bool known = false;
    for (int i = 0; eq && i < FAULTS; i++) {
        size_t n = (size_t)(eq - text);
        if ((strlen(fault_table[i].name) == n && !strncmp(fault_table[i].name, text, n)) || !strncmp(text, "all=", 4)) {
            s->p[i] = strtod(eq + 1, NULL);
            known = true;
        }
    }
    if (!known)
        die("--fault %s: no such fault; --help lists them", text);
    s->faulty = true;
}

enum kind { TEXT, NUMBER, YES, LOG, RULE, MAIL_RULE, TLS_VERSION, FAULT, FAULT_SEED, WITH, WITHOUT, CHUNKING, HELP };
static const struct setting {
    const char *name;
    enum kind kind;
    int arg; /* getopt's: no_argument, required_argument, optional_argument */
    size_t at;
} settings[] = {
    {"host", TEXT, 1, offsetof(struct sink, host)},
    {"port", TEXT, 1, offsetof(struct sink, port)},
    {"record", LOG, 1, offsetof(struct sink, record_fd)},
    {"events", LOG, 1, offsetof(struct sink, events_fd)},
    {"bodies", YES, 0, offsetof(struct sink, bodies)},
    {"maildir", TEXT, 1, offsetof(struct sink, maildir)},
    {"rcpt", RULE, 1, offsetof(struct sink, rcpt)},
    {"dot", RULE, 1, offsetof(struct sink, dot)},
    {"mail", MAIL_RULE, 1, offsetof(struct sink, mail)},
    {"greeting", TEXT, 1, offsetof(struct sink, greeting)},
    {"size", NUMBER, 1, offsetof(struct sink, size)},
    {"max-connections", NUMBER, 1, offsetof(struct sink, max_connections)},
    {"max-messages", NUMBER, 1, offsetof(struct sink, max_messages)},
    {"close-after", NUMBER, 1, offsetof(struct sink, close_after)},
    {"max-rate", NUMBER, 1, offsetof(struct sink, max_rate)},
    {"faults", FAULT_SEED, 1, 0},
    {"fault", FAULT, 1, 0},
    {"delay", NUMBER, 1, offsetof(struct sink, delay)},
    {"stall", NUMBER, 1, offsetof(struct sink, stall)},
    {"idle", NUMBER, 1, offsetof(struct sink, idle)},
    {"stop-reading", NUMBER, 2, offsetof(struct sink, stop_reading)},
    {"helo-only", YES, 0, offsetof(struct sink, helo_only)},
    {"chunking", YES, 0, offsetof(struct sink, chunking)},
    {"chunking-only", CHUNKING, 0, offsetof(struct sink, chunking)},
    {"no-pipelining", WITHOUT, 0, 0},
    {"without", WITHOUT, 1, 0},
    {"with", WITH, 1, 0},
    {"auth", TEXT, 1, offsetof(struct sink, auth)},
    {"auth-required", YES, 0, offsetof(struct sink, auth_required)},
    {"cert", TEXT, 1, offsetof(struct sink, cert)},
    {"key", TEXT, 1, offsetof(struct sink, key)},
    {"implicit", YES, 0, offsetof(struct sink, implicit)},
    {"tls-min", TLS_VERSION, 1, offsetof(struct sink, tls_min)},
    {"tls-max", TLS_VERSION, 1, offsetof(struct sink, tls_max)},
    {"inject", YES, 0, offsetof(struct sink, inject)},
    {"help", HELP, 0, 0},
};
#define SETTINGS (sizeof settings / sizeof *settings)

static void list_add(const char **list, size_t *n, const char *value) {
    if (*n == MAX_WORDS)
        die("%s: too many of these", value);
    list[(*n)++] = value;
}

static void print_help(void) {
    fputs(usage, stdout);
    for (int i = 0; i < FAULTS; i++)
        printf("%s%s=%g",
               i % 6 == 0 && i ? "\n                          "
               : i             ? " "
                               : "",
               fault_table[i].name, fault_table[i].p);
    fputs(usage2, stdout);
}

static void read_setting(struct sink *s, const struct setting *o, char *value) {
    char *at = (char *)s + o->at, *end = NULL;
    switch (o->kind) {
    case TEXT:
        *(const char **)(void *)at = value;
        break;
    case FAULT_SEED:
    case NUMBER: {
        long n = value ? strtol(value, &end, 10) : INT_MAX;
        if (value && (!*value || *end || n < 0))
            die("--%s %s: a number is wanted", o->name, value);
        if (o->kind == FAULT_SEED) {
            s->seed = n;
            s->faulty = true;
        } else {
            *(long *)(void *)at = n;
        }
        break;
    }
    case YES:
        *(bool *)(void *)at = true;
        break;
    case LOG:
        if ((*(int *)(void *)at = open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0)
            die("%s: %s", value, strerror(errno));
        break;
    case RULE:
    case MAIL_RULE:
        rule_append((struct rule **)(void *)at, value, o->kind == RULE);
        break;
    case TLS_VERSION:
        if (strcmp(value, "1.2") != 0 && strcmp(value, "1.3") != 0)
            die("--%s %s: 1.2 or 1.3", o->name, value);
        *(int *)(void *)at = value[2] == '2' ? TLS1_2_VERSION : TLS1_3_VERSION;
        break;
    case FAULT:
        set_fault(s, value);
        break;
    case WITH:
        list_add(s->with, &s->nwith, value);
        break;
    case CHUNKING:
        s->chunking = true;
        list_add(s->without, &s->nwithout, "PIPELINING");
        break;
    case WITHOUT:
        list_add(s->without, &s->nwithout, value ? value : "PIPELINING");
        break;
    case HELP:
        print_help();
        exit(0);
    }
}

static void read_settings(struct sink *s, int argc, char **argv) {
    struct option options[SETTINGS + 1] = {0};
    int o;
    for (size_t i = 0; i < SETTINGS; i++)
        options[i] = (struct option){settings[i].name, settings[i].arg, NULL, 256 + (int)i};
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (o < 256)
            exit(64);
        read_setting(s, &settings[o - 256], optarg);
    }
    if (optind < argc)
        die("%s: what is that? --help lists the options", argv[optind]);
    if ((s->implicit || s->inject) && !s->cert)
        die("--implicit and --inject need --cert and --key");
}

static void tls_open(struct sink *s) {
    s->ctx = SSL_CTX_new(TLS_server_method());
    if (!s->ctx || SSL_CTX_use_certificate_chain_file(s->ctx, s->cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(s->ctx, s->key ? s->key : s->cert, SSL_FILETYPE_PEM) != 1)
        die("%s: %s", s->cert, ERR_error_string(ERR_get_error(), NULL));
    SSL_CTX_set_min_proto_version(s->ctx, s->tls_min ? s->tls_min : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(s->ctx, s->tls_max);
    SSL_CTX_set_mode(s->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
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

static void listen_on(struct sink *s) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *a = NULL;
    struct sockaddr_storage got;
    socklen_t len = sizeof got;
    char port[16];
    int one = 1, small = 4096, e = getaddrinfo(s->host, s->port, &hints, &a);
    if (e)
        die("--host %s --port %s: %s", s->host, s->port, gai_strerror(e));
    s->listener = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s->stop_reading) /* so that a client's write blocks soon */
        setsockopt(s->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (s->listener < 0 || bind(s->listener, a->ai_addr, a->ai_addrlen) || listen(s->listener, 1024) ||
        getsockname(s->listener, (struct sockaddr *)&got, &len))
        die("port %s: %s", s->port, strerror(errno));
    getnameinfo((struct sockaddr *)&got, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    freeaddrinfo(a);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    if (s->epoll < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &ev))
        die("epoll: %s", strerror(errno));
    printf("port %s\n", port);
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct sink s = {.host = "127.0.0.1", .port = "0", .stall = 5, .size = 50000000, .record_fd = -1, .events_fd = -1};
    struct sigaction on = {.sa_handler = on_signal};
    struct rlimit files;
    sigset_t blocked;
    for (int i = 0; i < FAULTS; i++)
        s.p[i] = fault_table[i].p;
    read_settings(&s, argc, argv);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, NULL); /* they come in epoll_pwait alone */
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (s.cert)
        tls_open(&s);
    if (s.maildir)
        maildir_open(s.maildir);
    s.now = clock_ms(CLOCK_MONOTONIC);
    s.next_due = INT64_MAX;
    listen_on(&s);
    serve(&s);
    while (s.conns)
        conn_free(&s, s.conns);
    if (s.record_fd >= 0)
        log_write(s.record_fd, &s.record);
    if (s.events_fd >= 0)
        log_write(s.events_fd, &s.events);
    printf("%" PRIu64 " messages, %" PRIu64 " bytes, %" PRIu64 " connections, at most %u at once\n", s.messages,
           s.total_bytes, s.connections, s.most);
    SSL_CTX_free(s.ctx);
    rules_free(s.rcpt);
    rules_free(s.dot);
    rules_free(s.mail);
    free(s.record.p);
    free(s.events.p);
    free(s.keys);
    free(s.counts);
    return 0;
}
