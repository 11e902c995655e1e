#include "dispatch/run.h"

#include "base/log.h"
#include "dispatch/alarm.h"
#include "dispatch/approval.h"
#include "dispatch/build.h"
#include "dispatch/drain.h"
#include "dispatch/invite.h"
#include "dispatch/lock.h"
#include "dispatch/opening.h"
#include "dispatch/pair.h"
#include "dispatch/people.h"
#include "dispatch/release.h"
#include "dispatch/rest.h"
#include "dispatch/retention.h"
#include "queue/issue.h"
#include "source/source.h"
#include "store/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STAGE_EVERY_S = 60, STAY_NAP_MS = 1000 };

struct running {
    struct site *site;
    const struct run_options *o;
    struct run_report *report;
    struct run_lock lock;
    struct journal *journal;
    enum status trouble; /* the worst of what stages met; the run goes on with the others */
    struct error why;
};

static void note(struct running *r, const char *sentence) {
    if (r->o->note) {
        r->o->note(r->o->ctx, sentence);
    }
}

/* What somebody must act upon: said, and mailed to the administrator. */
static void alarm_about(struct running *r, struct site *s, const char *kind, const char *name, const char *sentence) {
    char about[300];
    (void)snprintf(about, sizeof about, "%s %s", kind, name);
    alarm_raise(s, r->o, about, sentence);
}

static bool stopping(const struct running *r) {
    return r->o->stop && *r->o->stop;
}

static void say_what(struct running *r, const char *what) {
    if (r->o->progress) {
        struct run_progress p = {.remaining_s = -1, .what = what};
        r->o->progress(r->o->ctx, &p);
    }
}

/* --- the stages before delivery --- */

/* Whether it can't be told from what a source has: courant.db failed, or the machine. */
static bool is_ours(enum status st) {
    return st == ERR_IO || st == ERR_TEMP || st == ERR_OS;
}

/* SOURCE was asked for TOOK_NS and failed: it rests, and the same is not said each time. */
static void import_failed(struct running *r, struct site *s, const struct config_source *source, int64_t took_ns,
                          int64_t retry_after_s, const struct error *err) {
    struct error why;
    bool say = true;
    if (stopping(r)) {
        return;
    }
    if (!is_ours(err->status) &&
        rest_failed(s, source, took_ns / 1000000000, retry_after_s, str_from(err->text), &say, &why) != OK) {
        log_warning("%s", why.text);
    }
    if (say) {
        alarm_about(r, s, "source", source->name, err->text);
    }
}

/* A source that can't be read or is held stops that source alone. False: courant.db failed it;
 * what the source has may be taken a moment later. */
static bool import_one(struct running *r, struct site *s, const struct config_source *source, int64_t last_issue) {
    struct source_options o = {.last_issue_at = last_issue, .erased_key = s->erased_key};
    struct source_report report = {0};
    struct rest rest = {0};
    struct error err;
    char text[300];
    int64_t begin = clock_mono_ns();
    struct arena *a = arena_new();
    enum status st = a ? rest_get(s, source, a, &rest, &err) : error_set(&err, ERR_OS, "out of memory");
    arena_free(a);
    if (st == OK && rest.until > clock_now(&s->clock)) {
        return true;
    }
    if (st == OK && (st = source_sync(s->store, s->config, source, &s->clock, &o, &report, &err)) == OK &&
        rest.failures) {
        st = rest_over(s, source, &err);
    }
    if (st != OK) {
        import_failed(r, s, source, clock_mono_ns() - begin, report.retry_after_s, &err);
    } else if (report.held.ptr && report.held_anew) {
        (void)snprintf(text, sizeof text, "source %s: %.*s", source->name, STR_ARG(report.held));
        alarm_about(r, s, "source", source->name, text);
    } else if (report.fresh > 0) {
        (void)snprintf(text, sizeof text, "source %s: %lld %s refused; 'courant source sync %s' says which and why",
                       source->name, (long long)report.fresh, report.fresh == 1 ? "row was" : "rows were",
                       source->name);
        note(r, text);
    }
    source_report_release(&report);
    return !is_ours(st);
}

