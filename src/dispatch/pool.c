#include "dispatch/pool.h"

#include "base/log.h"
#include "config/secret.h"
#include "dispatch/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static enum status relay_open(struct pool *p, const struct config_relay *c, const char *boot, struct error *err) {
    static const enum transport_tls tls[] = {[CONFIG_TLS_NONE] = TRANSPORT_TLS_NONE,
                                             [CONFIG_TLS_OPPORTUNISTIC] = TRANSPORT_TLS_OPPORTUNISTIC,
                                             [CONFIG_TLS_STARTTLS] = TRANSPORT_TLS_STARTTLS,
                                             [CONFIG_TLS_IMPLICIT] = TRANSPORT_TLS_IMPLICIT};
    struct relay *r = &p->relays[p->relays_n++];
    *r = (struct relay){.config = c, .limit = c->slow_start ? 1 : c->connections};
    enum status st = OK;
    if (c->user) {
        st = config_secret(c->password.file, c->password.command, p->site->config->folder, &r->password, err);
    }
    if (st == OK) {
        st = queue_relay(p->site->queue, c->name, &r->row, err);
    }
    r->params = (struct transport_relay){.name = c->name,
                                         .host = c->host,
                                         .port = c->port,
                                         .tls = tls[c->tls],
                                         .ca_file = c->ca_file,
                                         .user = c->user,
                                         .password = c->user ? buf_cstr(&r->password) : NULL,
                                         .ehlo_name = p->site->config->site.hostname,
                                         .timeout_ms = c->timeout_s * 1000,
                                         .connect_timeout_ms = c->connect_timeout_s * 1000,
                                         .messages = c->messages};
    pace_init(&r->pace, &c->rate, &r->row.bucket, boot);
    int64_t now = clock_now(&p->site->clock);
    r->usable = r->row.rest_until <= now;
    atomic_init(&r->troubled, true);
    if (p->site->clock.pinned && !c->loopback && !p->site->force) {
        r->usable = false;
        (void)snprintf(r->why, sizeof r->why,
                       "relay %s is not on loopback: with --now only loopback relays are used, without --force",
                       c->name);
    }
    return st;
}

/* How many of WANTED connections there are descriptors for: each takes up to five, and the rest of a run some forty. A
 * connection that could not be made for want of them would look like a relay that can't be reached. */
static size_t connections_had(size_t wanted) {
    enum { EACH = 5, OTHERS = 40 };
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= OTHERS + EACH * wanted) {
        return wanted;
    }
    l.rlim_cur =
        l.rlim_max == RLIM_INFINITY || l.rlim_max > OTHERS + EACH * wanted ? OTHERS + EACH * wanted : l.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &l);
    return l.rlim_cur >= OTHERS + EACH * wanted ? wanted
           : l.rlim_cur > OTHERS + EACH         ? (l.rlim_cur - OTHERS) / EACH
                                                : 1;
}

