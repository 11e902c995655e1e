#include "dispatch/jobs.h"

#include "base/utf8.h"
#include "dispatch/post.h"
#include "dispatch/shelf.h"
#include "queue/transactional.h"
#include "store/suppression.h"
#include "text/address.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOMAINS = 4096 };

static const int64_t SECOND = 1000000000;
/* so far ahead a paced message may wait in the pool */
static const int64_t PACE_AHEAD_NS = 1500000000;

struct jobs {
    struct site *site;
    struct pool *pool;
    struct journal *journal;
    struct shelf *shelf;
    struct arena *arena;          /* domains' names */
    struct domain_pace **domains; /* DOMAINS places */
    size_t domains_n;
    char boot[37];
    int64_t begin_ns, begin_now;
};

enum status jobs_new(struct site *s, struct pool *p, struct journal *j, struct jobs **out, struct error *err) {
    struct jobs *d = calloc(1, sizeof *d);
    enum status st = OK;
    *out = NULL;
    if (!d || !(d->arena = arena_new()) || !(d->domains = calloc(DOMAINS, sizeof(struct domain_pace *)))) {
        st = error_set(err, ERR_OS, "out of memory");
    } else {
        d->site = s;
        d->pool = p;
        d->journal = j;
        d->begin_ns = clock_mono_ns();
        d->begin_now = clock_now(&s->clock);
        clock_boot_id(d->boot);
        st = shelf_new(s, s->config->queue.rendition_cache_bytes, true, &d->shelf, err);
    }
    if (st != OK) {
        jobs_free(d);
        return st;
    }
    *out = d;
    return OK;
}

void jobs_free(struct jobs *d) {
    if (d) {
        shelf_free(d->shelf);
        free(d->domains);
        arena_free(d->arena);
        free(d);
    }
}

int64_t jobs_now(const struct jobs *d) {
    return d->begin_now + (clock_mono_ns() - d->begin_ns) / SECOND;
}

/* --- the pace of a destination domain --- */

/* The pace kept for DOMAIN; NULL when there is no room for more (it then has none). */
static struct domain_pace *pace_of(struct jobs *d, struct str domain) {
    uint64_t h = str_hash(domain);
    for (size_t i = 0; i < DOMAINS; i++) {
        struct domain_pace **p = &d->domains[(h + i) % DOMAINS];
        if (*p && str_eq((*p)->domain, domain)) {
            return *p;
        }
        if (!*p) {
            struct queue_bucket stored;
            if (d->domains_n >= DOMAINS / 2 || queue_pace(d->site->queue, domain, &stored, NULL) != OK) {
                return NULL;
            }
            *p = arena_alloc(d->arena, sizeof **p);
            (*p)->domain = arena_str(d->arena, domain);
            pace_init(&(*p)->pace, config_pace_for(d->site->config, domain), &stored, d->boot);
            d->domains_n++;
            return *p;
        }
    }
    return NULL;
}

/* --- claims become jobs --- */

void jobs_note(struct jobs *d, const struct delivery_claim *c, enum outcome o, enum cancel_cause cause,
               const char *text, int64_t due_at) {
    struct journal_record r = {.issue = c->issue,
                               .subscriber = c->subscriber,
                               .at = clock_now(&d->site->clock),
                               .kind = JOURNAL_OUTCOME,
                               .outcome = o,
                               .cause = cause,
                               .due_at = due_at};
    if (text) {
        r.text_len = (uint16_t)snprintf(r.text, sizeof r.text, "%s", text);
    }
    journal_note(d->journal, &r);
}

static bool job_text(struct job *j, struct str address, struct str name, struct str given) {
    if (address.len > 320) {
        return false;
    }
    size_t room = JOB_TEXT - address.len;
    name.len = utf8_cut(name, room / 2);
    given.len = utf8_cut(given, room / 2);
    memcpy(j->text, address.ptr, address.len);
    if (name.len) {
        memcpy(j->text + address.len, name.ptr, name.len);
    }
    if (given.len) {
        memcpy(j->text + address.len + name.len, given.ptr, given.len);
    }
    j->address_len = address.len;
    j->name_len = name.len;
    j->given_len = given.len;
    return true;
}

