/* How a session failed: fills struct transport_session_end. */
#ifndef TRANSPORT_FAULT_H
#define TRANSPORT_FAULT_H

#include "transport/reply.h"
#include "transport/session.h"
#include "transport/stream.h"

/* Sets how, stage, temporary and the sentence "relay NAME: ..."; returns ST. code is set to 0. */
enum status fault_set(struct transport_session_end *end, const struct transport_relay *r, enum transport_end how,
                      enum transport_stage stage, enum status st, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* From a stream that failed while WHAT was waited for ("the greeting"). */
enum status fault_stream(struct transport_session_end *end, const struct transport_relay *r, const struct stream *s,
                         enum transport_stage stage, const char *what);
/* From a reply that refused WHAT. 4yz is temporary. */
enum status fault_reply(struct transport_session_end *end, const struct transport_relay *r, enum transport_end how,
                        enum transport_stage stage, const struct reply *reply, const char *what);

#endif
