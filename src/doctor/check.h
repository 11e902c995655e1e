/* Everything that can be looked at before it goes wrong: `courant check`. */
#ifndef DOCTOR_CHECK_H
#define DOCTOR_CHECK_H

#include "base/clock.h"
#include "base/status.h"

#include <stdbool.h>

enum check_state { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct check_result {
    const char *check; /* "config", "relay main"; borrowed, as is detail, for the call */
    enum check_state state;
    bool relay;         /* it is about reaching a relay, not about what is configured */
    const char *detail; /* a sentence; of what failed, with what to do */
};

/* Looks at the configuration PATH and all it names and calls SAY for each thing, in a fixed order. Nothing is changed;
 * relays and sources are connected to, nothing is mailed. A configuration that can't be used ends it early. */
void check_all(const char *path, const struct clock *clock, void (*say)(void *ctx, const struct check_result *r),
               void *ctx);

#endif
