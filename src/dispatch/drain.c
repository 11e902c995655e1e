#include "dispatch/drain.h"

#include "base/log.h"
#include "dispatch/alarm.h"
#include "dispatch/blame.h"
#include "dispatch/jobs.h"
#include "dispatch/opening.h"
#include "dispatch/pair.h"
#include "dispatch/pool.h"
#include "queue/issue.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    CLAIM_MOST = 512,  /* in one turn */
    CLAIM_FIRST = 128, /* before a rate is known */
    FOLD_AT = 512,     /* records that make a turn due */
    TICK_NS = 100 * 1000 * 1000,
    STOP_GRACE_S = 4, /* what is on the wire may take so long after SIGTERM */
    LOCK_PATIENCE_MS = 250,
    FOLD_PATIENCE_S = 60, /* how long outcomes that can't be recorded are tried again */
    NUMBER_EVERY_S = 60,  /* how often a long run takes a new number */
    ISSUES = 256
};

static const int64_t SECOND = 1000000000;

struct drain {
    struct site *site;
    struct journal *journal;
    struct pool *pool;
    struct jobs *jobs;
    const struct delivery_policy *policy;
    const struct drain_options *o;
    struct opening issues[ISSUES];
    int64_t aside[ISSUES]; /* issues that this run can't send */
    struct error aside_why;
    size_t aside_n;
    size_t issues_n, turn_at;
    struct delivery_claim claims[CLAIM_MOST];
    struct delivery_want wants[ISSUES + 1];
    bool began;   /* the run's number was written: mail may go */
    bool unknown; /* unknown ones are claimed too */
    bool ending;  /* nothing else is due: they are asked for, once more */
    bool more;    /* the last turn claimed something, or something may have become due */
    double rate;  /* outcomes a second, smoothed */
    int64_t rate_ns, rate_done;
    int64_t folded_ok_ns;
    int64_t alarms, expired;
    struct blame blame;
    int64_t seen; /* queue.db's data_version at the last look: another program's commits change it */
    /* records whose folding failed */
    struct journal_record *pending;
    size_t pending_n;
};

static const struct opening *opening_of(const struct drain *d, int64_t issue) {
    for (size_t i = 0; i < d->issues_n; i++) {
        if (d->issues[i].issue == issue) {
            return &d->issues[i];
        }
    }
    return NULL;
}

static bool set_aside(const struct drain *d, int64_t issue) {
    for (size_t i = 0; i < d->aside_n; i++) {
        if (d->aside[i] == issue) {
            return true;
        }
    }
    return false;
}

static enum status find_issues(struct drain *d, struct error *err) {
    struct opening list[ISSUES];
    size_t n, kept = 0;
    enum status st = opening_list(d->site, d->pool, list, ISSUES, &n, err);
    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        if (!set_aside(d, list[i].issue)) {
            list[kept++] = list[i];
        }
    }
    /* what was paused or cancelled, or whose window closed, goes back before it is sent */
    for (size_t i = 0; i < d->issues_n; i++) {
        bool still = false;
        for (size_t k = 0; k < kept; k++) {
            still |= list[k].issue == d->issues[i].issue;
        }
        if (!still) {
            (void)pool_recall(d->pool, d->issues[i].issue);
        }
    }
    memcpy(d->issues, list, kept * sizeof *list);
    d->issues_n = kept;
    return OK;
}

static void blamed(void *ctx, const char *about, const char *sentence) {
    struct drain *d = ctx;
    alarm_raise(d->site, d->o->run, about, sentence);
}

/* An issue that can't be rendered holds up no other: this run leaves it alone and says so. */
static enum status put_aside(struct drain *d, int64_t issue, const struct error *why) {
    if (d->aside_n == ISSUES) {
        return ERR_SOFTWARE;
    }
    d->aside[d->aside_n++] = issue;
    d->aside_why = *why;
    char about[40];
    (void)snprintf(about, sizeof about, "issue %lld", (long long)issue);
    alarm_raise(d->site, d->o->run, about, why->text);
    return find_issues(d, NULL);
}

/* --- a turn: fold and claim --- */

