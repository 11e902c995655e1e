/* Notices: single messages that are no digest: an alarm to the administrator, a confirmation. */
#ifndef MESSAGE_NOTICE_H
#define MESSAGE_NOTICE_H

#include "base/buf.h"
#include "message/dkim.h"

struct notice {
    struct str from_name, from_address, to; /* addr-specs, ASCII */
    struct str to_name;                     /* or empty */
    struct str reply_to, reply_to_name;     /* an addr-spec, or absent */
    struct str subject, text;               /* UTF-8; text with LF */
    struct str html;                        /* the same in HTML; absent: text alone */
    bool flowed;                            /* the text is format=flowed; delsp=yes */
    struct str date;                        /* as RFC 5322 wants it */
    struct str id;                          /* left side of Message-ID, unique */
    struct str hostname;                    /* its right side */
};

/* Appends the whole message (RFC 5322, 2045, 3834) to OUT, CRLF throughout, signed with each key of SIGNING that is of
 * From's domain. ERR_DATA when an address can't stand in a header, else what dkim_sign and body_new say. */
enum status notice_compose(const struct notice *n, const struct signing_keys *signing, struct buf *out,
                           struct error *err);

#endif
