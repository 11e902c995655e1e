/* The head of an article's file: YAML between "---" lines, TOML between "+++" lines, or a JSON object. */
#ifndef SOURCE_FRONT_MATTER_H
#define SOURCE_FRONT_MATTER_H

#include <jansson.h>

#include "base/status.h"
#include "base/str.h"

enum { FRONT_MATTER_MAX = 65536 };

/* Splits TEXT (UTF-8): *head, the caller's, is an object of strings, booleans, lists and objects, NULL where the file
 * has no head; *body is what stands behind it. ERR_DATA: *line of TEXT, from 1, and what is wrong there. */
enum status front_matter_parse(struct str text, json_t **head, struct str *body, size_t *line, struct error *err);

#endif
