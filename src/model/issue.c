#include "model/issue.h"

static const char *const issue_names[] = {"draft", "approved", "releasing", "sending", "paused", "done", "cancelled"};
static const char *const delivery_names[] = {"queued",  "claimed", "deferred", "held",
                                             "unknown", "sent",    "failed",   "cancelled"};

const char *issue_state_name(enum issue_state s) {
    return (unsigned)s < sizeof issue_names / sizeof *issue_names ? issue_names[s] : "?";
}

const char *delivery_state_name(enum delivery_state s) {
    return (unsigned)s < DELIVERY_STATES ? delivery_names[s] : "?";
}

bool issue_state_from(struct str name, enum issue_state *out) {
    for (unsigned i = 0; i < sizeof issue_names / sizeof *issue_names; i++) {
        if (str_eq(name, str_from(issue_names[i]))) {
            *out = (enum issue_state)i;
            return true;
        }
    }
    return false;
}

bool delivery_state_from(struct str name, enum delivery_state *out) {
    for (unsigned i = 0; i < DELIVERY_STATES; i++) {
        if (str_eq(name, str_from(delivery_names[i]))) {
            *out = (enum delivery_state)i;
            return true;
        }
    }
    return false;
}
