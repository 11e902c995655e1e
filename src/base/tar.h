/* Writing a tar archive (POSIX.1-1988 "ustar"): enough for a few regular files. */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>

/* Adds to OUT a file NAME (at most 99 bytes, relative) of mode 0600, owned by root, dated WHEN (seconds), with the SIZE
 * bytes that IN has from its beginning; sizes of 8 GiB and more as GNU tar writes them. ERR_IO when IN has fewer, or
 * OUT takes no more. */
enum status tar_add(FILE *out, const char *name, int in, int64_t size, int64_t when, struct error *err);
/* The same with BYTES. */
enum status tar_add_bytes(FILE *out, const char *name, struct str bytes, int64_t when, struct error *err);
/* The end of the archive; OUT is flushed. */
enum status tar_end(FILE *out, struct error *err);

#endif
