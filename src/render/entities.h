/* Character references that libxml2, whose HTML is version 4, doesn't read. */
#ifndef RENDER_ENTITIES_H
#define RENDER_ENTITIES_H

#include "base/buf.h"

/* Appends HTML with the names that HTML 5 added written as numbers ("&comma;" as "&#44;"), as far as they are letters
 * or punctuation, and with a semicolon behind those that may stand without ("&nbsp "). */
void entities_mend(struct str html, struct buf *out);

#endif