/* Whether TO must not be mailed. Who was erased may confirm anew, and stands there by a hash alone. */
static enum status is_suppressed(struct jobs *d, struct str to, struct arena *a, bool *yes, struct error *err) {
    struct address address;
    struct suppression found;
    *yes = false;
    if (address_parse(to, a, &address, NULL) != OK) {
        return OK; /* transport refuses it */
    }
    return suppression_get(d->site->store, address.key, a, yes, &found, err);
}

/* A letter becomes a message like any other, and R's texts are the arena's. */
static enum status open_letter(struct jobs *d, const struct delivery_claim *c, struct job *j, struct arena *a,
                               struct transactional *t, enum cancel_cause *cause, struct error *err) {
    struct subscriber_delivery r;
    struct buf message = BUF_INIT, sender = BUF_INIT;
    enum status st = subscriber_for_delivery(d->site->store, t->subscriber, 0, &r, err);
    if (st != OK || (*cause = pool_refuses(&r, false)) != CANCEL_NONE ||
        (st = post_refuses(d->site, t, &r, cause, err)) != OK || *cause != CANCEL_NONE) {
        return st;
    }
    if (!utf8_is_ascii(r.email)) {
        return error_set(err, ERR_DATA, "needs SMTPUTF8");
    }
    if ((st = post_compose(d->site, c->subscriber, t, &r, &message, &sender, err)) == OK) {
        t->mail_to = arena_str(a, r.email);
        t->message = arena_str(a, buf_str(&message));
        t->mail_from = arena_str(a, buf_str(&sender));
        j->person = t->subscriber;
    }
    buf_release(&message);
    buf_release(&sender);
    return st;
}

/* *cause: why it must not go, if so. */
static enum status transactional_job(struct jobs *d, const struct delivery_claim *c, struct job *j,
                                     enum cancel_cause *cause, struct error *err) {
    struct arena *a = arena_new();
    struct transactional t;
    enum status st =
        a ? transactional_get(d->site->queue, c->subscriber, a, &t, err) : error_set(err, ERR_OS, "out of memory");
    bool suppressed = false;
    *cause = CANCEL_NONE;
    if (st == OK && t.letter.len) {
        st = open_letter(d, c, j, a, &t, cause, err);
    } else if (st == OK && t.message.len && (st = is_suppressed(d, t.mail_to, a, &suppressed, err)) == OK &&
               suppressed) {
        *cause = CANCEL_SUPPRESSED;
    }
    if (st == OK && *cause == CANCEL_NONE && (!t.message.len || !job_text(j, t.mail_to, STR_NONE, STR_NONE))) {
        st = error_set(err, ERR_DATA, "transactional message %lld has no text any more", (long long)c->subscriber);
    }
    if (st == OK && *cause == CANCEL_NONE) {
        /* the message's bytes with the sender behind: one allocation, the job's */
        char *p = malloc(t.message.len + t.mail_from.len + 1);
        if (!p) {
            st = error_set(err, ERR_OS, "out of memory");
        } else {
            memcpy(p, t.message.ptr, t.message.len);
            memcpy(p + t.message.len, t.mail_from.ptr, t.mail_from.len);
            j->message = (struct str){p, t.message.len};
            j->sender = (struct str){p + t.message.len, t.mail_from.len};
        }
        /* cppcheck-suppress memleak ; the job has it */
    }
    j->relays = opening_relays(d->pool, st == OK ? t.relays : STR_NONE);
    arena_free(a);
    return st;
}