/* How many to claim: what the connections use up in a quarter of a second, never more than two seconds of pace. */
static size_t claim_size(struct drain *d) {
    double want = d->rate > 0 ? d->rate / 4 : CLAIM_FIRST;
    want = want < CLAIM_FIRST ? CLAIM_FIRST : want > CLAIM_MOST ? CLAIM_MOST : want;
    double allowed = 0;
    bool unlimited = false;
    (void)pthread_mutex_lock(&d->pool->lock);
    for (size_t i = 0; i < d->pool->relays_n; i++) {
        const struct relay *r = &d->pool->relays[i];
        if (r->usable) {
            double x = pace_limited(&r->pace) ? pace_per_s(&r->pace) : 0;
            unlimited |= x <= 0;
            allowed += x;
        }
    }
    size_t ready = d->pool->ready_n;
    (void)pthread_mutex_unlock(&d->pool->lock);
    if (!unlimited && allowed * 2 < want) {
        want = allowed * 2 < 1 ? 1 : allowed * 2;
    }
    return ready >= (size_t)want ? 0 : (size_t)want - (ready > (size_t)want / 2 ? ready : 0);
}

static size_t make_wants(struct drain *d, size_t room) {
    size_t n = 0;
    int64_t counts[DELIVERY_STATES];
    if (issue_counts(d->site->queue, 0, counts, NULL) == OK &&
        counts[DELIVERY_QUEUED] + counts[DELIVERY_DEFERRED] + counts[DELIVERY_UNKNOWN] > 0) {
        d->wants[n++] = (struct delivery_want){0, room < 32 ? room : 32};
        room -= d->wants[0].max;
    }
    /* open issues in turn, so a slow one holds up no other */
    uint32_t usable = pool_usable(d->pool, NULL);
    size_t may = 0;
    for (size_t i = 0; i < d->issues_n; i++) {
        may += (d->issues[i].relays & usable) != 0;
    }
    for (size_t i = 0; i < d->issues_n && may > 0 && room > 0; i++) {
        const struct opening *o = &d->issues[(d->turn_at + i) % d->issues_n];
        if (o->relays & usable) {
            size_t share = room / may ? room / may : 1;
            d->wants[n++] = (struct delivery_want){o->issue, share};
            room -= share;
            may--;
        }
    }
    d->turn_at++;
    return n;
}

static void measure(struct drain *d) {
    int64_t now = clock_mono_ns();
    (void)pthread_mutex_lock(&d->pool->lock);
    int64_t done = d->pool->sent + d->pool->deferred + d->pool->failed + d->pool->unknown;
    (void)pthread_mutex_unlock(&d->pool->lock);
    if (now - d->rate_ns > SECOND / 5) {
        double r = (double)(done - d->rate_done) * 1e9 / (double)(now - d->rate_ns);
        d->rate = d->rate > 0 ? d->rate * 0.6 + r * 0.4 : r;
        d->rate_ns = now;
        d->rate_done = done;
    }
}

static enum status turn(struct drain *d, bool claim, struct error *err) {
    struct delivery_turn t = {.now = clock_now(&d->site->clock),
                              .pace_now = jobs_now(d->jobs),
                              .unknown = d->unknown,
                              .claims = d->claims,
                              .wants = d->wants};
    enum status st = OK;
    if (!d->pending_n) {
        journal_take(d->journal, &d->pending, &d->pending_n);
        blame_count(&d->blame, d->pending, d->pending_n);
    }
    t.records = d->pending;
    t.records_n = d->pending_n;
    size_t room = claim && !journal_failed(d->journal) ? claim_size(d) : 0;
    if (room && !d->began) {
        /* the numbers of the run stand in all three places before its first MAIL */
        if ((st = pair_begin_run(d->site, err)) != OK) {
            return st;
        }
        d->began = true;
        /* from here on the loop tries again: a lock must not keep a signal waiting */
        sql_patience(queue_sql(d->site->queue), LOCK_PATIENCE_MS);
    }
    t.wants_n = room ? make_wants(d, room) : 0;
    if (!t.records_n && !t.wants_n) {
        d->folded_ok_ns = clock_mono_ns();
        d->more = false;
        journal_folded(d->journal, 0); /* no outcome waits any more: mail may go again */
        return OK;
    }
    int64_t seen = t.wants_n ? pool_seen(d->pool) : 0;
    if ((st = delivery_turn(d->site->queue, d->policy, &t, err)) != OK) {
        return st;
    }
    d->folded_ok_ns = clock_mono_ns();
    d->pending_n = 0;
    if (t.wants_n && (!d->ending || t.claims_n)) {
        d->unknown = d->ending = false; /* those of an earlier run went first; this run's own go at its end */
    }
    d->alarms += t.alarms;
    d->expired += t.expired;
    journal_folded(d->journal, t.folded);
    d->more = t.claims_n > 0;
    if (t.claims_n) {
        (void)sql_exec(store_sql(d->site->store), "BEGIN",
                       NULL); /* one read transaction for all of them: half the cost */
    }
    for (size_t i = 0; i < t.claims_n; i++) {
        if (st == OK) {
            const struct delivery_claim *c = &t.claims[i];
            st = jobs_make(d->jobs, c, opening_of(d, c->issue), seen, err);
            if (c->issue && st != OK && st != ERR_IO && st != ERR_TEMP && st != ERR_OS) { /* not the database's */
                st = put_aside(d, c->issue, err);
            }
        } else {
            jobs_note(d->jobs, &t.claims[i], OUTCOME_UNTRIED, CANCEL_NONE, NULL, 0);
        }
    }
    sql_rollback(store_sql(d->site->store));
    sql_checkpoint_if_large(queue_sql(d->site->queue));
    return st;
}