static enum status stage(struct running *r, struct site *s, bool import, struct error *err) {
    int64_t last = 0, built = 0, released, forgotten;
    enum status st = OK;
    struct error why;
    bool whole = true;
    if (import) {
        sql_heed_stop(sql_handle(store_sql(s->store)), true); /* a large sync can take longer than a signal may wait */
        say_what(r, "importing");
        (void)issue_last_built(s->queue, &last, NULL);
        for (size_t i = 0; i < s->config->sources_n && !stopping(r); i++) {
            whole = import_one(r, s, &s->config->sources[i], last) && whole;
        }
        sql_heed_stop(sql_handle(store_sql(s->store)), false);
        if (stopping(r)) {
            return OK;
        }
        if ((st = articles_arrive(s->store, clock_now(&s->clock), NULL, err)) != OK ||
            (st = people_lapse(s, err)) != OK || (st = subscription_lapse(s->store, clock_now(&s->clock), err)) != OK ||
            (st = invite_forget(s, &forgotten, err)) != OK) {
            return st;
        }
        say_what(r, "building");
        if (!stopping(r) && (st = build_due(s, !whole, &built, &why)) != OK) {
            /* one newsletter's trouble: its due time stays open, and the others go on */
            if (st == ERR_IO || st == ERR_TEMP) {
                r->trouble = st; /* said at the end */
                r->why = why;
            } else {
                alarm_about(r, s, "build", "", why.text);
            }
        }
        r->report->issues_built += built;
    }
    bool waits;
    if ((st = pair_waits(s, &waits, err)) != OK || waits) {
        return st; /* a backup was adopted: nothing new goes to readers before somebody lets it */
    }
    if ((import && (st = approval_tend(s, r->o, err)) != OK) || stopping(r)) {
        return st;
    }
    if ((st = release_all(s, r->o->stop, &released, err)) == OK) {
        st = issue_cancel_rest(s->queue, clock_now(&s->clock), err);
    }
    return st;
}

/* While a long delivery goes on: the same stages with connections of their own. */
static void meanwhile(void *ctx) {
    struct running *r = ctx;
    struct site *s = NULL;
    struct error err;
    if (site_open(r->site->config, &r->site->clock, SITE_WRITE | SITE_KEYS, &s, &err) != OK ||
        stage(r, s, !r->o->send_only, &err) != OK) {
        log_warning("%s", err.text);
    }
    site_close(s);
}

static void beat(void *ctx) {
    struct running *r = ctx;
    lock_beat(&r->lock);
}

/* --- delivery --- */

/* Whether anything may go now: nothing is opened for a run that has nothing to do. */
static enum status work_waits(struct site *s, bool *waits, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row *rows;
    size_t n = 0;
    int64_t counts[DELIVERY_STATES] = {0};
    enum status st = a ? issue_counts(s->queue, 0, counts, err) : error_set(err, ERR_OS, "out of memory");
    *waits = counts[DELIVERY_QUEUED] + counts[DELIVERY_DEFERRED] + counts[DELIVERY_UNKNOWN] > 0;
    if (st == OK) {
        st = issue_open(s->queue, a, &rows, &n, err);
    }
    for (size_t i = 0; i < n && st == OK && !*waits; i++) {
        int64_t first, last;
        if (!opening_is(s, &rows[i]) || (st = issue_counts(s->queue, rows[i].id, counts, err)) != OK) {
            continue;
        }
        if (counts[DELIVERY_QUEUED] > 0) {
            *waits = true;
        } else if (counts[DELIVERY_DEFERRED] + counts[DELIVERY_UNKNOWN] > 0) {
            st = delivery_due_span(s->queue, rows[i].id, &first, &last, err);
            *waits = first > 0 && first <= clock_now(&s->clock);
        }
    }
    arena_free(a);
    return st;
}

static struct delivery_policy policy_of(struct site *s) {
    const struct config_queue *q = &s->config->queue;
    return (struct delivery_policy){.retry_s = q->retry_s,
                                    .retry_n = q->retry_n,
                                    .lifetime_s = q->lifetime_s,
                                    .unknown_hold = q->unknown == CONFIG_UNKNOWN_HOLD,
                                    .random = &s->random};
}

/* A word that ties the journal's records to this queue.db. */
static enum status salt_of(struct site *s, uint32_t *salt, struct error *err) {
    struct arena *a = arena_new();
    struct str pair = STR_NONE;
    int64_t turn = 0;
    enum status st = a ? queue_meta_str(s->queue, "pair", a, &pair, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        st = queue_meta_int(s->queue, "salt", &turn, err);
    }
    *salt = (uint32_t)turn;
    for (size_t i = 0; i < pair.len; i++) {
        *salt = *salt * 31 + (unsigned char)pair.ptr[i];
    }
    arena_free(a);
    return st;
}

static enum status open_journal(struct running *r, struct error *err) {
    char path[4096];
    uint32_t salt;
    if (r->journal) {
        return OK;
    }
    (void)snprintf(path, sizeof path, "%s.wire", r->site->config->queue.path);
    enum status st = salt_of(r->site, &salt, err);
    return st == OK ? journal_open(path, salt, &r->journal, err) : st;
}

/* Before anything else reads the queue: a run that died is made good. */
static enum status recover(struct running *r, struct error *err) {
    struct site *s = r->site;
    struct arena *a = arena_new();
    struct str was;
    char boot[37];
    int64_t recovered = 0, unknown = 0;
    clock_boot_id(boot);
    enum status st = a ? queue_meta_str(s->queue, "running", a, &was, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && was.len) {
        struct delivery_policy p = policy_of(s);
        if ((st = open_journal(r, err)) == OK &&
            (st = delivery_recover(s->queue, &p, r->journal, !str_eq(was, str_from(boot)), clock_now(&s->clock),
                                   &recovered, &unknown, err)) == OK) {
            st = queue_meta_set_str(s->queue, "running", STR(""), err);
        }
        if (st == OK && recovered) {
            log_info("the last run was cut short: %lld deliveries are queued again, of %lld it is not known whether "
                     "they arrived",
                     (long long)(recovered - unknown), (long long)unknown);
        }
        r->report->unknown += unknown;
    }
    arena_free(a);
    return st;
}

