/* The journal beside queue.db: what happened on the wire, written before the connection goes on. It survives kill -9 by
 * the page cache; queue.db takes its records over in batches (folding), and only then is its space used again. */
#ifndef QUEUE_JOURNAL_H
#define QUEUE_JOURNAL_H

#include "base/status.h"
#include "base/str.h"
#include "model/issue.h"

#include <stdbool.h>
#include <stdint.h>

struct journal; /* opaque; its functions may be called from any thread */

enum journal_kind { JOURNAL_WIRE = 1, JOURNAL_OUTCOME = 2 };

enum { JOURNAL_TEXT_MAX = 400 }; /* bytes of a reply that are kept */

struct journal_record {
    uint64_t seq;       /* set by the journal: 1, 2, 3 ... over the life of queue.db */
    int64_t issue;      /* 0: a transactional message */
    int64_t subscriber; /* or the transactional message's id */
    int64_t at;         /* calendar seconds */
    int64_t due_at;     /* OUTCOME_LATER, OUTCOME_PACED: when it is due again; 0 else */
    enum journal_kind kind;
    enum outcome outcome;
    int cause;       /* enum cancel_cause */
    int code;        /* SMTP reply code, 0 when none came */
    int relay;       /* its number in queue.db; 0 when none */
    int verdict;     /* enum verdict of the reply */
    char status[12]; /* enhanced status code, "" when none came */
    uint16_t text_len;
    char text[JOURNAL_TEXT_MAX]; /* the reply with the reader's address replaced; for an acceptance the relay's queue id
                                  */
};

/* Opens or creates PATH (0600, its folder's owner), with room fallocated for all records of INFLIGHT_MAX messages at a
 * time. SALT tells one queue.db's journal from another's: records of another salt are not seen. ERR_IO when the room
 * can't be had. Replay it, then call journal_start. */
enum status journal_open(const char *path, uint32_t salt, struct journal **out, struct error *err);
void journal_close(struct journal *j);

/* How many messages may be claimed and not yet folded at a time. */
enum { JOURNAL_INFLIGHT_MAX = 2048 };

/* Calls FN for every intact record above FOLDED, in the order of seq. A torn record is skipped; those behind it count.
 */
enum status journal_replay(struct journal *j, uint64_t folded,
                           enum status (*fn)(void *ctx, const struct journal_record *r, struct error *err), void *ctx,
                           struct error *err);
/* After a replay: whether the records of the last run are gone (the file was missing, cut short or overwritten; FOLDED
 * is the greatest seq that was taken over). What was claimed then may have been on the wire. */
bool journal_lost(const struct journal *j, uint64_t folded);
/* Begins appending behind seq LAST, the greatest that queue.db holds durably. */
void journal_start(struct journal *j, uint64_t last);

/* Appends R (its seq is set) to the file and to the list of what is to be folded. When the write fails the record is in
 * the list all the same, journal_failed is true from then on and ERR_IO comes back: send nothing more before it was
 * folded. Blocks only while the space in front is not folded yet. */
enum status journal_append(struct journal *j, struct journal_record *r);
/* Puts R on the list alone: for what needs no record because a crash undoes it (untried, paced, cancelled). */
void journal_note(struct journal *j, struct journal_record *r);
bool journal_failed(struct journal *j);
/* Whether every write has failed for more than NS; ERR then says why. */
bool journal_failing(struct journal *j, int64_t ns, struct error *err);

/* Takes the list of what is to be folded: *records (owned by the journal, valid until the next call) and *n. */
void journal_take(struct journal *j, struct journal_record **records, size_t *n);
/* How many records wait to be taken. */
size_t journal_waiting(struct journal *j);
/* Says that all up to SEQ is durable in queue.db: their space may be used again. A failure is forgotten once no outcome
 * waits for it; SEQ 0 says that nothing new was folded. */
void journal_folded(struct journal *j, uint64_t seq);
/* fdatasync when something was written since the last one. */
enum status journal_sync(struct journal *j, struct error *err);

#endif
