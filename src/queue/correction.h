/* Corrections: what is not sent yet of an issue gets other inputs; and issues for those whom another one reached. */
#ifndef QUEUE_CORRECTION_H
#define QUEUE_CORRECTION_H

#include "queue/issue.h"

/* A rendition of an issue as it becomes: NUMBER with another key. */
struct correction_key {
    int64_t number;
    struct str key;
};

/* ERR_DATA: ROW's issue is released and can't be changed; the sentence says what can be done. */
enum status correction_instead(const struct issue_row *row, struct error *err);

/* The renditions of ISSUE: of the newest revision, or (ALL) of all. In the arena. */
enum status correction_keys(struct queue *q, int64_t issue, bool all, struct arena *a, struct correction_key **keys,
                            size_t *n, struct error *err);

/* ROW's issue, which is paused, gets another revision: INPUTS, subject; KEYS are its renditions then. Deliveries with
 * no attempt yet take them, the others keep theirs. One transaction. *changed: how many deliveries. ERR_DATA when it is
 * not paused; ERR_TEMP while some of it is on its way. */
enum status correction_revise(struct queue *q, const struct issue_row *row, const struct issue_input *inputs, size_t n,
                              const struct correction_key *keys, size_t keys_n, int64_t *changed, struct error *err);

/* A new issue of ROW's number, inputs and subject for those who got issue ROW->corrects, sending from now on; their
 * marks stay, and nothing of it is ever owed. row->id is set. *readers: how many. One transaction. */
enum status correction_add(struct queue *q, struct issue_row *row, const struct issue_input *inputs, size_t n,
                           const struct correction_key *keys, size_t keys_n, int64_t *readers, struct error *err);

#endif
