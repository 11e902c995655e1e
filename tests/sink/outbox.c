#include "sink/outbox.h"

#include "sink/base.h"

#include <stdlib.h>

/* Bytes up to `end` may leave at `due`; both only grow from one to the next. */
struct segment {
    size_t end;
    int64_t due;
};

void outbox_release(struct outbox *o) {
    free(o->bytes.p);
    free(o->segments);
    *o = (struct outbox){0};
}

void outbox_add(struct outbox *o, const char *p, size_t n, int64_t now, int64_t wait) {
    bytes_add(&o->bytes, p, n);
    if (!wait && !o->nsegments)
        return;
    int64_t due = now + wait;
    if (due < o->last_due)
        due = o->last_due;
    o->last_due = due;
    if (o->nsegments == o->cap)
        o->segments = base_grow(o->segments, (o->cap += 16) * sizeof *o->segments);
    o->segments[o->nsegments++] = (struct segment){o->bytes.len, due};
}

size_t outbox_due(const struct outbox *o, int64_t now, const char **p) {
    size_t end = o->nsegments ? 0 : o->bytes.len;
    for (size_t i = 0; i < o->nsegments && o->segments[i].due <= now; i++)
        end = o->segments[i].end;
    *p = bytes_c(&o->bytes) + o->sent;
    return end > o->sent ? end - o->sent : 0;
}

void outbox_sent(struct outbox *o, size_t n) {
    o->sent += n;
}

int64_t outbox_next(const struct outbox *o, int64_t now) {
    for (size_t i = 0; i < o->nsegments; i++)
        if (o->segments[i].due > now)
            return o->segments[i].due;
    return INT64_MAX;
}

bool outbox_done(struct outbox *o, int64_t now) {
    if (o->sent < o->bytes.len || outbox_next(o, now) != INT64_MAX)
        return false;
    o->sent = o->bytes.len = o->nsegments = 0;
    return true;
}
