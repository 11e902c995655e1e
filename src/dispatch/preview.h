/* Preview: the bytes that would be sent, without sending or changing anything. */
#ifndef DISPATCH_PREVIEW_H
#define DISPATCH_PREVIEW_H

#include "dispatch/site.h"

enum preview_part { PREVIEW_TEXT, PREVIEW_HTML, PREVIEW_EML };

/* Appends the part of issue WHAT (a number) or of the newsletter WHAT's next issue (a name) to OUT, as the reader TO
 * would get it (an address; STR_NONE: a made-up reader with slots of usual length). TEXT and HTML are decoded UTF-8
 * with LF. ERR_NOINPUT: no such issue, newsletter or subscriber; ERR_DATA: nothing would be in it. */
enum status preview(struct site *s, struct str what, struct str to, enum preview_part part, struct buf *out,
                    struct error *err);

/* `issue test WHAT ADDRESS`: queues the same message to that address alone, as a transactional message. */
enum status preview_send(struct site *s, struct str what, struct str address, int64_t *id, struct error *err);

/* Compiles the newsletter's templates and checks their names; each complaint goes to NOTE, *bad counts them, and what
 * is no mistake but may have been forgotten goes to ADVISE. */
enum status preview_check(struct site *s, const struct config_newsletter *n,
                          void (*note)(void *ctx, const char *sentence),
                          void (*advise)(void *ctx, const char *sentence), void *ctx, int64_t *bad, struct error *err);

#endif
