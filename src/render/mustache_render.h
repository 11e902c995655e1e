/* Renders a compiled template: what all readers share becomes fixed bytes, what is personal stays a slot. */
#ifndef RENDER_MUSTACHE_RENDER_H
#define RENDER_MUSTACHE_RENDER_H

#include "base/arena.h"
#include "mime/piece.h"
#include "render/mustache.h"

#include <jansson.h>

/* Renders T with DATA (any JSON value; borrowed) and ENV (NULL: as all zero). *pieces (N of them) and their texts lie
 * in arena A; neighbouring fixed text is one piece; IF and UNLESS are balanced and never empty.
 *
 * Values: strings as they are, numbers in their shortest form, true as "true"; null, false, lists, objects and unknown
 * names as nothing. "list.0" is a list's first item, so {{#list.0}} asks whether there is one. Not rendered as
 * sections: null, false, 0, "", an empty list, unknown names. Line ends become LF but in MUSTACHE_SPEC.
 *
 * Slots: a name that is in env->slots, wherever it is used, is personal before the data is asked; `reader` is then a
 * section whose names are the slots "reader.*" (and those of the data's `reader`). {{reader.name}} becomes PIECE_SLOT
 * with the escape of its place: HTML in text and attributes, URL inside a URL. At the start of a URL a slot is
 * allowed only if its name ends in _url or _mailto, and then has escape HTML: the caller sees to it that its value is a
 * proper URL. {{#reader.name}} becomes PIECE_IF ... PIECE_END, with {{.}} as the value; {{^ }} PIECE_UNLESS.
 *
 * ERR_DATA with FILE:LINE and a sentence: partials nested deeper than env->max_depth, more output than
 * env->max_output, too much work (a template that loops in loops), a slot where none can be, a partial of another kind;
 * and what env->partial returns. */
enum status mustache_render(const struct mustache *t, const json_t *data, const struct mustache_env *env,
                            struct arena *a, struct piece **pieces, size_t *n, struct error *err);

#endif
