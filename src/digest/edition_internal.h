/* What edition.c and view.c share. */
#ifndef DIGEST_EDITION_INTERNAL_H
#define DIGEST_EDITION_INTERNAL_H

#include "digest/edition.h"
#include "digest/kept.h"
#include "digest/pictures.h"
#include "render/mustache.h"
#include "text/zone.h"

#include <jansson.h>

struct edition_picture {
    struct picture_frozen frozen;
    struct str id;                /* of its Content-ID */
    struct edition_picture *same; /* the first one with these bytes, which stands for all */
    bool used;                    /* in the rendition that is being made */
    struct message_picture *part; /* NULL: in none so far */
};

struct edition {
    struct arena *arena;
    int64_t issue;
    json_t *settings; /* as frozen */
    json_t *words;    /* a catalogue (digest/words.h) */
    json_t *types;    /* by language, as they were needed (digest/look.h) */
    json_t *articles; /* as frozen, in order of arrival */
    struct edition_template {
        struct str name;
        struct mustache *compiled; /* NULL: it can't be, for the reason that BROKEN tells */
        const char *broken;
    } * templates;
    size_t templates_n;
    const char *met; /* what is wrong with a broken one that was asked for; NULL: none was */
    struct edition_picture *pictures;
    size_t pictures_n;
    struct mustache_slot slots[SLOT_COUNT];
    struct zone *zone;
    struct kept *kept; /* between renditions */
    struct buf heavy;  /* what there is to say of the last one's size */
};

/* A frozen setting; "" and 0 where there is none. */
const char *edition_setting(const struct edition *e, const char *key);
int64_t edition_number(const struct edition *e, const char *key);

#endif
