#include "cmd/progress.h"

#include <unistd.h>

enum { BAR = 30 };

void progress_begin(struct progress *p, const struct context *c) {
    *p = (struct progress){.shown = isatty(STDERR_FILENO) && !c->quiet, .last = -1};
}

void progress_tell(struct progress *p, const char *what, int64_t done, int64_t of) {
    char bar[BAR + 1];
    int percent = of > 0 ? (int)(done >= of ? 100 : done * 100 / of) : 0;
    if (!p->shown || (percent == p->last && p->what == what)) {
        return;
    }
    p->last = percent;
    p->what = what;
    for (int i = 0; i < BAR; i++) {
        bar[i] = i * 100 < percent * BAR ? '#' : '.';
    }
    bar[BAR] = 0;
    (void)fprintf(stderr, "\r%-10s [%s] %3d %%", what, bar, percent);
    (void)fflush(stderr);
}

void progress_end(struct progress *p) {
    if (p->shown && p->last >= 0) {
        (void)fprintf(stderr, "\r%*s\r", BAR + 20, "");
        (void)fflush(stderr);
    }
}
