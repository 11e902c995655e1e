/* What templates are told about looks: type by script, colours that can be read. */
#ifndef DIGEST_LOOK_H
#define DIGEST_LOOK_H

#include <jansson.h>

/* How a passage in the language LANG is set: font, leading and the sizes in pixels, all as text for CSS. */
json_t *look_type(const char *lang);

/* Made of the configured COLOUR ("" for none): `accent` for headings and `link`, both for light, `accent_dark` and
 * `link_dark` for dark, each with a contrast of at least 4.5 with every background of the shipped templates; `bar`, the
 * colour itself, for what is only an ornament. */
json_t *look_colours(const char *colour);
/* The colour of `link` alone, "#rrggbb", and of thin lines. */
const char *look_link(const json_t *colours);
#define LOOK_LINE "#cfc8bb"

#endif
