/* The pool: claimed deliveries on their way to the connections, and what the connections report. The dispatcher's
 * thread puts jobs in; each connection is a thread that takes them. */
#ifndef DISPATCH_POOL_H
#define DISPATCH_POOL_H

#include "dispatch/pace.h"
#include "dispatch/site.h"
#include "message/compose.h"
#include "queue/journal.h"
#include "store/subscriber.h"
#include "transport/session.h"

#include <pthread.h>
#include <stdatomic.h>

enum { POOL_RELAYS = 32, POOL_JOBS = 1024, JOB_TEXT = 2048, POOL_DROPS = 512 };

/* How often a delivery's connection was lost behind MAIL in this run. */
struct pool_drop_count {
    int64_t issue, subscriber;
    int n;
};

struct domain_pace {
    struct str domain; /* owned by the dispatcher's arena */
    struct pace pace;
    int64_t next_ns; /* what was put off to one second goes one behind the other, not before this */
};

/* One claimed delivery. */
struct job {
    struct job *next;
    int64_t issue, subscriber, newsletter; /* newsletter: courant.db's id; 0: none */
    int64_t person;                        /* of a letter (issue 0): whom it is to; else 0 */
    int64_t generation;
    struct message_rendition *rendition; /* a reference; NULL: transactional */
    struct domain_pace *domain;          /* NULL: no pace for it */
    uint32_t relays;                     /* bits: which may carry it */
    int64_t not_before_ns;               /* monotonic: its domain's pace; 0: at once */
    int64_t seen;                        /* courant.db's data_version when the reader was looked up */
    bool wired;                          /* its first byte may have left */
    bool refused;                        /* the journal took no record of it: the session's end is our own doing */
    size_t address_len, name_len, given_len;
    char text[JOB_TEXT];        /* address, name, given name */
    struct str sender, message; /* transactional: owned, freed with the job */
};

struct relay {
    const struct config_relay *config;
    struct transport_relay params;
    struct buf password;
    struct queue_relay row; /* what is stored: rest, losses, easing */
    struct pace pace;
    bool usable;          /* not resting, not stopped */
    bool dirty;           /* row changed */
    atomic_bool troubled; /* an acceptance would change row */
    int limit;            /* connections allowed now (slow start raises it) */
    int connected;        /* threads in a session */
    char why[1024];       /* of the last trouble */
};

struct pool {
    struct site *site; /* config, clock, tokens; its databases belong to the dispatcher's thread */
    struct transport *transport;
    struct journal *journal;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t work;  /* jobs came, or it ends */
    pthread_cond_t news;  /* something for the dispatcher: records, a job given back */
    struct job *free, *ready, *ready_last;
    size_t ready_n, out_n; /* out: taken by a connection, no outcome yet */
    size_t low;            /* the dispatcher wants to know when no more than these are ready; SIZE_MAX: it was told */
    struct relay relays[POOL_RELAYS];
    size_t relays_n;
    bool ending; /* no more jobs will come: sessions end when there are none */
    int64_t sent, deferred, failed, unknown, alarms;
    struct job *jobs; /* POOL_JOBS of them */
    struct pool_drop_count drops[POOL_DROPS];
    /* the look before each MAIL: one connection to courant.db, one user at a time */
    pthread_mutex_t look_lock;
    struct store *look;
    struct pool_thread *threads;
    size_t threads_n;
};

struct pool_thread {
    struct pool *pool;
    struct relay *relay;
    pthread_t thread;
    bool started;
    struct transport_conn *conn;
    struct message_bytes bytes;
    struct job *job; /* on the wire now */
};

/* Makes the pool with the site's relays; SITE and JOURNAL are borrowed. ERR_CONFIG when a password can't be read. */
enum status pool_new(struct site *site, struct journal *journal, struct pool **out, struct error *err);
/* Ends the threads (their sessions finish what is on the wire) and frees everything. NULL is harmless. */
void pool_free(struct pool *p);
/* An empty job, or NULL when all are in use. */
struct job *pool_job(struct pool *p);
/* Queues J; FIRST: before all others (transactional messages). */
void pool_put(struct pool *p, struct job *j, bool first);
/* Gives J back; TAKEN: a connection had it (out_n falls, the outcome counts). Wakes the dispatcher when it waits for
 * that. */
void pool_drop(struct pool *p, struct job *j, bool taken, enum outcome o);
/* Takes back the jobs that wait (all, or those of ISSUE) as untried. *n of them. */
size_t pool_recall(struct pool *p, int64_t issue);
/* Takes back the jobs that no relay of the bits USABLE may carry. */
size_t pool_recall_unfit(struct pool *p, uint32_t usable);
/* Bits of the relays that can be used now: they don't rest, and their hour and day are not used up. *spent (may be
 * NULL): one only waits for its hour or day to be over. */
uint32_t pool_usable(struct pool *p, bool *spent);
/* courant.db's data_version as the look sees it. */
int64_t pool_seen(struct pool *p);
/* Why READER can't get a message now; CANCEL_NONE: he can. */
enum cancel_cause pool_refuses(const struct subscriber_delivery *r, bool newsletter);

#endif
