/* Puts a connection of ours under libesmtp. It has no call to be given a socket, but the `connect` that it calls is the
 * program's when the program defines one: this module does. */
#ifndef TRANSPORT_READY_H
#define TRANSPORT_READY_H

#include <sys/types.h>

#include <stdbool.h>

/* The next connect() of this thread puts FD on its descriptor (dup3) and succeeds, whatever address it asks for. Only
 * that one; FD stays the caller's. -1 takes it back. */
void ready_put(int fd);
/* The descriptor that the last such connect() of this thread got, or -1 when none took it yet. Forgets it. */
int ready_taken(void);

/* The next write() of this thread to FD goes to FN instead, which says what write() would: for what libesmtp writes.
 * FD -1: no more. */
void ready_hook(int fd, ssize_t (*fn)(void *ctx, const void *buf, size_t n), void *ctx);

#endif
