/* A census: how many readers an issue of these articles would have, and how many renditions. */
#ifndef DISPATCH_CENSUS_H
#define DISPATCH_CENSUS_H

#include "digest/select.h"
#include "dispatch/readers.h"
#include "queue/issue.h"

struct census {
    int64_t readers;
    int64_t renditions; /* that differ in what they say, language or form */
    int64_t lowest;     /* only articles that arrived above it are due to anybody */
};

/* Whom to look at. */
struct census_of {
    const struct config_newsletter *n;
    enum config_schedule_kind cadence;
    struct readers_of readers;
    const struct select_article *articles; /* of the issue, in order of arrival */
    size_t articles_n;
};

/* Looks at every reader as things stand. */
enum status census_take(struct site *s, const struct census_of *of, struct census *out, struct error *err);

/* The same for an issue that is built and not released, of its frozen INPUTS. */
enum status census_issue(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                         const struct issue_input *inputs, size_t inputs_n, struct census *out, struct error *err);

/* The kind of a cadence as an issue's row names it. */
enum config_schedule_kind census_cadence(struct str name);

#endif
