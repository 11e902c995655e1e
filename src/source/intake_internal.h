/* What the files of an import share. */
#ifndef SOURCE_INTAKE_INTERNAL_H
#define SOURCE_INTAKE_INTERNAL_H

#include "fetch/mx.h"
#include "source/intake.h"
#include "source/member.h"
#include "source/spool.h"

#include <stdio.h>

enum { EVERY = 4096, EVERY_ASKED = 64, NAMED = 3, NEWSLETTERS_MAX = 256, NOTES_MAX = 64, COPY = 65536 };

struct intake {
    struct store *s;
    const struct config *c;
    const struct intake_options *o;
    struct intake_report *r;
    int fd; /* what is read: the file, or a copy of a pipe */
    int64_t size;
    struct cells v;
    struct headings *headings;
    struct member m;
    struct spool *spool;
    FILE *rejects;
    struct buf line;
    const char *newsletters[NEWSLETTERS_MAX]; /* by number */
    size_t newsletters_n;
    int64_t default_newsletter; /* its number; -1: none */
    size_t errors_cap;
    struct {
        char domain[64];
        const char *near;
        int64_t n;
    } near[INTAKE_NEAR_MAX];
    size_t near_n;
    struct buf last_word; /* of the status column, and what it means: mostly the next row's too */
    enum heading_state last_state;
    struct mx *mx;               /* NULL: no domain is asked about */
    bool asking;                 /* this pass asks about domains and does nothing else */
    int64_t silent_n, unasked_n; /* rows taken though no answer came, or none was asked for */
    struct str silent[NAMED];    /* some of their domains */
    size_t silent_named;
};

/* Empties the member and the row's arena. */
void intake_begin(struct intake *x);
/* Judges the member that was read and keeps it. ERR_DATA, in WHY: it can't be taken. */
enum status intake_keep(struct intake *x, int64_t line, struct error *why, struct error *err);
/* Notes that what begins at LINE can't be taken. */
void intake_error(struct intake *x, int64_t line, const char *reason);
/* How many rows are read from one look at progress and SIGTERM to the next. */
int64_t intake_every(const struct intake *x);
/* Whether SIGTERM asked to stop; the sentence is in ERR then, the status is ERR_TEMP. */
bool intake_stopped(struct error *err);

#endif
