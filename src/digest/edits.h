/* Edits: what an editor changed in an issue by hand. They stand in its frozen settings, so that building it again and
 * correcting it keep them. */
#ifndef DIGEST_EDITS_H
#define DIGEST_EDITS_H

#include "base/arena.h"
#include "base/status.h"
#include "queue/issue.h"

#include <jansson.h>

struct edits {
    struct str subject;     /* absent: made of the first article's title */
    struct str note;        /* Markdown, above the articles; absent: none */
    const int64_t *order;   /* ids of articles that stand first, in this order */
    const int64_t *without; /* ids of articles that are left out */
    size_t order_n, without_n;
};

enum { EDITS_IDS_MAX = 500, EDITS_SUBJECT_MAX = 400, EDITS_NOTE_MAX = 20000 };

/* "12, 15 3" as ids of articles, in A; "none" and "" are no ids. ERR_DATA with a sentence that names WHAT. */
enum status edits_ids(const char *what, struct str list, struct arena *a, const int64_t **ids, size_t *n,
                      struct error *err);
/* Brings subject and note to one form: the subject on one line, both UTF-8 and bounded. ERR_DATA with a sentence. */
enum status edits_tidy(struct edits *e, struct arena *a, struct error *err);

/* The edits in the frozen settings SETTINGS; in A. */
enum status edits_read(struct str settings, struct arena *a, struct edits *out, struct error *err);
/* Puts them, and SUBJECT, into SETTINGS. */
void edits_put(json_t *settings, const struct edits *e, struct str subject);
/* The frozen settings SETTINGS with other edits and SUBJECT, in A. */
enum status edits_change(struct str settings, const struct edits *e, struct str subject, struct arena *a,
                         struct str *out, struct error *err);
bool edits_leave_out(const struct edits *e, int64_t article);

/* What decides which article gives an issue, and each rendition, its subject. */
struct edits_rank {
    size_t place; /* in the editor's order; those that are not in it share one behind */
    bool pinned;
    int64_t published_at, arrival;
};
/* By the editor's order, then pinned ones, then the newest, then who arrived first. */
bool edits_before(const struct edits_rank *a, const struct edits_rank *b);

/* The subject that the newsletter's title and an article's TITLE (absent: none) make. *subject in A. */
enum status edits_subject_of(const char *newsletter, struct str title, struct arena *a, struct str *subject,
                             struct error *err);
/* The subject of an issue of the articles among INPUTS: the editor's, else TITLE (the newsletter's) and the title of
 * the article that stands first by the editor's order, a pinned one, or the newest. *subject in A. */
enum status edits_subject(const struct edits *e, const char *title, const struct issue_input *inputs, size_t n,
                          struct arena *a, struct str *subject, struct error *err);

#endif
