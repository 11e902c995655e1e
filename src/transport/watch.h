/* The watchdog: a thread that shuts a connection down when a stage takes too long, and all of them when told so. A
 * blocked write() of libesmtp can be ended in no other way. */
#ifndef TRANSPORT_WATCH_H
#define TRANSPORT_WATCH_H

#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct watch; /* opaque: a thread and its list */

enum watch_why { WATCH_QUIET, WATCH_TIMEOUT, WATCH_CUT };

/* A watched connection; the caller's, in the list from watch_add to watch_remove. */
struct watch_entry {
    int fd[2];           /* shut down together; -1: none */
    _Atomic int64_t due; /* clock_mono_ns; 0: never */
    _Atomic int why;     /* enum watch_why: what the watchdog did */
    struct watch_entry *prev, *next;
};

enum status watch_new(struct watch **out, struct error *err);
void watch_free(struct watch *w);
/* Takes E in; its fd must stay open until watch_remove. After a cut it is shut down at once. */
void watch_add(struct watch *w, struct watch_entry *e);
void watch_remove(struct watch *w, struct watch_entry *e);
/* The stage that begins now may take MS milliseconds; 0: any time. Cheap. */
void watch_due(struct watch_entry *e, int64_t ms);

/* Stop: no new work. Cut: everything ends now. Both for good, and async-signal-safe. */
void watch_stop(struct watch *w);
void watch_cut(struct watch *w);
bool watch_stopped(const struct watch *w);
bool watch_is_cut(const struct watch *w);
/* Descriptors that become (and stay) readable with a stop (and a cut), and with a cut. */
int watch_stop_fd(const struct watch *w);
int watch_cut_fd(const struct watch *w);

#endif
