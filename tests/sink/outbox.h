/* The bytes a session has yet to send, some of them not before a certain time. All zero is an empty one. */
#ifndef SINK_OUTBOX_H
#define SINK_OUTBOX_H

#include "sink/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment;
struct outbox {
    struct bytes bytes;
    size_t sent;
    struct segment *segments; /* owned; where none is there, everything may leave */
    size_t nsegments, cap;
    int64_t last_due;
};

void outbox_release(struct outbox *o);
/* Appends N bytes that may leave WAIT ms after NOW, and not before what was appended earlier. N may be 0: what comes
 * after waits then. */
void outbox_add(struct outbox *o, const char *p, size_t n, int64_t now, int64_t wait);
/* How many bytes may leave NOW; *P shows them, borrowed until the next change. */
size_t outbox_due(const struct outbox *o, int64_t now, const char **p);
/* Takes the first N of them as sent. */
void outbox_sent(struct outbox *o, size_t n);
/* When more may leave, INT64_MAX when nothing waits. */
int64_t outbox_next(const struct outbox *o, int64_t now);
/* Whether everything was sent and nothing waits; the memory is then used anew. */
bool outbox_done(struct outbox *o, int64_t now);

#endif
