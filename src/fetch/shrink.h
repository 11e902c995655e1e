/* Decoding and scaling a picture with libgd: to be done in a process of its own (fetch/picture.h), since decoders have
 * always had holes. */
#ifndef FETCH_SHRINK_H
#define FETCH_SHRINK_H

#include "base/buf.h"
#include "base/status.h"

struct shrink_limits {
    int max_width;    /* pixels of the result */
    size_t max_bytes; /* of the result: aimed at by lower quality, then by fewer pixels */
};

/* Loads libgd, so that nothing needs to be opened later. ERR_UNAVAILABLE when it isn't there. */
enum status shrink_load(struct error *err);
/* Makes IN (PNG, JPEG, GIF's first frame, WebP; untrusted, at most 8,192 pixels a side and 40 million in all) a PNG or
 * JPEG no wider than the limit, never larger than it was, turned as its EXIF data says and without that data. What is
 * partly transparent becomes a PNG, unless that is too large: then it stands on white. OUT gets the bytes, behind them
 * is nothing. ERR_DATA with a sentence for anything else. */
enum status shrink(struct str in, const struct shrink_limits *limits, struct buf *out, int *width, int *height,
                   bool *png, struct error *err);

#endif
