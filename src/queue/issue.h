/* Issues: one edition of a newsletter for one cadence and due time, with its frozen inputs and renditions. */
#ifndef QUEUE_ISSUE_H
#define QUEUE_ISSUE_H

#include "model/issue.h"
#include "queue/queue.h"

enum issue_input_kind { ISSUE_SETTINGS = 1, ISSUE_TEMPLATE = 2, ISSUE_ARTICLE = 3, ISSUE_PICTURE = 4 };

/* A frozen input. */
struct issue_input {
    enum issue_input_kind kind;
    int64_t position;   /* of an article its arrival number, else 0, 1, ... within the kind */
    struct str name;    /* of a template, a picture's address; STR_NONE else */
    struct str content; /* bytes */
};

struct issue_row {
    int64_t id, newsletter;
    struct str newsletter_name, cadence;
    int64_t due_at, number;
    enum issue_state state;
    int64_t built_at, released_at;    /* 0: not yet */
    int64_t arrival_from, arrival_to; /* it holds what arrived in (from, to] and somebody may be due */
    struct str subject, language;
    int64_t articles;
    int64_t hold_until;  /* 0: none */
    int64_t released_to; /* last subscriber released */
    bool released;
    struct str relays; /* names with commas between; STR_NONE: all */
    int64_t done_at;   /* 0: not yet */
    int64_t claimed_to;
    int64_t release_at;             /* not released before; 0: at once */
    int64_t deadline;               /* a draft is sent or skipped then; 0: it waits */
    int64_t mailed_at, reminded_at; /* the editors were told of the draft; 0: not yet */
    struct str approved;            /* hash of what an editor approved; absent: nothing was */
    int64_t revision;               /* of its newest inputs, from 1 */
    int64_t corrects;               /* the issue whose readers it goes to; 0: an issue as others */
};

enum issue_added {
    ISSUE_ADDED,
    ISSUE_EXISTED, /* one of the same (newsletter, cadence, due_at) or an unreleased one of the cadence was there */
    ISSUE_OUTDATED /* another was built after the newsletter's row was read that ROW's number follows from */
};

/* Inserts an issue (its id, number and state fields are set) and its inputs, moves the newsletter on (first_built_at,
 * since, number) and, when DONE_UNTIL is not 0, the cadence's done_until: all in one transaction. Unless *ADDED is
 * ISSUE_ADDED nothing is written; with ISSUE_EXISTED row->id is that one's. */
enum status issue_add(struct queue *q, struct issue_row *row, int64_t since, int64_t done_until,
                      const struct issue_input *inputs, size_t n, enum issue_added *added, struct error *err);
/* *out's strings are the arena's. ERR_NOINPUT when there is none. */
enum status issue_get(struct queue *q, int64_t id, struct arena *a, struct issue_row *out, struct error *err);
/* Up to 100 issues with an id above AFTER, in order. */
enum status issue_page(struct queue *q, int64_t after, struct arena *a, struct issue_row **rows, size_t *n,
                       struct error *err);
/* The issues that are not at their end, in order, up to 1,000. */
enum status issue_open(struct queue *q, struct arena *a, struct issue_row **rows, size_t *n, struct error *err);
/* Counts by state, of one issue or (id -1) of all issues; a transactional message counts under issue 0. */
enum status issue_counts(struct queue *q, int64_t id, int64_t counts[DELIVERY_STATES], struct error *err);
/* Its newest inputs by kind and position, in the arena; resp. those of a REVISION. */
enum status issue_inputs(struct queue *q, int64_t id, struct arena *a, struct issue_input **inputs, size_t *n,
                         struct error *err);
enum status issue_inputs_of(struct queue *q, int64_t id, int64_t revision, struct arena *a, struct issue_input **inputs,
                            size_t *n, struct error *err);
/* An issue of that newsletter and cadence of which readers are still to be served (marks not all moved); 0: none. */
enum status issue_unreleased(struct queue *q, int64_t newsletter, const char *cadence, int64_t *id, struct error *err);
/* When the newest issue of all was built; 0: none was. */
enum status issue_last_built(struct queue *q, int64_t *out, struct error *err);

/* By hand. Each is one transaction; what can't be done in the issue's state is ERR_DATA with a sentence. */
enum status issue_pause(struct queue *q, int64_t id, struct error *err);
enum status issue_resume(struct queue *q, int64_t id, struct error *err);
enum status issue_drop(struct queue *q, int64_t id, struct error *err); /* an unreleased one */
/* Cancels what is open: its articles are owed unless DROP. What is claimed is asked to stop; an acceptance that comes
 * later is still recorded. A crash goes on with issue_cancel_rest. */
enum status issue_cancel(struct queue *q, int64_t id, bool drop, int64_t now, struct error *err);
/* Goes on cancelling the deliveries of cancelled issues, if any are open. */
enum status issue_cancel_rest(struct queue *q, int64_t now, struct error *err);
/* Takes the details of issues finished before BEFORE away, some thousand rows a transaction; counts stay. */
enum status issue_purge(struct queue *q, int64_t before, struct error *err);

/* Renditions: KEY in, number out; of the issue's newest revision. */
enum status rendition_add(struct queue *q, int64_t issue, int64_t number, struct str key, struct error *err);
/* Calls FN for each of the issue's newest revision. */
enum status rendition_each(struct queue *q, int64_t issue, void (*fn)(void *ctx, int64_t number, struct str key),
                           void *ctx, struct error *err);
/* *hash is empty while none was recorded. Both strings are the arena's. */
enum status rendition_get(struct queue *q, int64_t issue, int64_t number, struct arena *a, struct str *key,
                          struct str *hash, int64_t *revision, struct error *err);
/* Records the hash of its first use. */
enum status rendition_set_hash(struct queue *q, int64_t issue, int64_t number, struct str hash, struct error *err);

#endif
