/* Build: freeze an issue's inputs; no mark moves. */
#ifndef DISPATCH_BUILD_H
#define DISPATCH_BUILD_H

#include "digest/edition.h"
#include "dispatch/site.h"

struct build_result {
    int64_t issue;    /* 0: nothing new for anybody, no issue */
    bool existed;     /* it was there, unreleased or for the same due time */
    int64_t number;   /* the number readers see */
    int64_t articles; /* frozen */
    int64_t readers;  /* who would get it as things stand */
    int64_t due_at;
};

/* `issue build NEWSLETTER`: the due time that is open, else an extra issue now. DRY: tells and writes nothing. */
enum status build_now(struct site *s, const struct config_newsletter *n, bool dry, struct build_result *out,
                      struct error *err);
/* `issue build ID --again`: the same issue, not released yet, of what articles, templates and settings are now; what an
 * editor changed stays. It is a draft again where the newsletter has approval. */
enum status build_again(struct site *s, int64_t issue, struct build_result *out, struct error *err);
/* When N's next issue is due (0: nobody knows), and how many articles and readers it would have if it were built now;
 * of one that is built and not released, what it has. Nothing is written. */
enum status build_next(struct site *s, const struct config_newsletter *n, struct build_result *out, struct error *err);
/* When the next issue of any newsletter and cadence is to be built, after now; 0: there is no such time. */
enum status build_next_at(struct site *s, int64_t *at, struct error *err);
/* What `run` does: for every newsletter and cadence whose due time has come, an issue. *built counts them. PARTIAL: an
 * import failed, so that a due time for which there is nothing stays open for the next run. */
enum status build_due(struct site *s, bool partial, int64_t *built, struct error *err);
/* What the next issue of N would be, as the SUBSCRIBER would get it (0: all that any reader would get), without writing
 * anything. *out is the caller's; *key lies in A. ERR_DATA when there is nothing new, ERR_NOINPUT when the subscriber
 * does not read N. */
enum status build_preview(struct site *s, const struct config_newsletter *n, int64_t subscriber, struct arena *a,
                          struct edition **out, struct str *key, struct error *err);

#endif
