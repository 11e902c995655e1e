/* TOML, as far as the heads of articles have it: all of TOML 1.0, values that are not strings, lists or tables as their
 * text. */
#ifndef SOURCE_TOML_H
#define SOURCE_TOML_H

#include <jansson.h>

#include "base/status.h"
#include "base/str.h"

/* TEXT (UTF-8) as a JSON object, *out, the caller's. ERR_DATA: *line (from 1) and what is wrong there. */
enum status toml_parse(struct str text, json_t **out, size_t *line, struct error *err);

#endif
