/* AUTH PLAIN and LOGIN (RFC 4954) against the one user of --auth. */
#ifndef SINK_AUTH_H
#define SINK_AUTH_H

#include "sink/session.h"

/* The command; ARG is the mechanism and perhaps an initial response. */
void auth_begin(struct session *s, const char *arg);
/* A line while the session is in SESSION_AUTH. */
void auth_line(struct session *s, const char *text);

#endif