/* --- upkeep --- */

static enum status store_paces(struct drain *d, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < d->pool->relays_n && st == OK; i++) {
        struct relay *r = &d->pool->relays[i];
        (void)pthread_mutex_lock(&d->pool->lock);
        bool dirty = r->dirty || (r->pace.dirty && r->pace.rate.n);
        r->dirty = r->pace.dirty = false;
        r->row.bucket = r->pace.used;
        struct queue_relay row = r->row;
        (void)pthread_mutex_unlock(&d->pool->lock);
        if (dirty) {
            st = queue_relay_set(d->site->queue, &row, err);
        }
    }
    return st == OK ? jobs_store_paces(d->jobs, err) : st;
}

static void progress(struct drain *d, struct run_report *report) {
    if (!d->o->run->progress) {
        return;
    }
    int64_t counts[DELIVERY_STATES] = {0};
    (void)issue_counts(d->site->queue, -1, counts, NULL);
    (void)pthread_mutex_lock(&d->pool->lock);
    int64_t done = d->pool->sent + d->pool->deferred + d->pool->failed;
    (void)pthread_mutex_unlock(&d->pool->lock);
    struct run_progress p = {.done = report->sent + report->deferred + report->failed + done,
                             .open = counts[DELIVERY_QUEUED] + counts[DELIVERY_CLAIMED] + counts[DELIVERY_UNKNOWN],
                             .per_s = d->rate,
                             .remaining_s = -1,
                             .what = "sending"};
    if (d->rate > 0.1) {
        p.remaining_s = (int64_t)((double)p.open / d->rate) + 1;
    }
    d->o->run->progress(d->o->run->ctx, &p);
}

/* Waits until there is something to do, at most UNTIL_NS. */
static void wait_news(struct drain *d, int64_t ns) {
    int64_t until = clock_mono_ns() + ns;
    struct timespec t = {until / SECOND, until % SECOND};
    /* the next claim is due when half of what was claimed is gone */
    size_t low = d->rate > 4 * CLAIM_FIRST ? (size_t)(d->rate / 8) : CLAIM_FIRST / 2;
    (void)pthread_mutex_lock(&d->pool->lock);
    low = !d->more ? 0 : low > CLAIM_MOST / 2 ? CLAIM_MOST / 2 : low;
    while (d->pool->ready_n > low || (!d->more && d->pool->ready_n + d->pool->out_n > 0)) {
        d->pool->low = low;
        if (journal_waiting(d->journal) >= FOLD_AT ||
            pthread_cond_timedwait(&d->pool->news, &d->pool->lock, &t) == ETIMEDOUT) {
            break;
        }
    }
    d->pool->low = SIZE_MAX;
    (void)pthread_mutex_unlock(&d->pool->lock);
}

struct meanwhile {
    pthread_t thread;
    atomic_bool running;
    bool started;
    const struct drain_options *o;
};

static void *meanwhile_main(void *arg) {
    struct meanwhile *m = arg;
    m->o->meanwhile(m->o->ctx);
    atomic_store(&m->running, false);
    return NULL;
}

/* The earliest moment a paced delivery may go, in pace_now's seconds; 0: none waits. */
static int64_t next_paced(struct drain *d) {
    int64_t first = 0;
    for (size_t i = 0; i < d->issues_n; i++) {
        int64_t t = 0;
        if (delivery_paced_next(d->site->queue, d->issues[i].issue, &t, NULL) == OK && t && (!first || t < first)) {
            first = t;
        }
    }
    return first;
}

/* Whether a deferred delivery's time has come. */
static bool retry_due(struct drain *d) {
    for (size_t i = 0; i < d->issues_n; i++) {
        int64_t first = 0, last = 0;
        if (delivery_due_span(d->site->queue, d->issues[i].issue, &first, &last, NULL) == OK && first > 0 &&
            first <= clock_now(&d->site->clock)) {
            return true;
        }
    }
    return false;
}

