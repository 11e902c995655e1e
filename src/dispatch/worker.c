#include "dispatch/worker.h"

#include "base/log.h"
#include "dispatch/pool.h"
#include "model/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum {
    REST_FIRST_S = 30,
    REST_MOST_S = 15 * 60,
    LOSSES_MAX = 3,
    IDLE_NS = 1000 * 1000 * 1000,    /* how long a session waits for work before it says QUIT */
    PACE_NS = 2 * 1000 * 1000 * 1000 /* and for its relay's pace: longer, and the connection is given up meanwhile */
};

static struct timespec at_ns(int64_t ns) {
    return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static struct str job_address(const struct job *j) {
    return (struct str){j->text, j->address_len};
}

/* --- what happened to a relay; the pool's lock is held --- */

static void relay_rests(struct pool *p, struct relay *r, const char *why) {
    int64_t now = clock_now(&p->site->clock);
    if (!r->usable) {
        return; /* several connections hear the same: it counts once */
    }
    r->row.rest_s = r->row.rest_s ? r->row.rest_s * 2 : REST_FIRST_S;
    if (r->row.rest_s > REST_MOST_S) {
        r->row.rest_s = REST_MOST_S;
    }
    r->row.rest_until = now + r->row.rest_s;
    r->row.losses = 0;
    r->usable = false;
    r->dirty = true;
    r->troubled = true;
    (void)snprintf(r->why, sizeof r->why, "%s", why);
    log_info("relay %s rests for %lld s: %s", r->config->name, (long long)r->row.rest_s, why);
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_cond_signal(&p->news);
}

/* The operator must act; tried again after the longest rest all the same. */
static void relay_stops(struct pool *p, struct relay *r, const char *why) {
    if (r->usable) {
        r->row.rest_s = REST_MOST_S;
        relay_rests(p, r, why);
        (void)snprintf(r->row.stopped, sizeof r->row.stopped, "%.200s", why);
        log_warning("relay %s is stopped: %s", r->config->name, why);
    }
}

static void relay_accepted(struct relay *r) {
    r->troubled = false;
    if (r->row.rest_s || r->row.losses || r->row.stopped[0] || r->row.rest_until) {
        r->row.rest_s = r->row.losses = r->row.rest_until = 0;
        r->row.stopped[0] = 0;
        r->dirty = true;
    }
}

/* --- taking jobs --- */

/* Whether a relay with a better priority can carry J. */
static bool better(const struct pool *p, const struct relay *r, const struct job *j) {
    for (size_t i = 0; i < p->relays_n; i++) {
        const struct relay *o = &p->relays[i];
        if (o->usable && (j->relays >> i & 1) && o->config->priority < r->config->priority &&
            !pace_spent(&o->pace, clock_system())) {
            return true;
        }
    }
    return false;
}

/* The first job that R is to carry now, taken out of the list; NULL when there is none: *next_ns is lowered to when the
 * first of those comes that keep their domain's pace. The pool's lock is held. */
static struct job *take(struct pool *p, struct relay *r, int64_t now_ns, int64_t *next_ns) {
    size_t bit = (size_t)(r - p->relays);
    struct job *before = NULL;
    for (struct job *j = p->ready; j; before = j, j = j->next) {
        if (j->not_before_ns > now_ns) {
            *next_ns = j->not_before_ns < *next_ns ? j->not_before_ns : *next_ns;
        } else if ((j->relays >> bit & 1) && !better(p, r, j)) {
            if (before) {
                before->next = j->next;
            } else {
                p->ready = j->next;
            }
            if (p->ready_last == j) {
                p->ready_last = before;
            }
            p->ready_n--;
            p->out_n++;
            j->next = NULL;
            return j;
        }
    }
    return NULL;
}

/* A job for R, waiting for work up to IDLE_NS and for the relay's pace up to PACE_NS. */
static struct job *wait_for_job(struct pool *p, struct relay *r, int64_t idle_ns) {
    int64_t begin = clock_mono_ns();
    struct job *j = NULL;
    (void)pthread_mutex_lock(&p->lock);
    while (r->usable) {
        int64_t now = clock_mono_ns(), until = begin + idle_ns;
        int64_t wait = p->ready ? pace_wait(&r->pace, now, clock_system()) : 0;
        if (wait < 0) {
            break; /* the hour's or the day's messages are used up */
        }
        int64_t next = INT64_MAX;
        if (wait == 0 && (j = take(p, r, now, &next))) {
            pace_take(&r->pace, now, clock_system());
            break;
        }
        if (wait > 0) {
            until = now + (wait < PACE_NS ? wait : PACE_NS);
            if (now - begin > PACE_NS) {
                break;
            }
        } else if (p->ending || now >= until) {
            break;
        } else if (next < until) {
            until = next;
        }
        struct timespec t = at_ns(until);
        (void)pthread_cond_timedwait(&p->work, &p->lock, &t);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return j;
}

/* --- records --- */

static struct journal_record record_for(const struct pool_thread *t, const struct job *j, enum outcome o) {
    return (struct journal_record){.issue = j->issue,
                                   .subscriber = j->subscriber,
                                   .at = clock_now(&t->pool->site->clock),
                                   .kind = JOURNAL_OUTCOME,
                                   .outcome = o,
                                   .relay = (int)t->relay->row.id};
}

static bool in_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* How many bytes of TEXT at I name the reader: the address, or its local part (with or without a +tag) as a word of its
 * own, as in "550 jane.roe: no such user". Shorter ones than three bytes are in too many words. */
static size_t names_reader(struct str text, size_t i, struct str address) {
    size_t at = str_find(address, '@', 0);
    size_t plus = str_find(address, '+', 0);
    const size_t lengths[] = {address.len, at, plus < at ? plus : 0};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        size_t n = lengths[k];
        bool word =
            k == 0 || ((i == 0 || !in_word(text.ptr[i - 1])) && (i + n >= text.len || !in_word(text.ptr[i + n])));
        if (n >= 3 && word && text.len - i >= n && strncasecmp(text.ptr + i, address.ptr, n) == 0) {
            return n;
        }
    }
    return 0;
}

/* The reply with the reader's address taken out: what is stored names nobody. */
static void keep_text(struct journal_record *r, struct str text, struct str address) {
    static const char reader[] = "<reader>";
    size_t n = 0;
    for (size_t i = 0; i < text.len && n < JOURNAL_TEXT_MAX;) {
        size_t named = names_reader(text, i, address);
        if (named) {
            bool closed = i > 0 && text.ptr[i - 1] == '<' && i + named < text.len && text.ptr[i + named] == '>';
            for (size_t k = closed; k < sizeof reader - 1 - closed && n < JOURNAL_TEXT_MAX; k++) {
                r->text[n++] = reader[k];
            }
            i += named;
        } else {
            r->text[n++] = text.ptr[i++];
        }
    }
    while (n > 0 && ((unsigned char)r->text[n - 1] & 0xc0) == 0x80) {
        n--; /* never half a character at the end */
    }
    if (n > 0 && (unsigned char)r->text[n - 1] >= 0xc0) {
        n--;
    }
    r->text_len = (uint16_t)n;
}

/* The relay's name for an accepted message: "queued as ID", "id=ID", or nothing. */
static void keep_queue_id(struct journal_record *r, struct str text) {
    static const char *const marks[] = {"queued as ", "id=", "queued mail for delivery "};
    for (size_t i = 0; i < 2; i++) {
        size_t at = str_search(text, str_from(marks[i]), 0);
        if (at < text.len) {
            struct str id = str_sub(text, at + strlen(marks[i]), text.len);
            size_t n = 0;
            while (n < id.len && n < 40 && id.ptr[n] > ' ' && id.ptr[n] < 0x7f && id.ptr[n] != ')') {
                n++;
            }
            memcpy(r->text, id.ptr, n);
            r->text_len = (uint16_t)n;
            return;
        }
    }
}

/* Records R and gives the job back. */
static void finish(struct pool_thread *t, struct job *j, struct journal_record *r, bool journal) {
    struct pool *p = t->pool;
    if (journal) {
        (void)journal_append(p->journal, r); /* a failure stops further mail: next() looks */
    } else {
        journal_note(p->journal, r);
    }
    pool_drop(p, j, true, r->outcome);
}

/* --- what transport asks --- */

/* Looks at the reader again when courant.db has changed since the claim: who left, was suppressed or erased meanwhile
 * gets no mail, and a corrected address is the one used. */
static enum cancel_cause look_again(struct pool *p, struct job *j, bool *failed) {
    enum cancel_cause cause = CANCEL_NONE;
    *failed = false;
    if (j->issue == 0 && !j->person) {
        return cause;
    }
    if (j->seen && sql_changes_peek(store_sql(p->look)) == j->seen) {
        return cause; /* the usual case: memory is read, no lock is taken */
    }
    (void)pthread_mutex_lock(&p->look_lock);
    int64_t seen = sql_changes_seen(store_sql(p->look));
    if (seen == 0 || seen != j->seen) {
        struct subscriber_delivery r;
        if (subscriber_for_delivery(p->look, j->person ? j->person : j->subscriber, j->newsletter, &r, NULL) != OK) {
            *failed = true;
        } else if ((cause = pool_refuses(&r, !j->person)) == CANCEL_NONE) {
            if (r.email.len != j->address_len || memcmp(r.email.ptr, j->text, r.email.len) != 0) {
                *failed = true; /* another address: claimed anew, with its own pace */
            }
        }
        j->seen = seen;
    }
    (void)pthread_mutex_unlock(&p->look_lock);
    return cause;
}

static bool on_next(void *ctx, struct transport_message *m) {
    struct pool_thread *t = ctx;
    struct pool *p = t->pool;
    for (;;) {
        if (journal_failed(p->journal)) {
            return false; /* an outcome waits to be recorded: no further MAIL before it is */
        }
        struct job *j = t->job; /* the session was opened for this one */
        t->job = NULL;
        if (!j && !(j = wait_for_job(p, t->relay, IDLE_NS))) {
            return false;
        }
        bool failed;
        enum cancel_cause cause = look_again(p, j, &failed);
        if (cause != CANCEL_NONE || failed) {
            struct journal_record r = record_for(t, j, failed ? OUTCOME_UNTRIED : OUTCOME_CANCELLED);
            r.cause = cause;
            finish(t, j, &r, false);
            continue;
        }
        struct error err;
        if (j->rendition) {
            struct message_reader reader = {.issue = j->issue,
                                            .subscriber = j->subscriber,
                                            .generation = j->generation,
                                            .address = job_address(j),
                                            .name = {j->text + j->address_len, j->name_len},
                                            .given_name = {j->text + j->address_len + j->name_len, j->given_len}};
            enum status st =
                message_compose(j->rendition, p->site->tokens, &p->site->signing, &reader, &t->bytes, &err);
            if (st != OK) { /* only an address can be wrong for good */
                struct journal_record r = record_for(t, j, st == ERR_DATA ? OUTCOME_NEVER : OUTCOME_LATER);
                keep_text(&r, str_from(err.text), reader.address);
                finish(t, j, &r, true);
                continue;
            }
            *m = (struct transport_message){.mail_from = buf_str(&t->bytes.sender),
                                            .rcpt = reader.address,
                                            .head = buf_str(&t->bytes.head),
                                            .body = buf_str(&t->bytes.body),
                                            .envid = buf_str(&t->bytes.envid),
                                            .tag = j};
        } else {
            size_t end = str_search(j->message, STR("\r\n\r\n"), 0) + 4;
            *m = (struct transport_message){.mail_from = j->sender,
                                            .rcpt = job_address(j),
                                            .head = str_sub(j->message, 0, end),
                                            .body = str_sub(j->message, end, j->message.len),
                                            .tag = j};
        }
        return true;
    }
}

static bool on_wire(void *ctx, void *tag) {
    struct pool_thread *t = ctx;
    struct job *j = tag;
    struct journal_record r = record_for(t, j, OUTCOME_UNTRIED);
    r.kind = JOURNAL_WIRE;
    j->wired = true;
    j->refused = journal_append(t->pool->journal, &r) != OK;
    return !j->refused;
}

/* Replies of the operator's making: the relay wants other credentials than it was given. */
static bool is_auth_code(int code) {
    return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum outcome judge(struct pool_thread *t, struct job *j, const struct transport_result *r, int *verdict) {
    struct pool *p = t->pool;
    bool later = r->outcome == TRANSPORT_LATER, never = r->outcome == TRANSPORT_NEVER;
    *verdict = 0;
    if (r->outcome == TRANSPORT_ACCEPTED) {
        return OUTCOME_ACCEPTED;
    }
    if (r->outcome == TRANSPORT_UNKNOWN) {
        return OUTCOME_UNKNOWN;
    }
    if (never && r->stage == TRANSPORT_STAGE_MAIL && r->relay_rests) {
        (void)pthread_mutex_lock(&p->lock);
        relay_stops(p, t->relay, r->text.ptr ? r->text.ptr : "it refuses our sender address");
        (void)pthread_mutex_unlock(&p->lock);
        return OUTCOME_UNTRIED;
    }
    if (r->relay_rests) {
        char why[160];
        /* from RCPT on the text may name a reader, this one or an alias, and what is said here is logged */
        size_t shown = r->stage != TRANSPORT_STAGE_MAIL ? 0 : r->text.len < 100 ? r->text.len : 100;
        (void)snprintf(why, sizeof why, "it answered %d%s%.*s", r->code, shown ? " " : "", (int)shown,
                       r->text.ptr ? r->text.ptr : "");
        (void)pthread_mutex_lock(&p->lock);
        relay_rests(p, t->relay, why);
        if (j->domain && r->stage == TRANSPORT_STAGE_RCPT) {
            pace_ease(&j->domain->pace, clock_now(&p->site->clock));
        }
        (void)pthread_mutex_unlock(&p->lock);
        return OUTCOME_UNTRIED;
    }
    if (!later && !never) {
        return OUTCOME_UNTRIED;
    }
    enum verdict v = r->code ? verdict_of_reply(r->code, str_from(r->status), r->text) : VERDICT_SOFT_PERMANENT;
    *verdict = (int)v;
    if (j->domain && (strncmp(r->status, "4.7.", 4) == 0 || r->code == 421)) {
        (void)pthread_mutex_lock(&p->lock);
        pace_ease(&j->domain->pace, clock_now(&p->site->clock));
        (void)pthread_mutex_unlock(&p->lock);
    }
    if (is_auth_code(r->code)) {
        (void)pthread_mutex_lock(&p->lock);
        relay_stops(p, t->relay, "it asks for another login");
        (void)pthread_mutex_unlock(&p->lock);
        return OUTCOME_UNTRIED;
    }
    if (v == VERDICT_RELAY_RESTS) {
        (void)pthread_mutex_lock(&p->lock);
        relay_rests(p, t->relay, "it is busy");
        (void)pthread_mutex_unlock(&p->lock);
        return OUTCOME_UNTRIED;
    }
    return v == VERDICT_LATER || v == VERDICT_SOFT_LATER || later ? OUTCOME_LATER : OUTCOME_NEVER;
}

static bool dropped_too_often(struct pool *p, const struct job *j) {
    (void)pthread_mutex_lock(&p->lock);
    struct pool_drop_count *d = &p->drops[((uint64_t)j->issue * 1000003u + (uint64_t)j->subscriber) % POOL_DROPS];
    if (d->issue != j->issue || d->subscriber != j->subscriber) {
        *d = (struct pool_drop_count){j->issue, j->subscriber, 0};
    }
    bool often = ++d->n >= LOSSES_MAX;
    if (often) {
        d->n = 0;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return often;
}

static void on_outcome(void *ctx, void *tag, const struct transport_result *r) {
    struct pool_thread *t = ctx;
    struct pool *p = t->pool;
    struct job *j = tag;
    int verdict;
    enum outcome o = judge(t, j, r, &verdict);
    struct journal_record rec = record_for(t, j, o);
    rec.code = r->code;
    rec.verdict = verdict;
    (void)snprintf(rec.status, sizeof rec.status, "%s", r->status);
    if (o == OUTCOME_ACCEPTED) {
        keep_queue_id(&rec, r->text);
    } else {
        keep_text(&rec, r->text, job_address(j));
    }
    if (o == OUTCOME_ACCEPTED && t->relay->troubled) {
        (void)pthread_mutex_lock(&p->lock);
        relay_accepted(t->relay);
        (void)pthread_mutex_unlock(&p->lock);
    }
    /* a message that the relay drops beyond MAIL again and again must not keep the queue busy for ever */
    if (o == OUTCOME_UNTRIED && !j->refused && !r->relay_rests && r->stage > TRANSPORT_STAGE_MAIL &&
        dropped_too_often(p, j)) {
        rec.outcome = OUTCOME_LATER;
    }
    /* untried without a wire record needs no record: a crash undoes it. With one it does, or it would count as unknown
     */
    finish(t, j, &rec, rec.outcome != OUTCOME_UNTRIED || j->wired);
}

/* What the end of a session means for its relay. */
static void judge_end(struct pool_thread *t, const struct transport_session_end *end) {
    struct pool *p = t->pool;
    struct relay *r = t->relay;
    (void)pthread_mutex_lock(&p->lock);
    if (end->accepted > 0) {
        r->row.losses = 0;
    }
    switch (end->how) {
    case TRANSPORT_END_NORMAL:
    case TRANSPORT_END_IDLE:
    case TRANSPORT_END_REFUSED_WIRE:
    case TRANSPORT_END_CUT:
        break;
    case TRANSPORT_END_AUTH:
        if (end->temporary) {
            relay_rests(p, r, end->why.text);
        } else {
            relay_stops(p, r, end->why.text);
        }
        break;
    case TRANSPORT_END_TLS:
        if (r->usable) {
            relay_rests(p, r, end->why.text);
            log_warning("%s", end->why.text);
        }
        break;
    case TRANSPORT_END_UNREACHABLE:
    case TRANSPORT_END_GREETING:
    case TRANSPORT_END_CLOSING:
        relay_rests(p, r, end->why.text);
        break;
    case TRANSPORT_END_TIMEOUT:
    case TRANSPORT_END_DROPPED:
    case TRANSPORT_END_PROTOCOL:
        r->row.losses++;
        r->dirty = true;
        r->troubled = true;
        if (r->row.losses >= LOSSES_MAX) {
            relay_rests(p, r, end->why.text);
        }
        break;
    }
    (void)snprintf(r->why, sizeof r->why, "%s", end->how == TRANSPORT_END_NORMAL ? r->why : end->why.text);
    if (end->accepted > 0 && end->how == TRANSPORT_END_NORMAL && r->limit < r->config->connections) {
        r->limit++; /* slow start: one more connection for each session that went well */
        (void)pthread_cond_broadcast(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void *worker_main(void *arg) {
    struct pool_thread *t = arg;
    struct pool *p = t->pool;
    struct relay *r = t->relay;
    const struct transport_callbacks cb = {t, on_next, on_wire, on_outcome};
    for (;;) {
        /* no connection is opened before there is something to send */
        bool may = false, ending;
        (void)pthread_mutex_lock(&p->lock);
        while (!(ending = p->ending) && !(may = r->usable && p->ready && r->connected < r->limit)) {
            (void)pthread_cond_wait(&p->work, &p->lock);
        }
        if (may) {
            r->connected++;
        }
        (void)pthread_mutex_unlock(&p->lock);
        if (ending) {
            if (may) {
                (void)pthread_mutex_lock(&p->lock);
                r->connected--;
                (void)pthread_mutex_unlock(&p->lock);
            }
            break;
        }
        if (!journal_failed(p->journal) && (t->job = wait_for_job(p, r, 0))) {
            struct transport_session_end end;
            (void)transport_session(p->transport, t->conn, &r->params, &cb, &end);
            if (t->job) {
                /* the session never came to ask for it */
                struct journal_record rec = record_for(t, t->job, OUTCOME_UNTRIED);
                finish(t, t->job, &rec, false);
                t->job = NULL;
            }
            judge_end(t, &end);
        } else {
            /* work for another relay, or none that may go yet */
            struct timespec nap = {0, 20 * 1000 * 1000};
            (void)nanosleep(&nap, NULL);
        }
        (void)pthread_mutex_lock(&p->lock);
        r->connected--;
        (void)pthread_cond_signal(&p->news);
        (void)pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}
