/* A stranger's picture made fit for a mail, in a process of its own: a broken or hostile one can do no more than fail.
 */
#ifndef FETCH_PICTURE_H
#define FETCH_PICTURE_H

#include "base/arena.h"
#include "base/status.h"
#include "fetch/shrink.h"

/* The word by which the program calls itself for a picture; argv[1] of that process. */
#define PICTURE_WORKER "--shrink-picture"

enum { PICTURE_TIME_S = 20 };

struct picture {
    struct str bytes; /* PNG or JPEG */
    bool png;
    int width, height;
};

/* What shrink() makes of IN, by a child process that runs this program anew (so that no key or password is in its
 * memory), has no files but the picture, and bounds on memory, time and system calls. *out is A's. ERR_DATA with a
 * sentence about the picture; ERR_UNAVAILABLE without libgd; ERR_TEMP when SIGTERM came; ERR_OS. */
enum status picture_shrink(struct str in, const struct shrink_limits *limits, struct arena *a, struct picture *out,
                           struct error *err);

/* The child: reads the picture from standard input, writes its answer to standard output. The exit code. */
int picture_work(int argc, char **argv);

#endif
