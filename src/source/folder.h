/* Type files: a folder of articles with front matter, as static-site generators keep them. */
#ifndef SOURCE_FOLDER_H
#define SOURCE_FOLDER_H

#include "source/reading.h"

enum status folder_read(struct reading *r, struct error *err);

#endif
