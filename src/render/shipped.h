/* The templates that are compiled in. */
#ifndef RENDER_SHIPPED_H
#define RENDER_SHIPPED_H

#include "base/str.h"

/* Number I of them, from 0: its name below templates/ ("digest.html", "part/article.txt") and its text, both lasting
 * for ever. False behind the last. */
bool shipped_template(size_t i, struct str *name, struct str *text);

#endif
