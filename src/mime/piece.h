/* What a rendered text is before it is personal: fixed bytes with open slots between. Plain data, shared with render/.
 */
#ifndef MIME_PIECE_H
#define MIME_PIECE_H

#include "base/str.h"

/* How a personal value is escaped where it stands. */
enum piece_escape {
    PIECE_RAW,  /* as it is */
    PIECE_HTML, /* & < > " ' as character references */
    PIECE_URL   /* percent-encoded as a component of a URL's query: all but RFC 3986's unreserved characters */
};

enum piece_kind {
    PIECE_FIXED,  /* text that every reader gets */
    PIECE_SLOT,   /* a value of the reader's */
    PIECE_IF,     /* what follows up to the matching PIECE_END is there only when the value isn't empty */
    PIECE_UNLESS, /* ... only when the value is empty */
    PIECE_END     /* closes the innermost open PIECE_IF or PIECE_UNLESS; they nest */
};

struct piece {
    enum piece_kind kind;
    struct str text;          /* FIXED: the bytes, UTF-8 with LF line ends; borrowed */
    int slot;                 /* SLOT, IF, UNLESS: index into the caller's array of values */
    enum piece_escape escape; /* SLOT */
};

#endif
