/* Issues, deliveries and what became of them: the plain values shared by queue/, digest/, dispatch/ and cmd/. */
#ifndef MODEL_ISSUE_H
#define MODEL_ISSUE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The numbers stand in queue.db: add, never renumber. */
enum issue_state {
    ISSUE_DRAFT = 0,     /* built, waits for an editor */
    ISSUE_APPROVED = 1,  /* built, may be released */
    ISSUE_RELEASING = 2, /* deliveries are being made */
    ISSUE_SENDING = 3,   /* all deliveries stand in the queue */
    ISSUE_PAUSED = 4,    /* by hand: nothing is claimed */
    ISSUE_DONE = 5,      /* every delivery is at its end */
    ISSUE_CANCELLED = 6  /* by hand */
};

enum delivery_state {
    DELIVERY_QUEUED = 0,
    DELIVERY_CLAIMED = 1,
    DELIVERY_DEFERRED = 2,
    DELIVERY_HELD = 3,
    DELIVERY_UNKNOWN = 4,
    DELIVERY_SENT = 5,
    DELIVERY_FAILED = 6,
    DELIVERY_CANCELLED = 7,
    DELIVERY_STATES = 8
};

/* What an attempt means. */
enum outcome {
    OUTCOME_ACCEPTED = 0,
    OUTCOME_LATER = 1,     /* defers the delivery, counts an attempt */
    OUTCOME_NEVER = 2,     /* fails the delivery */
    OUTCOME_UNKNOWN = 3,   /* the answer to the dot never came */
    OUTCOME_UNTRIED = 4,   /* nothing of it was on the wire: queued again, no attempt */
    OUTCOME_CANCELLED = 5, /* the reader left, paused, was suppressed or erased before MAIL */
    OUTCOME_PACED = 6,     /* its domain's pace is used up: queued again for due_at */
    OUTCOME_UNSENDABLE = 7 /* needs SMTPUTF8: failed without an attempt, owed nothing */
};

/* Why a delivery was cancelled; says whether its articles are owed. */
enum cancel_cause {
    CANCEL_NONE = 0,
    CANCEL_ISSUE = 1,      /* the issue was cancelled: owed */
    CANCEL_DROP = 2,       /* cancelled with --drop: not owed */
    CANCEL_LEFT = 3,       /* the reader left: not owed */
    CANCEL_PAUSED = 4,     /* owed */
    CANCEL_REMOVED = 5,    /* removed-by-source: owed */
    CANCEL_SUPPRESSED = 6, /* suppressed or erased: not owed, and what was owed goes */
    CANCEL_MERGED = 7      /* the survivor of a merge has that issue: not owed */
};

/* The names that command line and JSON use. */
const char *issue_state_name(enum issue_state s);
const char *delivery_state_name(enum delivery_state s);
/* False when NAME is none. */
bool issue_state_from(struct str name, enum issue_state *out);
bool delivery_state_from(struct str name, enum delivery_state *out);
/* Whether nothing more will happen to it. */
static inline bool delivery_state_final(enum delivery_state s) {
    return s == DELIVERY_SENT || s == DELIVERY_FAILED || s == DELIVERY_CANCELLED;
}

#endif
