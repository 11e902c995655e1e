#include "fetch/mx.h"

#include "base/arena.h"
#include "base/stop.h"

#include <ares.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <search.h>
#include <stdlib.h>

enum {
    TRY_MS = 1200,
    TRIES = 2,
    WAIT_MS = 500,
    CLASS_IN = 1,
    TYPE_A = 1,
    TYPE_MX = 15,
    TYPE_AAAA = 28,
    NAME_BYTES = 253
};

struct domain {
    struct str name; /* with a NUL behind it */
    enum mx_verdict verdict;
};

/* A domain that is being asked about. */
struct going {
    struct mx *m;
    struct domain *d; /* NULL: the place is free */
    int type;         /* of the question under way */
};

struct mx {
    void *library;
    ares_channel channel;
    int (*init)(ares_channel *, struct ares_options *, int);
    void (*destroy)(ares_channel);
    void (*query)(ares_channel, const char *, int, int, ares_callback, void *);
    int (*getsock)(ares_channel, ares_socket_t *, int);
    struct timeval *(*timeout)(ares_channel, struct timeval *, struct timeval *);
    void (*process)(ares_channel, ares_socket_t, ares_socket_t);
    int (*parse_mx)(const unsigned char *, int, struct ares_mx_reply **);
    int (*parse_a)(const unsigned char *, int, struct hostent **, struct ares_addrttl *, int *);
    int (*parse_aaaa)(const unsigned char *, int, struct hostent **, struct ares_addr6ttl *, int *);
    void (*free_data)(void *);
    struct arena *arena; /* the domains' */
    void *tree;          /* of them; tsearch(3): balanced, whatever a list brings */
    size_t n;
    struct going going[MX_AT_ONCE];
    size_t going_n;
    size_t silent; /* so many in a row without an answer */
};

static bool find(void *library, const char *name, void *out) {
    void *f = dlsym(library, name);
    memcpy(out, &f, sizeof f);
    return f != NULL;
}

static int by_name(const void *a, const void *b) {
    return str_cmp(((const struct domain *)a)->name, ((const struct domain *)b)->name);
}

static void keep(void *node) {
    (void)node; /* the arena's */
}

enum status mx_new(struct mx **out, struct error *err) {
    int (*library_init)(int);
    struct ares_options o = {.timeout = TRY_MS, .tries = TRIES};
    *out = NULL;
    struct mx *m = calloc(1, sizeof *m);
    if (!m || !(m->arena = arena_new())) {
        free(m);
        return error_set(err, ERR_OS, "out of memory");
    }
    /* never closed, as libcurl */
    m->library = dlopen("libcares.so.2", RTLD_NOW | RTLD_LOCAL);
    enum status st = m->library ? OK : error_set(err, ERR_UNAVAILABLE, "--check-mx needs c-ares: %s", dlerror());
    if (st == OK &&
        (!find(m->library, "ares_library_init", &library_init) || !find(m->library, "ares_init_options", &m->init) ||
         !find(m->library, "ares_destroy", &m->destroy) || !find(m->library, "ares_query", &m->query) ||
         !find(m->library, "ares_getsock", &m->getsock) || !find(m->library, "ares_timeout", &m->timeout) ||
         !find(m->library, "ares_process_fd", &m->process) || !find(m->library, "ares_parse_mx_reply", &m->parse_mx) ||
         !find(m->library, "ares_parse_a_reply", &m->parse_a) ||
         !find(m->library, "ares_parse_aaaa_reply", &m->parse_aaaa) ||
         !find(m->library, "ares_free_data", &m->free_data) || library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
         m->init(&m->channel, &o, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS)) {
        st = error_set(err, ERR_UNAVAILABLE, "--check-mx: c-ares can't be used");
    }
    if (st != OK) {
        arena_free(m->arena);
        free(m);
        return st;
    }
    *out = m;
    return OK;
}

void mx_free(struct mx *m) {
    if (m) {
        m->destroy(m->channel); /* calls back for what is under way */
        tdestroy(m->tree, keep);
        arena_free(m->arena);
        free(m);
    }
}

/* ---- answers ---- */

static enum mx_verdict judge_mx(const struct mx *m, const unsigned char *answer, int len) {
    struct ares_mx_reply *list = NULL;
    enum mx_verdict v = MX_UNASKED;
    if (m->parse_mx(answer, len, &list) == ARES_SUCCESS) {
        for (const struct ares_mx_reply *r = list; r; r = r->next) {
            bool null = !r->host[0] || strcmp(r->host, ".") == 0;
            v = !null ? MX_TAKES : v == MX_TAKES ? v : MX_NO_MAIL;
        }
        m->free_data(list);
    }
    return v;
}

/* What the answer tells; MX_UNASKED: there is no such record. */
static enum mx_verdict judge(const struct mx *m, int type, int status, const unsigned char *answer, int len) {
    struct ares_addrttl four[1];
    struct ares_addr6ttl six[1];
    int n = 1;
    if (status == ARES_ENOTFOUND) {
        return MX_NO_DOMAIN;
    }
    if (status == ARES_ENODATA) {
        return MX_UNASKED;
    }
    if (status != ARES_SUCCESS) {
        return MX_NO_ANSWER;
    }
    if (type == TYPE_MX) {
        return judge_mx(m, answer, len);
    }
    int parsed = type == TYPE_A ? m->parse_a(answer, len, NULL, four, &n) : m->parse_aaaa(answer, len, NULL, six, &n);
    return parsed == ARES_SUCCESS && n > 0 ? MX_TAKES : MX_UNASKED;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *answer, int len) {
    struct going *g = arg;
    struct mx *m = g->m;
    (void)timeouts;
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        return;
    }
    bool silent = status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
    m->silent = silent ? m->silent + 1 : 0;
    enum mx_verdict v = judge(m, g->type, status, answer, len);
    if (v == MX_UNASKED && g->type != TYPE_AAAA) {
        g->type = g->type == TYPE_MX ? TYPE_A : TYPE_AAAA;
        m->query(m->channel, g->d->name.ptr, CLASS_IN, g->type, on_answer, g);
        return;
    }
    g->d->verdict = v == MX_UNASKED ? MX_NO_MAIL : v;
    g->d = NULL;
    m->going_n--;
}

