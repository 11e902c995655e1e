/* What all sessions of a run share. */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include "sink/options.h"
#include "sink/record.h"
#include "sink/script.h"

#include <stdint.h>

struct sink {
    struct options options;
    struct script script;
    struct record record;
    int64_t now;                   /* ms, monotonic; set when events come in */
    int64_t rate_from, rate_count; /* messages begun since rate_from, for --max-rate */
    long stop_reading;             /* so many messages more are not read to their end */
    uint64_t connections, messages, bytes;
    unsigned open, most; /* connections at once */
};

#endif