enum status pool_new(struct site *site, struct journal *journal, struct pool **out, struct error *err) {
    const struct config *c = site->config;
    char boot[37];
    *out = NULL;
    struct pool *p = calloc(1, sizeof *p);
    if (!p || !(p->jobs = calloc(POOL_JOBS, sizeof *p->jobs))) {
        free(p);
        return error_set(err, ERR_OS, "out of memory");
    }
    p->site = site;
    p->journal = journal;
    pthread_mutexattr_t spin; /* held for less than it takes to fall asleep */
    (void)pthread_mutexattr_init(&spin);
    (void)pthread_mutexattr_settype(&spin, PTHREAD_MUTEX_ADAPTIVE_NP);
    (void)pthread_mutex_init(&p->lock, &spin);
    (void)pthread_mutexattr_destroy(&spin);
    (void)pthread_mutex_init(&p->look_lock, NULL);
    pthread_condattr_t mono;
    (void)pthread_condattr_init(&mono);
    (void)pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&p->work, &mono);
    (void)pthread_cond_init(&p->news, &mono);
    (void)pthread_condattr_destroy(&mono);
    for (size_t i = 0; i < POOL_JOBS; i++) {
        p->jobs[i].next = p->free;
        p->free = &p->jobs[i];
    }
    clock_boot_id(boot);
    enum status st = store_open(c->database.path, SQL_READ, &p->look, err);
    if (st == OK && c->relays_n > POOL_RELAYS) {
        st = error_set(err, ERR_CONFIG, "more than %d relays", POOL_RELAYS);
    }
    if (st == OK && c->relays_n == 0) {
        st = error_set(err, ERR_CONFIG, "%s: there is no [relay.NAME] section, so nothing can be sent", c->file);
    }
    size_t connections = 0;
    for (size_t i = 0; i < c->relays_n && st == OK; i++) {
        st = relay_open(p, &c->relays[i], boot, err);
        connections += (size_t)c->relays[i].connections;
    }
    if (st == OK) {
        st = transport_new(NULL, &p->transport, err);
    }
    if (st == OK && !(p->threads = calloc(connections, sizeof *p->threads))) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    size_t had = connections_had(connections);
    if (st == OK && had < connections) {
        log_info("there are descriptors for %zu of %zu connections only; raise 'ulimit -n'", had, connections);
    }
    for (size_t i = 0; i < p->relays_n && st == OK; i++) {
        size_t share = (size_t)p->relays[i].config->connections * had / connections;
        share = share ? share : 1;
        for (size_t k = 0; k < share && st == OK; k++) {
            struct pool_thread *t = &p->threads[p->threads_n];
            t->pool = p;
            t->relay = &p->relays[i];
            if (!(t->conn = transport_conn_new(p->transport)) ||
                pthread_create(&t->thread, NULL, worker_main, t) != 0) {
                transport_conn_free(t->conn);
                t->conn = NULL;
                st = p->threads_n ? OK : error_set(err, ERR_OS, "no thread can be started: %s", strerror(errno));
                break; /* fewer connections will do */
            }
            p->threads_n++;
        }
    }
    if (st != OK) {
        pool_free(p);
        return st;
    }
    *out = p;
    return OK;
}

void pool_free(struct pool *p) {
    if (!p) {
        return;
    }
    (void)pthread_mutex_lock(&p->lock);
    p->ending = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->threads_n; i++) {
        (void)pthread_join(p->threads[i].thread, NULL);
        transport_conn_free(p->threads[i].conn);
        message_bytes_release(&p->threads[i].bytes);
    }
    transport_free(p->transport);
    for (size_t i = 0; i < p->relays_n; i++) {
        if (p->relays[i].password.ptr) {
            explicit_bzero(p->relays[i].password.ptr, p->relays[i].password.cap);
        }
        buf_release(&p->relays[i].password);
    }
    for (size_t i = 0; i < POOL_JOBS; i++) {
        message_rendition_free(p->jobs[i].rendition);
        free((void *)(size_t)p->jobs[i].message.ptr);
    }
    store_close(p->look);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_mutex_destroy(&p->look_lock);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->news);
    free(p->threads);
    free(p->jobs);
    free(p);
}

