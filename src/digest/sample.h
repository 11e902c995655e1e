/* A view in which every name has a value and every list an item, for mustache_check. */
#ifndef DIGEST_SAMPLE_H
#define DIGEST_SAMPLE_H

#include <jansson.h>

/* The caller's; NULL when memory ran out. */
json_t *edition_sample(void);

#endif