/* Hours and days are not waited for; the next run goes on. */
enum { PACE_PATIENCE_S = 300 };

static enum status loop(struct drain *d, struct run_report *report, bool *no_relay, bool *stopped, struct error *err) {
    struct meanwhile m = {.o = d->o};
    atomic_init(&m.running, false);
    enum status st = OK;
    struct error trouble = {0};
    bool told = false;
    int64_t second_ns = 0, meanwhile_ns = clock_mono_ns(), number_ns = meanwhile_ns, stop_ns = 0;
    for (;;) {
        int64_t now_ns = clock_mono_ns();
        if (now_ns - second_ns >= SECOND) {
            second_ns = now_ns;
            if ((st = find_issues(d, &trouble)) != OK) {
                log_info("%s", trouble.text);
                st = OK; /* locked for a moment; the claims go on with what was known */
            }
            (void)journal_sync(d->journal, NULL);
            (void)store_paces(d, NULL);
            if (d->began && !stop_ns && now_ns - number_ns > NUMBER_EVERY_S * SECOND) {
                number_ns = now_ns;
                (void)pair_begin_run(d->site, NULL); /* what was copied until now is known for a backup from here on */
            }
            if (d->o->beat) {
                d->o->beat(d->o->ctx);
            }
            int64_t seen = sql_data_version(queue_sql(d->site->queue));
            if (d->seen && seen != d->seen) {
                (void)pool_recall(d->pool, -1); /* perhaps held: claimed anew it is seen */
                d->more = true;
            }
            d->seen = seen;
            if (m.started && !atomic_load(&m.running)) {
                (void)pthread_join(m.thread, NULL);
                m.started = false;
                d->more = true;
            }
        }
        if (d->o->meanwhile && !m.started && now_ns - meanwhile_ns > d->o->meanwhile_every_s * SECOND) {
            meanwhile_ns = now_ns;
            atomic_store(&m.running, true);
            m.started = pthread_create(&m.thread, NULL, meanwhile_main, &m) == 0;
        }
        measure(d);
        progress(d, report);
        if (d->o->run->stop && *d->o->run->stop && !stop_ns) {
            stop_ns = now_ns;
            *stopped = true;
            transport_stop(d->pool->transport);
            (void)pool_recall(d->pool, -1);
        }
        if (stop_ns && now_ns - stop_ns > STOP_GRACE_S * SECOND) {
            transport_cut(d->pool->transport);
        }
        bool spent;
        uint32_t relays = pool_usable(d->pool, &spent);
        bool usable = relays != 0;
        (void)pool_recall_unfit(d->pool, relays);
        if ((st = turn(d, usable && !stop_ns, &trouble)) != OK) {
            if (st != ERR_TEMP && st != ERR_IO) {
                break; /* not a passing trouble: end in order */
            }
            if (!d->began || clock_mono_ns() - d->folded_ok_ns > FOLD_PATIENCE_S * SECOND ||
                (stop_ns && now_ns - stop_ns > (STOP_GRACE_S - 1) * SECOND)) {
                break;
            }
            if (!told) {
                log_warning("%s; trying again", trouble.text);
                told = true;
            }
            struct timespec nap = {0, SECOND / 2}; /* not woken by news: it could not be taken over */
            (void)nanosleep(&nap, NULL);
            continue;
        }
        told = false;
        if (journal_failing(d->journal, FOLD_PATIENCE_S * SECOND, &trouble)) {
            st = ERR_IO;
            break;
        }
        if (journal_failing(d->journal, 0, &trouble)) {
            struct timespec nap = {0, TICK_NS}; /* no hurry to claim, connect and be refused again */
            (void)nanosleep(&nap, NULL);
        }
        (void)pthread_mutex_lock(&d->pool->lock);
        bool idle = d->pool->ready_n == 0 && d->pool->out_n == 0;
        (void)pthread_mutex_unlock(&d->pool->lock);
        if (idle && !d->more && journal_waiting(d->journal) == 0) {
            if (stop_ns) {
                break;
            }
            if (!usable) {
                int64_t counts[DELIVERY_STATES] = {0}, mails[DELIVERY_STATES] = {0};
                (void)issue_counts(d->site->queue, -1, counts, NULL);
                (void)issue_counts(d->site->queue, 0, mails, NULL);
                *no_relay =
                    !spent &&
                    (counts[DELIVERY_QUEUED] + counts[DELIVERY_UNKNOWN] + mails[DELIVERY_QUEUED] > 0 || retry_due(d));
                break;
            }
            if (!d->ending) {
                d->unknown = d->ending = true; /* at the end of a run the unknown ones go */
                continue;
            }
            int64_t paced = next_paced(d);
            if ((paced == 0 || paced - jobs_now(d->jobs) > PACE_PATIENCE_S) && !m.started) {
                break;
            }
            struct timespec nap = {0, TICK_NS};
            (void)nanosleep(&nap, NULL);
            continue;
        }
        wait_news(d, TICK_NS);
    }
    /* the end, in order: nothing more is taken, what is on the wire finishes, and all outcomes are taken over */
    (void)pool_recall(d->pool, -1);
    transport_stop(d->pool->transport);
    int64_t end_ns = clock_mono_ns();
    for (;;) {
        (void)pthread_mutex_lock(&d->pool->lock);
        size_t out = d->pool->out_n;
        (void)pthread_mutex_unlock(&d->pool->lock);
        if (out == 0) {
            break;
        }
        if (clock_mono_ns() - end_ns > STOP_GRACE_S * SECOND) {
            transport_cut(d->pool->transport);
        }
        struct timespec nap = {0, 5000000};
        (void)nanosleep(&nap, NULL);
    }
    if (!stop_ns) {
        sql_patience(queue_sql(d->site->queue), 0);
    }
    struct error last = {0};
    enum status folded = turn(d, false, &last);
    if (st == OK && folded == OK && journal_waiting(d->journal)) {
        folded = turn(d, false, &last);
    }
    (void)store_paces(d, NULL);
    sql_patience(queue_sql(d->site->queue), 0);
    if (m.started) {
        (void)pthread_join(m.thread, NULL);
    }
    if (d->began && !stop_ns) {
        (void)pair_begin_run(d->site,
                             NULL); /* a backup made in the midst of this run has its number: it is behind now */
    }
    if (st == OK && folded != OK) {
        st = folded;
        trouble = last;
    }
    if (st != OK) {
        (void)error_set(err, st == ERR_IO ? ERR_TEMP : st, "%s", trouble.text);
        st = st == ERR_IO ? ERR_TEMP : st;
    }
    return st;
}

