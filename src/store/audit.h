/* The audit log: who changed what, and when. It names people by id. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/arena.h"
#include "store/store.h"

/* Adds a line. ACTOR: "reader", "admin NAME" (a system user), "source NAME", "bounce", "run"; ACTION: a word or two;
 * SUBSCRIBER: an id or 0; DETAIL: no personal data, may be absent. */
enum status audit_add(struct store *s, int64_t at, const char *actor, const char *action, int64_t subscriber,
                      struct str detail, struct error *err);

/* A line as it is listed; texts are the arena's. */
struct audit_row {
    int64_t id, at, subscriber; /* subscriber 0: nobody's */
    struct str actor, action, detail;
    struct str email; /* as it is now; absent when the person is gone */
};

struct audit_filter {
    int64_t since;      /* lines of that time and later */
    int64_t subscriber; /* 0: all */
    struct str action;  /* absent: all */
};

/* At most LIMIT lines with an id above AFTER, oldest first. */
enum status audit_list(struct store *s, const struct audit_filter *f, int64_t after, size_t limit, struct arena *a,
                       struct audit_row **rows, size_t *n, struct error *err);

#endif