/* Waits for one or more answers, or a moment. */
static enum status wait_some(struct mx *m, struct error *err) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd p[ARES_GETSOCK_MAXNUM];
    struct timeval most = {.tv_usec = WAIT_MS * 1000}, tv;
    int bits = m->getsock(m->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t n = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = (short)((ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
                               ((unsigned)bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));
        if (events) {
            p[n++] = (struct pollfd){.fd = sockets[i], .events = events};
        }
    }
    const struct timeval *t = m->timeout(m->channel, &most, &tv);
    int ready = poll(p, n, (int)(t->tv_sec * 1000 + (t->tv_usec + 999) / 1000));
    if (stop_asked) {
        return error_set(err, ERR_TEMP, "stopped by a signal; nothing was taken in");
    }
    for (nfds_t i = 0; i < n && ready > 0; i++) {
        if (p[i].revents) {
            m->process(m->channel, p[i].revents & ~POLLOUT ? p[i].fd : ARES_SOCKET_BAD,
                       p[i].revents & POLLOUT ? p[i].fd : ARES_SOCKET_BAD);
        }
    }
    m->process(m->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* time-outs */
    return OK;
}

/* ---- questions ---- */

static struct domain *known(const struct mx *m, struct str name) {
    const struct domain like = {.name = name};
    struct domain *const *node = tfind(&like, &m->tree, by_name);
    return node ? *node : NULL;
}

enum status mx_ask(struct mx *m, struct str name, struct error *err) {
    if (m->n == MX_DOMAINS_MAX || name.len > NAME_BYTES || known(m, name)) {
        return OK;
    }
    while (m->going_n == MX_AT_ONCE) {
        enum status st = wait_some(m, err);
        if (st != OK) {
            return st;
        }
    }
    struct domain *d = arena_alloc(m->arena, sizeof *d);
    *d = (struct domain){arena_str(m->arena, name), MX_NO_ANSWER};
    if (!tsearch(d, &m->tree, by_name)) {
        return error_set(err, ERR_OS, "out of memory");
    }
    m->n++;
    if (m->silent >= MX_SILENCE_MAX) {
        return OK;
    }
    struct going *g = m->going;
    while (g->d) {
        g++;
    }
    *g = (struct going){m, d, TYPE_MX};
    m->going_n++;
    m->query(m->channel, d->name.ptr, CLASS_IN, TYPE_MX, on_answer, g);
    return OK;
}

enum status mx_settle(struct mx *m, struct error *err) {
    enum status st = OK;
    while (st == OK && m->going_n > 0) {
        st = wait_some(m, err);
    }
    return st;
}

enum mx_verdict mx_verdict(const struct mx *m, struct str name) {
    const struct domain *d = known(m, name);
    return d ? d->verdict : MX_UNASKED;
}

const char *mx_refusal(enum mx_verdict v) {
    return v == MX_NO_DOMAIN ? "does not exist" : v == MX_NO_MAIL ? "takes no mail" : NULL;
}
