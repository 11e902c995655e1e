/* What the command line asks for; `smtp_sink --help` says what each option means. */
#ifndef SINK_OPTIONS_H
#define SINK_OPTIONS_H

#include "sink/script.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_WORDS = 16 };
struct options { /* texts belong to argv; NULL and 0: not asked for */
    const char *host, *port, *record, *events, *maildir, *greeting, *auth, *cert, *key;
    bool bodies, auth_required, helo_only, chunking, implicit, inject;
    long delay;       /* ms */
    long stall, idle; /* s */
    long max_messages, close_after, max_rate, max_connections, stop_reading, size;
    int tls_min, tls_max; /* as OpenSSL has them */
    const char *with[OPTIONS_WORDS], *without[OPTIONS_WORDS];
    size_t nwith, nwithout;
};

/* Reads the command line; rules and faults go to SCRIPT, which was initialized. Ends the program after --help, and with
 * a sentence where an option makes no sense. */
void options_read(struct options *o, struct script *script, int argc, char **argv);
/* Whether KEYWORD of EHLO is offered, as far as --without says. */
bool options_offer(const struct options *o, const char *keyword);

#endif
