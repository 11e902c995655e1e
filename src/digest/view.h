/* The view: what a template sees of an issue. Order and grouping of a digest are decided here. */
#ifndef DIGEST_VIEW_H
#define DIGEST_VIEW_H

#include "base/arena.h"
#include "base/status.h"

#include <jansson.h>

struct edition;
struct select_form;

/* What the templates see of the articles with the given ARRIVALS (ascending), in the language and with as much of the
 * bodies as FORM says. *out is the caller's. */
enum status edition_view(struct edition *e, const struct select_form *form, int64_t date, const int64_t *arrivals,
                         size_t n, struct arena *a, json_t **out, struct error *err);

#endif
