/* What a picture's first bytes tell, before anything is decoded: its format, its size, how it is turned. */
#ifndef FETCH_PICTURE_HEAD_H
#define FETCH_PICTURE_HEAD_H

#include "base/str.h"

#include <stdbool.h>

enum picture_format { PICTURE_PNG, PICTURE_JPEG, PICTURE_GIF, PICTURE_WEBP };

struct picture_head {
    enum picture_format format;
    int width, height; /* as stored, from 1 on */
    int turn;          /* EXIF's Orientation, 1 to 8; 1: as stored */
};

/* False when S (untrusted) is no PNG, JPEG, GIF or WebP, or tells no size. */
bool picture_head_read(struct str s, struct picture_head *out);

#endif
