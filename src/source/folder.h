/* Type files: a folder of articles with front matter, as static-site generators (Hugo, Jekyll, Eleventy) keep them. */
#ifndef SOURCE_FOLDER_H
#define SOURCE_FOLDER_H

#include "source/reading.h"

/* Reads the files below the folder, unless sizes and times of all are what they were. Symbolic links are not followed;
 * folders whose names begin with '.' or '_' are left out but for _posts. A bad file is refused and the rest goes on.
 * ERR_NOINPUT: the folder, or one in it, can't be read; ERR_DATA: too many files. */
enum status folder_read(struct reading *r, struct error *err);

#endif
