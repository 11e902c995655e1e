#include "transport/session.h"

#include "transport/exchange.h"

#include <signal.h>
#include <stdlib.h>

struct transport {
    struct link_env env;
};

struct transport_conn {
    struct link link;
    struct exchange *exchange;
};

enum status transport_new(const struct transport_options *o, struct transport **out, struct error *err) {
    enum status st = OK;
    struct sigaction old;
    struct exchange *x = NULL;
    struct transport *t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return error_set(err, ERR_OS, "out of memory");
    /* libesmtp writes to sockets that may have been closed. */
    if (sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    t->env.store = tls_store_new();
    t->env.resolver = resolver_new(o);
    x = exchange_new();
    if (!t->env.store || !t->env.resolver || !x) {
        st = error_set(err, ERR_OS, "out of memory or of descriptors");
        goto done;
    }
    if ((st = watch_new(&t->env.watch, err)) != OK || (st = exchange_try(x, err)) != OK)
        goto done;
    *out = t;
done:
    exchange_free(x);
    if (st != OK)
        transport_free(t);
    return st;
}

void transport_free(struct transport *t) {
    if (!t)
        return;
    watch_free(t->env.watch);
    resolver_free(t->env.resolver);
    tls_store_free(t->env.store);
    free(t);
}

struct transport_conn *transport_conn_new(struct transport *t) {
    struct transport_conn *c = calloc(1, sizeof *c);
    (void)t;
    if (c && !(c->exchange = exchange_new())) {
        free(c);
        c = NULL;
    }
    return c;
}

void transport_conn_free(struct transport_conn *c) {
    if (!c)
        return;
    exchange_free(c->exchange);
    free(c);
}

/* The end's sentence and status; nothing is to be said of a normal one. */
static enum status conclude(struct transport_session_end *end) {
    if (end->how == TRANSPORT_END_NORMAL) {
        end->why = (struct error){0};
        end->code = 0;
        end->temporary = false;
    }
    return end->why.status;
}

static bool is_wrong(const struct transport_relay *r, struct transport_session_end *end) {
    if (r->host && *r->host && r->port > 0 && r->port < 65536)
        return false;
    fault_set(end, r, TRANSPORT_END_UNREACHABLE, TRANSPORT_STAGE_CONNECT, ERR_CONFIG, "it has no host or no port");
    return true;
}

enum status transport_session(struct transport *t, struct transport_conn *c, const struct transport_relay *r,
                              const struct transport_callbacks *cb, struct transport_session_end *end) {
    *end = (struct transport_session_end){0};
    if (is_wrong(r, end))
        return end->why.status;
    if (watch_stopped(t->env.watch))
        return OK;
    if (link_open(&c->link, &t->env, r, end)) {
        bool fine = exchange_run(c->exchange, &c->link, cb, end);
        link_close(&c->link, fine);
    }
    return conclude(end);
}

enum status transport_probe(struct transport *t, struct transport_conn *c, const struct transport_relay *r,
                            struct transport_facts *facts, struct transport_session_end *end) {
    *end = (struct transport_session_end){0};
    *facts = (struct transport_facts){0};
    if (is_wrong(r, end))
        return end->why.status;
    bool open = link_open(&c->link, &t->env, r, end);
    *facts = c->link.facts;
    if (open)
        link_close(&c->link, true);
    return conclude(end);
}

void transport_stop(struct transport *t) {
    watch_stop(t->env.watch);
}

void transport_cut(struct transport *t) {
    watch_cut(t->env.watch);
}
