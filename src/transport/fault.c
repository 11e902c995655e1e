#include "transport/fault.h"

#include <stdarg.h>
#include <stdio.h>

enum status fault_set(struct transport_session_end *end, const struct transport_relay *r, enum transport_end how,
                      enum transport_stage stage, enum status st, const char *fmt, ...) {
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    end->how = how;
    end->stage = stage;
    end->code = 0;
    end->temporary = st == ERR_TEMP || st == ERR_UNAVAILABLE;
    return error_set(&end->why, st, "relay %s: %s", r->name ? r->name : r->host, text);
}

enum status fault_stream(struct transport_session_end *end, const struct transport_relay *r, const struct stream *s,
                         enum transport_stage stage, const char *what) {
    switch (s->fault) {
    case STREAM_TIMEOUT:
        return fault_set(end, r, TRANSPORT_END_TIMEOUT, stage, ERR_TEMP, "%s took too long", what);
    case STREAM_STOPPED:
        return fault_set(end, r, watch_is_cut(s->watch) ? TRANSPORT_END_CUT : TRANSPORT_END_NORMAL, stage, ERR_TEMP,
                         "stopped while waiting for %s", what);
    case STREAM_BABBLE:
        return fault_set(end, r, TRANSPORT_END_PROTOCOL, stage, ERR_PROTOCOL, "%s has a line without end", what);
    case STREAM_FINE:
        return fault_set(end, r, TRANSPORT_END_PROTOCOL, stage, ERR_PROTOCOL, "%s is not a reply of SMTP", what);
    case STREAM_CLOSED:
    default:
        return fault_set(end, r, TRANSPORT_END_DROPPED, stage, ERR_TEMP, "it dropped the connection before %s", what);
    }
}

enum status fault_reply(struct transport_session_end *end, const struct transport_relay *r, enum transport_end how,
                        enum transport_stage stage, const struct reply *reply, const char *what) {
    enum status st = reply->code < 500 ? ERR_TEMP : how == TRANSPORT_END_AUTH ? ERR_NOPERM : ERR_UNAVAILABLE;
    fault_set(end, r, how, stage, st, "%s was refused: %d %s%s%s", what, reply->code, reply->status,
              reply->status[0] ? " " : "", reply->text);
    end->code = reply->code;
    end->temporary = reply->code < 500;
    return st;
}
