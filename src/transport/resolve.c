#include "transport/resolve.h"

#include "base/clock.h"
#include "transport/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { KEPT_MAX = 16, KEEP_SECONDS = 60 };

struct kept {
    char host[256];
    struct resolve_list list;
    int64_t at; /* clock_mono_ns; 0: free */
};

struct resolver {
    pthread_mutex_t lock;
    struct transport_options options;
    struct kept kept[KEPT_MAX];
};

/* What the asking thread and the helper share; the last one frees it. */
struct job {
    _Atomic int users;
    int done_fd; /* rung when list and error are there */
    atomic_bool done;
    struct transport_options options;
    char host[256];
    struct resolve_list list;
    int error; /* getaddrinfo's */
};

struct resolver *resolver_new(const struct transport_options *o) {
    struct resolver *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    pthread_mutex_init(&v->lock, NULL);
    if (o)
        v->options = *o;
    return v;
}

void resolver_free(struct resolver *v) {
    if (!v)
        return;
    pthread_mutex_destroy(&v->lock);
    free(v);
}

static void job_leave(struct job *j) {
    if (atomic_fetch_sub(&j->users, 1) != 1)
        return;
    if (j->done_fd >= 0)
        close(j->done_fd);
    free(j);
}

static void *job_run(void *arg) {
    struct job *j = arg;
    if (j->options.resolve) {
        j->list.n = j->options.resolve(j->options.resolve_ctx, j->host, j->list.addr, RESOLVE_MAX);
        j->error = j->list.n ? 0 : EAI_NONAME;
    } else {
        struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
        j->error = getaddrinfo(j->host, NULL, &hints, &found);
        for (struct addrinfo *a = j->error ? NULL : found; a && j->list.n < RESOLVE_MAX; a = a->ai_next)
            if (a->ai_family == AF_INET || a->ai_family == AF_INET6)
                memcpy(&j->list.addr[j->list.n++], a->ai_addr, a->ai_addrlen);
        if (found)
            freeaddrinfo(found);
        if (!j->error && j->list.n == 0)
            j->error = EAI_NONAME;
    }
    atomic_store(&j->done, true);
    uint64_t one = 1;
    ssize_t n = write(j->done_fd, &one, sizeof one);
    (void)n;
    job_leave(j);
    return NULL;
}

static struct job *job_start(const struct transport_options *o, const char *host) {
    struct job *j = calloc(1, sizeof *j);
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    if (!j)
        return NULL;
    atomic_store(&j->users, 2);
    j->options = *o;
    memcpy(j->host, host, strlen(host) + 1); /* the caller saw to its length */
    j->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (j->done_fd < 0) {
        free(j);
        return NULL;
    }
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&thread, &attr, job_run, j);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (rc != 0) {
        close(j->done_fd);
        free(j);
        return NULL;
    }
    return j;
}

static void set_port(struct sockaddr_storage *a, int port) {
    if (a->ss_family == AF_INET)
        ((struct sockaddr_in *)a)->sin_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in6 *)a)->sin6_port = htons((uint16_t)port);
}

static bool literal(const char *host, struct sockaddr_storage *a) {
    char ip[64];
    memset(a, 0, sizeof *a);
    if (!tls_literal(host, ip))
        return false;
    struct sockaddr_in *v4 = (struct sockaddr_in *)a;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)a;
    if (inet_pton(AF_INET, ip, &v4->sin_addr) == 1)
        a->ss_family = AF_INET;
    else if (inet_pton(AF_INET6, ip, &v6->sin6_addr) == 1)
        a->ss_family = AF_INET6;
    return true;
}

static struct kept *kept_find(struct resolver *v, const char *host) {
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (v->kept[i].at && strcmp(v->kept[i].host, host) == 0)
            return &v->kept[i];
    return NULL;
}

static void keep(struct resolver *v, const char *host, const struct resolve_list *list) {
    pthread_mutex_lock(&v->lock);
    struct kept *k = kept_find(v, host);
    for (size_t i = 0; !k && i < KEPT_MAX; i++)
        if (!v->kept[i].at)
            k = &v->kept[i];
    if (!k)
        k = &v->kept[0];
    memcpy(k->host, host, strlen(host) + 1);
    k->list = *list;
    k->at = clock_mono_ns();
    pthread_mutex_unlock(&v->lock);
}