/* What the administrator should know at the end. */
static void tell_end(struct drain *d, bool no_relay) {
    if (d->alarms) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "%lld %s held: a relay left the message's end unanswered three times; 'courant queue list "
                       "--state held' shows which",
                       (long long)d->alarms, d->alarms == 1 ? "delivery is" : "deliveries are");
        alarm_raise(d->site, d->o->run, "held", text);
    }
    blame_tell(&d->blame, d->site->queue, blamed, d);
    for (size_t i = 0; i < d->pool->relays_n; i++) {
        const struct relay *r = &d->pool->relays[i];
        char about[300];
        if (r->row.stopped[0]) {
            (void)snprintf(about, sizeof about, "relay %s", r->config->name);
            alarm_raise(d->site, NULL, about, r->why[0] ? r->why : r->row.stopped);
        }
        if (no_relay && r->why[0] && d->o->run->note) {
            d->o->run->note(d->o->run->ctx, r->why);
        }
    }
}

enum status drain(struct site *s, struct journal *j, const struct delivery_policy *policy,
                  const struct drain_options *o, struct run_report *report, bool *no_relay, bool *stopped,
                  struct error *err) {
    struct drain *d = calloc(1, sizeof *d);
    enum status st = OK;
    *no_relay = *stopped = false;
    if (!d) {
        return error_set(err, ERR_OS, "out of memory");
    }
    /* sched(7): waking, a batch thread interrupts nobody, above all not the relay it feeds; the threads inherit it */
    (void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
    d->site = s;
    d->journal = j;
    d->policy = policy;
    d->o = o;
    d->more = true;
    d->unknown = true; /* those of an earlier run go first */
    d->rate_ns = d->folded_ok_ns = clock_mono_ns();
    if ((st = site_load_signing(s, err)) == OK && (st = pool_new(s, j, &d->pool, err)) == OK &&
        (st = jobs_new(s, d->pool, j, &d->jobs, err)) == OK) {
        st = loop(d, report, no_relay, stopped, err);
        report->sent += d->pool->sent;
        report->deferred += d->pool->deferred - d->expired;
        report->failed += d->pool->failed + d->expired;
        report->unknown += d->pool->unknown;
        tell_end(d, *no_relay);
    }
    if (st == OK && d->aside_n) {
        st = error_set(err, d->aside_why.status, "%s", d->aside_why.text);
    }
    pool_free(d->pool);
    jobs_free(d->jobs);
    free(d);
    return st;
}