struct job *pool_job(struct pool *p) {
    (void)pthread_mutex_lock(&p->lock);
    struct job *j = p->free;
    if (j) {
        p->free = j->next;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (j) {
        memset(j, 0, offsetof(struct job, text));
        j->sender = j->message = STR_NONE;
    }
    return j;
}

void pool_put(struct pool *p, struct job *j, bool first) {
    (void)pthread_mutex_lock(&p->lock);
    if (first || !p->ready) {
        j->next = p->ready;
        p->ready = j;
        if (!j->next) {
            p->ready_last = j;
        }
    } else {
        j->next = NULL;
        p->ready_last->next = j;
        p->ready_last = j;
    }
    p->ready_n++;
    /* one that may not take it (its relay rests, or has its connections) would swallow a single signal */
    if (p->relays_n > 1 || p->relays[0].limit < p->relays[0].config->connections) {
        (void)pthread_cond_broadcast(&p->work);
    } else {
        (void)pthread_cond_signal(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void pool_drop(struct pool *p, struct job *j, bool taken, enum outcome o) {
    struct message_rendition *rendition = j->rendition;
    char *message = (char *)(uintptr_t)j->message.ptr;
    j->rendition = NULL;
    j->message = STR_NONE;
    (void)pthread_mutex_lock(&p->lock);
    if (taken) {
        p->out_n--;
        p->sent += o == OUTCOME_ACCEPTED;
        p->deferred += o == OUTCOME_LATER;
        p->failed += o == OUTCOME_NEVER || o == OUTCOME_UNSENDABLE;
        p->unknown += o == OUTCOME_UNKNOWN;
    }
    j->next = p->free;
    p->free = j;
    /* once, and not for each message: a wake-up costs more than the rest of this */
    if (p->low != SIZE_MAX && p->ready_n <= p->low && (p->low > 0 || p->out_n == 0)) {
        p->low = SIZE_MAX;
        (void)pthread_cond_signal(&p->news);
    }
    (void)pthread_mutex_unlock(&p->lock);
    message_rendition_free(rendition);
    free(message);
}

/* Those of ISSUE (negative: of any) that no relay of USABLE may carry. */
static size_t recall(struct pool *p, int64_t issue, uint32_t usable) {
    struct job *back = NULL, *kept = NULL, **tail = &kept;
    size_t n = 0;
    (void)pthread_mutex_lock(&p->lock);
    for (struct job *j = p->ready, *next; j; j = next) {
        next = j->next;
        if ((issue < 0 || j->issue == issue) && !(j->relays & usable)) {
            j->next = back;
            back = j;
            n++;
        } else {
            *tail = j;
            tail = &j->next;
        }
    }
    *tail = NULL;
    p->ready = kept;
    for (p->ready_last = kept; p->ready_last && p->ready_last->next; p->ready_last = p->ready_last->next) {
    }
    p->ready_n -= n;
    (void)pthread_mutex_unlock(&p->lock);
    for (struct job *j = back, *next; j; j = next) {
        next = j->next;
        struct journal_record r = {.issue = j->issue,
                                   .subscriber = j->subscriber,
                                   .at = clock_now(&p->site->clock),
                                   .kind = JOURNAL_OUTCOME,
                                   .outcome = OUTCOME_UNTRIED};
        journal_note(p->journal, &r);
        pool_drop(p, j, false, OUTCOME_UNTRIED);
    }
    return n;
}

size_t pool_recall(struct pool *p, int64_t issue) {
    return recall(p, issue, 0);
}

size_t pool_recall_unfit(struct pool *p, uint32_t usable) {
    return recall(p, -1, usable);
}

uint32_t pool_usable(struct pool *p, bool *spent) {
    uint32_t bits = 0;
    int64_t system = clock_system();
    if (spent) {
        *spent = false;
    }
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->relays_n; i++) {
        bool used_up = p->relays[i].usable && pace_spent(&p->relays[i].pace, system);
        bits |= p->relays[i].usable && !used_up ? 1u << i : 0;
        if (spent) {
            *spent |= used_up;
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return bits;
}

int64_t pool_seen(struct pool *p) {
    (void)pthread_mutex_lock(&p->look_lock);
    int64_t v = sql_changes_seen(store_sql(p->look));
    (void)pthread_mutex_unlock(&p->look_lock);
    return v;
}

enum cancel_cause pool_refuses(const struct subscriber_delivery *r, bool newsletter) {
    if (!r->found || r->status == SUBSCRIBER_SUPPRESSED || r->status == SUBSCRIBER_ERASED || !r->email.len) {
        return CANCEL_SUPPRESSED;
    }
    if (r->merged || r->status == SUBSCRIBER_MERGED) {
        return CANCEL_MERGED;
    }
    if (!newsletter) {
        return CANCEL_NONE;
    }
    switch (r->subscription) {
    case SUBSCRIPTION_ACTIVE:
        return CANCEL_NONE;
    case SUBSCRIPTION_PAUSED:
        return CANCEL_PAUSED;
    case SUBSCRIPTION_REMOVED:
        return CANCEL_REMOVED;
    case SUBSCRIPTION_PENDING:
    case SUBSCRIPTION_LEFT:
    case SUBSCRIPTION_NONE:
        break;
    }
    return CANCEL_LEFT;
}