/* What the reader's state and pace say: fills J in, or notes why not and returns false. */
static bool reader_job(struct jobs *d, const struct delivery_claim *c, const struct opening *issue, struct job *j,
                       enum status *st, struct error *err) {
    struct subscriber_delivery r;
    if ((*st = subscriber_for_delivery(d->site->store, c->subscriber, issue->newsletter, &r, err)) != OK) {
        return false;
    }
    enum cancel_cause cause = pool_refuses(&r, true);
    if (cause != CANCEL_NONE) {
        jobs_note(d, c, OUTCOME_CANCELLED, cause, NULL, 0);
        return false;
    }
    if (!utf8_is_ascii(r.email) || !job_text(j, r.email, r.name, r.given_name)) {
        jobs_note(d, c, OUTCOME_UNSENDABLE, CANCEL_NONE, "needs SMTPUTF8", 0);
        (void)pthread_mutex_lock(&d->pool->lock);
        d->pool->failed++; /* no worker sees it, and the run reports it all the same */
        (void)pthread_mutex_unlock(&d->pool->lock);
        return false;
    }
    j->domain = pace_of(d, address_domain(r.email));
    if (j->domain) {
        int64_t mono = clock_mono_ns(), system = clock_system();
        (void)pthread_mutex_lock(&d->pool->lock);
        pace_recover(&j->domain->pace, clock_now(&d->site->clock));
        bool limited = pace_limited(&j->domain->pace);
        int64_t wait = limited && !c->paced ? pace_wait(&j->domain->pace, mono, system) : 0;
        if (limited && c->paced) {
            /* its place is counted already; those of one second go one behind the other */
            double per_s = pace_per_s(&j->domain->pace);
            int64_t next = j->domain->next_ns > mono ? j->domain->next_ns : mono;
            wait = next - mono;
            if (wait <= PACE_AHEAD_NS && per_s > 0) {
                j->domain->next_ns = next + (int64_t)(1e9 / per_s);
            }
        } else if (wait < 0) {
            wait = (86400 - system % 86400) * SECOND;
            int64_t hour = (3600 - system % 3600) * SECOND;
            wait = hour < wait ? hour : wait;
        } else if (limited) {
            pace_take(&j->domain->pace, mono, system); /* planned for then, so the next one comes later */
        }
        (void)pthread_mutex_unlock(&d->pool->lock);
        if (wait > 0 && wait <= PACE_AHEAD_NS) {
            j->not_before_ns = mono + wait;
        } else if (wait > 0) {
            int64_t due = jobs_now(d) + (wait + SECOND - 1) / SECOND;
            jobs_note(d, c, OUTCOME_PACED, CANCEL_NONE, NULL, due);
            return false;
        }
    }
    j->generation = r.generation;
    j->newsletter = issue->newsletter;
    j->relays = issue->relays;
    return true;
}

enum status jobs_make(struct jobs *d, const struct delivery_claim *c, const struct opening *issue, int64_t seen,
                      struct error *err) {
    struct job *j = pool_job(d->pool);
    enum status st = OK;
    if (!j) {
        jobs_note(d, c, OUTCOME_UNTRIED, CANCEL_NONE, NULL, 0);
        return OK;
    }
    j->issue = c->issue;
    j->subscriber = c->subscriber;
    j->seen = seen;
    if (c->issue == 0) {
        enum cancel_cause cause;
        st = transactional_job(d, c, j, &cause, err);
        if (st == OK && cause != CANCEL_NONE) {
            jobs_note(d, c, OUTCOME_CANCELLED, cause, NULL, 0);
            pool_drop(d->pool, j, false, OUTCOME_UNTRIED);
            return OK;
        }
        if (st == ERR_DATA) {
            jobs_note(d, c, OUTCOME_NEVER, CANCEL_NONE, err->text, 0);
            pool_drop(d->pool, j, false, OUTCOME_UNTRIED);
            return OK;
        }
    } else {
        if (!issue || !reader_job(d, c, issue, j, &st, err)) {
            if (!issue || st != OK) {
                jobs_note(d, c, OUTCOME_UNTRIED, CANCEL_NONE, NULL, 0);
            }
            pool_drop(d->pool, j, false, OUTCOME_UNTRIED);
            return st;
        }
        if (st == OK) {
            st = shelf_get(d->shelf, c->issue, c->rendition, &j->rendition, err);
        }
    }
    if (st != OK) {
        jobs_note(d, c, OUTCOME_UNTRIED, CANCEL_NONE, NULL, 0);
        pool_drop(d->pool, j, false, OUTCOME_UNTRIED);
        return st;
    }
    pool_put(d->pool, j, c->issue == 0);
    return OK;
}

enum status jobs_store_paces(struct jobs *d, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < DOMAINS && st == OK; i++) {
        struct domain_pace *p = d->domains[i];
        if (p && p->pace.dirty) {
            (void)pthread_mutex_lock(&d->pool->lock);
            struct queue_bucket used = p->pace.used;
            p->pace.dirty = false;
            (void)pthread_mutex_unlock(&d->pool->lock);
            st = queue_pace_set(d->site->queue, p->domain, &used, err);
        }
    }
    return st;
}