enum status run_recover(struct site *s, struct error *err) {
    struct run_report report = {0};
    struct running r = {.site = s, .report = &report, .lock = {.fd = -1}};
    enum status st = recover(&r, err);
    journal_close(r.journal);
    return st;
}

static enum status deliver(struct running *r, bool *no_relay, bool *stopped, struct error *err) {
    struct site *s = r->site;
    bool waits;
    char boot[37];
    uint64_t folded;
    *no_relay = *stopped = false;
    enum status st = pair_waits(s, &waits, err);
    if (st == OK && waits) {
        st =
            error_set(err, ERR_TEMP,
                      "nothing is mailed: a backup was adopted; look at 'courant queue list --state held' and 'courant "
                      "issue list', then let it go with 'courant queue release'");
    }
    if (st != OK || (st = work_waits(s, &waits, err)) != OK || !waits) {
        return st;
    }
    if ((st = pair_verify(s, err)) != OK || (st = open_journal(r, err)) != OK ||
        (st = delivery_folded(s->queue, &folded, err)) != OK) {
        return st;
    }
    clock_boot_id(boot);
    struct delivery_policy p = policy_of(s);
    /* replays nothing (recovery did), but learns the greatest seq that stands in the file */
    if ((st = journal_replay(r->journal, UINT64_MAX, NULL, NULL, err)) != OK) {
        return st;
    }
    journal_start(r->journal, folded);
    if ((st = queue_meta_set_str(s->queue, "running", str_from(boot), err)) != OK) {
        return st;
    }
    struct drain_options o = {
        .run = r->o, .meanwhile = meanwhile, .ctx = r, .meanwhile_every_s = STAGE_EVERY_S, .beat = beat};
    st = drain(s, r->journal, &p, &o, r->report, no_relay, stopped, err);
    if (st == OK) {
        st = queue_meta_set_str(s->queue, "running", STR(""), err);
    }
    return st;
}

static enum status once(struct running *r, bool *no_relay, bool *stopped, struct error *err) {
    enum status st = stage(r, r->site, !r->o->send_only, err);
    *no_relay = *stopped = false;
    if (st == OK && !stopping(r)) {
        st = deliver(r, no_relay, stopped, err);
    }
    if (st == OK && !stopping(r)) {
        st = retention_keep(r->site, err);
    }
    return st;
}

enum status run(struct site *s, const struct run_options *o, struct run_report *report, struct error *err) {
    struct running r = {.site = s, .o = o, .report = report, .lock = {.fd = -1}};
    int64_t begin = clock_mono_ns();
    bool stale, no_relay = false, stopped = false;
    *report = (struct run_report){0};
    enum status st = lock_take(s->config->queue.path, &r.lock, &report->busy, &stale, err);
    if (st == OK && stale) {
        alarm_raise(s, NULL, "runner",
                    "a run holds the lock and has not moved for ten minutes: nothing is mailed meanwhile");
    }
    if (st != OK || report->busy) {
        return st == OK && stale ? error_set(err, ERR_TEMP,
                                             "another run holds the lock and has not moved for ten minutes; look at it "
                                             "(its files: %s.lock)",
                                             s->config->queue.path)
                                 : st;
    }
    if ((st = site_act(s, err)) == OK && (st = recover(&r, err)) == OK) {
        st = once(&r, &no_relay, &stopped, err);
        while (o->stay && st == OK && !stopping(&r)) {
            /* resident: new work is looked for every second, sources once a minute */
            int64_t next = clock_mono_ns() + (int64_t)STAGE_EVERY_S * 1000000000;
            int64_t seen = sql_data_version(queue_sql(s->queue)), now_seen = seen;
            while (!stopping(&r) && clock_mono_ns() < next && now_seen == seen) {
                struct timespec nap = {STAY_NAP_MS / 1000, STAY_NAP_MS % 1000 * 1000000};
                (void)nanosleep(&nap, NULL);
                lock_beat(&r.lock);
                now_seen = sql_data_version(queue_sql(s->queue));
            }
            if (!stopping(&r) && (st = site_act(s, err)) == OK) {
                st = once(&r, &no_relay, &stopped, err);
            }
        }
    }
    report->seconds = (double)(clock_mono_ns() - begin) / 1e9;
    journal_close(r.journal);
    lock_release(&r.lock);
    if (st == OK && (stopped || (stopping(&r) && !o->stay))) {
        st = error_set(err, ERR_TEMP, "stopped by a signal; the next run goes on from here");
    } else if (st == OK && no_relay && report->sent == 0) {
        st = error_set(err, ERR_TEMP,
                       "no relay could be used ('courant check' tries them); what waits goes with a later run");
    } else if (st == OK && r.trouble != OK) {
        *err = r.why;
        st = r.trouble;
    }
    return st;
}
