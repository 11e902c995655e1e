/* A run: what cron calls. Import, build, release, deliver; one runner at a time. */
#ifndef DISPATCH_RUN_H
#define DISPATCH_RUN_H

#include "dispatch/site.h"

#include <signal.h>

struct run_progress {
    int64_t done, open;  /* deliveries at their end in this run, and those that can still go */
    double per_s;        /* over the last seconds */
    int64_t remaining_s; /* -1: not known */
    const char *what;    /* "importing", "building", "sending" */
};

struct run_options {
    bool send_only; /* `send`: release what is approved and drain, import and build nothing */
    bool stay;      /* `run --stay`: wake on new work until stopped */
    void (*progress)(void *ctx, const struct run_progress *p); /* several times a second; NULL: none */
    void (*note)(void *ctx, const char *sentence); /* refused rows that are new, holds, alarms; one sentence each */
    void *ctx;
    const volatile sig_atomic_t *stop; /* set by SIGTERM/SIGINT: finish what is on the wire, end within 5 s */
};

struct run_report {
    bool busy; /* another runner holds the lock: nothing was done, status OK */
    int64_t issues_built, sent, deferred, failed, unknown;
    double seconds;
};

/* Does it. OK when every stage ran (or another runner does); ERR_TEMP (75) when no relay could be used, SIGTERM cut it
 * short, the clock runs behind, or sending waits for `courant adopt`; *report is filled in any case. */
enum status run(struct site *s, const struct run_options *o, struct run_report *report, struct error *err);

/* What a run does first: makes good one that died, by the journal. For `adopt`, after which the journal of the time
 * before is not read any more; the caller has the lock. */
enum status run_recover(struct site *s, struct error *err);

#endif
