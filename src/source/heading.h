/* What the columns of a table of people mean, in whatever words its headings are. */
#ifndef SOURCE_HEADING_H
#define SOURCE_HEADING_H

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The meanings; what `subscriber export` writes has all of them, in this order. */
enum heading {
    HEADING_EMAIL,
    HEADING_NAME,
    HEADING_GIVEN_NAME,
    HEADING_LANGUAGE,
    HEADING_FORMAT,
    HEADING_TIMEZONE,
    HEADING_SUPPRESSED, /* a reason: the address must not be mailed */
    HEADING_SUPPRESSED_AT,
    HEADING_SUPPRESSED_UNTIL,
    HEADING_SUPPRESSED_NOTE,
    HEADING_NEWSLETTER,
    HEADING_STATUS, /* of the subscription */
    HEADING_STATUS_AT,
    HEADING_PAUSED_UNTIL,
    HEADING_JOINED_AT,
    HEADING_TOPICS,
    HEADING_CADENCE,
    HEADING_BODY,
    HEADING_FOR_LANGUAGE, /* of the subscription alone */
    HEADING_FOR_FORMAT,
    HEADING_CONSENT, /* how it was given: "invitation", "by hand" and the like */
    HEADING_CONSENT_ORIGIN,
    HEADING_CONSENT_BY,
    HEADING_CONSENT_AT,
    HEADING_CONFIRMED_AT,
    HEADING_CONFIRMED_BY,
    HEADINGS_WRITTEN,                       /* by an export */
    HEADING_FAMILY_NAME = HEADINGS_WRITTEN, /* no column of ours: makes a name where there is none */
    HEADING_UNSUBSCRIBED,                   /* a yes or a date: the person has left */
    HEADING_BLOCKED,                        /* the same: the address must not be mailed */
    HEADING_BOUNCED,
    HEADING_CONFIRMED, /* a no: the person was asked and has not answered */
    HEADINGS,
    HEADING_ATTRIBUTE, /* none of these: an attribute of the column's name */
    HEADING_IGNORED
};

/* "given_name" and the like; NULL for the last two. */
const char *heading_name(enum heading h);
/* The meaning of a heading; HEADING_ATTRIBUTE when it is none of the known words. */
enum heading heading_find(struct str heading);
/* How an export writes an attribute's name: as it is, or with "attribute." before it where it would be taken for
 * something else. Owned by A or NAME itself. */
struct str heading_attribute(struct str name, struct arena *a);

/* What a status is in the end. */
enum heading_state {
    STATE_PENDING, /* the first five are those of enum subscription_status */
    STATE_ACTIVE,
    STATE_PAUSED,
    STATE_LEFT,
    STATE_REMOVED,
    STATE_SUPPRESSED, /* by hand */
    STATE_BOUNCED,
    STATE_COMPLAINED,
    STATE_ERASED,
    STATE_NONE, /* a person without a subscription */
    STATES
};

struct headings; /* opaque */

struct heading_column {
    enum heading what;
    struct str title; /* as the file has it; its number where it has no headings */
    struct str name;  /* of the attribute */
};

/* Reads the first row's CELLS. MAPS are what --map says, each "HEADING=MEANING,..." or "status:WORD=STATE,...": MEANING
 * is a name of ours, "-" (leave it out) or else the name of an attribute; "*=-" leaves out all that is not known. A
 * first row with an address in it is a person already: the columns are then called 1, 2 and so on. The first of several
 * columns with one meaning has it; the others are attributes. ERR_USAGE: a map can't be read or its column is not
 * there; ERR_DATA: no column has addresses. *out is to be given to headings_free. */
enum status headings_new(const struct str *cells, size_t n, const char *const *maps, size_t maps_n,
                         struct headings **out, struct error *err);
/* NULL is harmless. */
void headings_free(struct headings *h);
/* Whether there are no headings: the first row is a person. */
bool headings_none(const struct headings *h);
size_t headings_count(const struct headings *h);
const struct heading_column *headings_column(const struct headings *h, size_t i);
enum heading_answer { ANSWER_YES, ANSWER_NO, ANSWER_OTHER };
/* What a cell says to a question that can be answered by yes or no; nothing at all and a date of zeros are a no. */
enum heading_answer heading_answer(struct str cell);
/* What the word in a status column means, by --map and by what other services call it; false when it is not known. */
bool headings_state(const struct headings *h, struct str word, enum heading_state *out);

#endif
