/* The pump: a thread that carries plain bytes between libesmtp's end of a socket pair and TLS. libesmtp's own TLS hangs
 * and crashes, so it sees clear text only. One thread a connection: it ends with it. */
#ifndef TRANSPORT_PUMP_H
#define TRANSPORT_PUMP_H

#include "base/status.h"

#include <openssl/ssl.h>
#include <pthread.h>

struct pump {
    SSL *ssl;  /* borrowed; its descriptor is non-blocking */
    int plain; /* our end of the pair; owned */
    pthread_t thread;
};

/* Starts it over SSL. *user gets the other end of the pair, non-blocking, the caller's to close. */
enum status pump_start(struct pump *p, SSL *ssl, int *user, struct error *err);
/* To be called after the user's end was closed or shut down: lets what was written go out (a second at most), says
 * goodbye, waits for the thread. */
void pump_join(struct pump *p);

#endif
