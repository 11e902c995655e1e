/* A session's replies: as they should be, as the script wants them, and as the faults spoil them. A reply is "CODE
 * text", with a backslash and an n between its lines; it leaves after --delay. */
#ifndef SINK_REPLY_H
#define SINK_REPLY_H

#include "sink/script.h"
#include "sink/session.h"

#include <stdbool.h>
#include <stddef.h>

/* Sends bytes as they are. */
void reply_bytes(struct session *s, const char *p, size_t n);
/* Sends REPLY, whatever the weather. */
void reply_send(struct session *s, const char *reply);
/* The same where faults may give it another shape. Says whether a client that knows the protocol gets the reply. */
bool reply_say(struct session *s, const char *reply);
/* Refuses at STAGE, which becomes the event's name, about recipient TO (or NULL). 421 closes. */
void reply_refuse(struct session *s, const char *stage, const char *to, const char *reply);
/* Closes without a reply, once everything is sent. */
void reply_drop(struct session *s, const char *stage, const char *to);
/* What was said is the last; the client is to close. */
void reply_last(struct session *s);
/* Does what rule R (or NULL) says at STAGE; true when that was all, false when the stage goes on as usual: see
 * rule_replies for whether its own reply is still to be sent then. */
bool reply_apply(struct session *s, const struct rule *r, const char *stage, const char *to);

#endif
