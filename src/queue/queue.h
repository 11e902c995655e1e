/* queue.db: opening it, its meta values, and what is kept of newsletters, cadences and relays across runs. */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "base/arena.h"
#include "base/sql.h"
#include "base/status.h"

#include <stdint.h>

struct queue; /* one connection to queue.db; used by one thread at a time */

/* Opens queue.db; SQL_CREATE makes and migrates it, SQL_WRITE migrates it. */
enum status queue_open(const char *path, enum sql_mode mode, struct queue **out, struct error *err);
/* NULL is harmless. */
void queue_close(struct queue *q);
/* The connection: for transactions, checkpoints, data_version. */
struct sql *queue_sql(struct queue *q);

/* A value of meta; absent: *out stays as it was. */
enum status queue_meta_int(struct queue *q, const char *key, int64_t *out, struct error *err);
enum status queue_meta_set_int(struct queue *q, const char *key, int64_t value, struct error *err);
/* The text is the arena's; STR_NONE when absent. */
enum status queue_meta_str(struct queue *q, const char *key, struct arena *a, struct str *out, struct error *err);
enum status queue_meta_set_str(struct queue *q, const char *key, struct str value, struct error *err);

/* The greatest numbers of courant.db's that stand in this database, frozen inputs included; 0: none. */
struct queue_seen {
    int64_t article, subscriber, arrival;
};
enum status queue_seen(struct queue *q, struct queue_seen *out, struct error *err);
/* After a backup was put back: ids of issues and transactional messages rise by a million above all that were given,
 * and the journal's records of the lost time are passed over. */
enum status queue_restored(struct queue *q, struct error *err);

struct queue_newsletter {
    int64_t id;
    int64_t configured_at;  /* calendar seconds: its section was first read then */
    int64_t first_built_at; /* 0: never built */
    int64_t since;          /* 0 before the first build */
    int64_t numbers;        /* issues built */
};

/* The newsletter NAME; made with configured_at = NOW when it is new and NOW is not 0. ERR_NOINPUT when it is unknown
 * and NOW is 0. */
enum status queue_newsletter(struct queue *q, const char *name, int64_t now, struct queue_newsletter *out,
                             struct error *err);
/* Due times of this cadence up to *out were dealt with; 0: none. */
enum status queue_cadence_done(struct queue *q, int64_t newsletter, const char *cadence, int64_t *out,
                               struct error *err);
/* Never moves back. */
enum status queue_cadence_set_done(struct queue *q, int64_t newsletter, const char *cadence, int64_t until,
                                   struct error *err);

/* What pace has been used, kept across runs. Monotonic time counts only within its boot. */
struct queue_bucket {
    double easing;            /* the rate is divided by this; 1: not eased */
    int64_t eased_at;         /* calendar seconds of the last easing; 0: none */
    int64_t at_ns;            /* monotonic */
    double tokens;            /* at at_ns, of the limits by second and minute */
    char boot[37];            /* boot id; "" when never used */
    int64_t day, day_count;   /* system days since 1970, messages in it */
    int64_t hour, hour_count; /* likewise */
};

struct queue_relay {
    int64_t id;
    int64_t rest_until; /* calendar seconds; 0: usable */
    int64_t rest_s;     /* length of the last rest; 0 after an acceptance */
    int64_t losses;     /* connections lost in a row without an acceptance */
    char stopped[256];  /* why the operator must act; "": it runs */
    struct queue_bucket bucket;
};

/* The relay's row, made when it is new. */
enum status queue_relay(struct queue *q, const char *name, struct queue_relay *out, struct error *err);
enum status queue_relay_set(struct queue *q, const struct queue_relay *r, struct error *err);
/* The pace of a destination domain; an unknown one is empty with easing 1. */
enum status queue_pace(struct queue *q, struct str domain, struct queue_bucket *out, struct error *err);
enum status queue_pace_set(struct queue *q, struct str domain, const struct queue_bucket *b, struct error *err);
/* Calls FN for every domain that is eased now. */
enum status queue_pace_eased(struct queue *q, void (*fn)(void *ctx, struct str domain, double easing), void *ctx,
                             struct error *err);

#endif
