/* Numbers for the administrator and the editor: who reads, who came and went, what became of each issue. No opens and
 * no clicks: nothing counts them. Groups of few people are not told apart. */
#ifndef DOCTOR_STATS_H
#define DOCTOR_STATS_H

#include "dispatch/site.h"
#include "model/issue.h"

enum { STATS_FEW = 5, STATS_NEWSLETTERS = 200, STATS_LANGUAGES = 60, STATS_PERIODS = 400 };

/* Readers of one newsletter. */
struct stats_newsletter {
    int64_t id;
    const char *name, *title;
    int64_t active, pending, paused, left, removed; /* of people who can be mailed */
    int64_t suppressed;                             /* subscribed, but must not be mailed */
    int64_t cadence[5]; /* of active ones: enum config_schedule_kind; 4: the newsletter's own */
    int64_t format[3];  /* enum reader_format */
    struct {
        char tag[36]; /* "": the site's */
        int64_t n;
    } language[STATS_LANGUAGES];
    size_t languages_n;
};

/* A week (from Monday) or a month, in the site's time zone. */
struct stats_period {
    int64_t from, to;
    int64_t joined, left, removed, suppressed;
    int64_t readers; /* at its end, as far as the present rows tell */
};

/* What became of an issue. */
struct stats_issue {
    int64_t id, number;
    struct str newsletter, cadence, subject;
    enum issue_state state;
    int64_t due_at, released_at, done_at; /* 0: not yet */
    int64_t readers, counts[DELIVERY_STATES];
    int64_t hard, soft, policy, other; /* of the failed; all 0 once the details are purged */
};

struct stats {
    struct stats_newsletter *newsletters;
    size_t newsletters_n;
    struct stats_period *periods; /* oldest first */
    size_t periods_n;
    struct stats_issue *issues; /* oldest first */
    size_t issues_n;
    bool by_month;
};

/* Counts for the newsletter NAME, or (NULL) all, from SINCE on (0: a year for months, 26 weeks for weeks). All in A.
 * ERR_NOINPUT: there is no such newsletter. */
enum status stats_collect(struct site *s, const char *name, int64_t since, bool by_month, struct arena *a,
                          struct stats *out, struct error *err);

/* The groups of a newsletter's languages as they may be shown: the largest first, those of fewer than STATS_FEW people
 * under "other". Fills TAGS and COUNTS (STATS_LANGUAGES + 1 of them), returns how many. */
size_t stats_languages(const struct stats_newsletter *n, const char **tags, int64_t *counts);

#endif
