/* Judges a template's names against data that has every known name: what `courant check` says of templates. */
#ifndef RENDER_MUSTACHE_CHECK_H
#define RENDER_MUSTACHE_CHECK_H

#include "base/arena.h"
#include "render/mustache.h"

#include <jansson.h>

/* Walks T and what it brings in with SAMPLE as the data: an object with every known name, in which lists have at least
 * one item with every name an item can have. Slots of ENV (may be NULL) are known names too. Every name that means
 * nothing gives one sentence, "FILE:LINE: {{artcle}} is not a known name; did you mean article?", and so does a partial
 * that doesn't exist or doesn't compile, and a block given to a parent that has none of its name. *sentences (N of
 * them, in the order of their places) lie in arena A. */
void mustache_check(const struct mustache *t, const json_t *sample, const struct mustache_env *env, struct arena *a,
                    struct str **sentences, size_t *n);

#endif
