/* A tally of the relay's replies (RFC 5321, 4.2), kept as their bytes pass on the way to libesmtp: how many came whole,
 * and what is left of one that has only begun. */
#ifndef TRANSPORT_TALLY_H
#define TRANSPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>

struct tally {
    int replies;     /* whole ones; the owner sets it back to 0 */
    char last;       /* the last whole one's first digit */
    size_t line_len; /* of the line that has begun; 0: none has */
    char line[4];    /* its first bytes */
};

/* Takes the next LEN bytes of the stream in. A bare "250", which libesmtp doesn't understand, is mended in BUF: its CR
 * becomes the space that RFC 5321 4.2 lets be absent. False: a line is longer than what libesmtp reads as one; it would
 * take the rest for the next reply. */
bool tally_read(struct tally *t, char *buf, size_t len);

#endif