static bool recall(struct resolver *v, const char *host, struct resolve_list *out) {
    pthread_mutex_lock(&v->lock);
    struct kept *k = kept_find(v, host);
    bool fresh = k && clock_mono_ns() - k->at < (int64_t)KEEP_SECONDS * 1000000000;
    if (fresh)
        *out = k->list;
    pthread_mutex_unlock(&v->lock);
    return fresh;
}

/* Waits for J; false: time is up or a stop came. */
static bool job_wait(const struct job *j, const struct watch *w, int64_t ms) {
    int64_t due = clock_mono_ns() + ms * 1000000;
    for (;;) {
        int64_t left = (due - clock_mono_ns() + 999999) / 1000000;
        struct pollfd p[2] = {{j->done_fd, POLLIN, 0}, {watch_stop_fd(w), POLLIN, 0}};
        if (left <= 0)
            return false;
        int n = poll(p, 2, left > 3600000 ? 3600000 : (int)left);
        if (n > 0 && p[0].revents && atomic_load(&j->done))
            return true;
        if ((n > 0 && p[1].revents) || (n < 0 && errno != EINTR))
            return false;
    }
}

enum status resolver_ask(struct resolver *v, const struct watch *w, const char *host, int port, int64_t ms,
                         struct resolve_list *out, bool *timed_out, struct error *err) {
    enum status st = OK;
    struct job *j = NULL;
    *timed_out = false;
    out->n = 0;
    if (!*host || strlen(host) >= sizeof j->host)
        return error_set(err, ERR_CONFIG, "its host is not a host name");
    if (literal(host, &out->addr[0])) {
        out->n = 1;
        goto done;
    }
    if (recall(v, host, out))
        goto done;
    if (!(j = job_start(&v->options, host))) {
        st = error_set(err, ERR_OS, "can't start a thread to look up %s", host);
        goto done;
    }
    if (!job_wait(j, w, ms)) {
        *timed_out = !watch_stopped(w);
        st = error_set(err, ERR_TEMP,
                       *timed_out ? "no name server answered for %s in time" : "stopped while looking up %s", host);
        goto done;
    }
    if (j->error == EAI_NONAME || j->error == EAI_NODATA || j->error == EAI_ADDRFAMILY) {
        st = error_set(err, ERR_NOHOST, "the host name %s has no address", host);
        goto done;
    }
    if (j->error) {
        st = error_set(err, ERR_TEMP, "can't look up %s: %s", host, gai_strerror(j->error));
        goto done;
    }
    *out = j->list;
    keep(v, host, out);
done:
    for (size_t i = 0; i < out->n; i++)
        set_port(&out->addr[i], port);
    if (j)
        job_leave(j);
    return st;
}

void resolver_good(struct resolver *v, const char *host, const struct sockaddr_storage *addr) {
    char want[64], is[64];
    resolve_print(addr, want);
    pthread_mutex_lock(&v->lock);
    struct kept *k = kept_find(v, host);
    for (size_t i = 1; k && i < k->list.n; i++) {
        resolve_print(&k->list.addr[i], is);
        if (strcmp(is, want) != 0)
            continue;
        struct sockaddr_storage first = k->list.addr[i];
        memmove(&k->list.addr[1], &k->list.addr[0], i * sizeof first);
        k->list.addr[0] = first;
        break;
    }
    pthread_mutex_unlock(&v->lock);
}

void resolver_forget(struct resolver *v, const char *host) {
    pthread_mutex_lock(&v->lock);
    struct kept *k = kept_find(v, host);
    if (k)
        k->at = 0;
    pthread_mutex_unlock(&v->lock);
}

void resolve_print(const struct sockaddr_storage *addr, char out[64]) {
    const void *ip = addr->ss_family == AF_INET ? (const void *)&((const struct sockaddr_in *)addr)->sin_addr
                                                : (const void *)&((const struct sockaddr_in6 *)addr)->sin6_addr;
    if (!inet_ntop(addr->ss_family, ip, out, 64))
        memcpy(out, "?", 2);
}

socklen_t resolve_size(const struct sockaddr_storage *addr) {
    return addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

bool resolve_is_loopback(const struct sockaddr_storage *addr) {
    if (addr->ss_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24) == 127;
    const struct in6_addr *ip = &((const struct sockaddr_in6 *)addr)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(ip) || (IN6_IS_ADDR_V4MAPPED(ip) && ip->s6_addr[12] == 127);
}
