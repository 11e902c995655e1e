#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level level_now = LOG_LEVEL_WARNING; /* set once by main */

void log_set_level(enum log_level level) {
    level_now = level;
}

static void line(enum log_level level, const char *fmt, va_list ap) {
    if (level > level_now) {
        return;
    }
    char text[2048];
    int head = snprintf(text, sizeof text, "courant: ");
    int n = vsnprintf(text + head, sizeof text - (size_t)head - 1, fmt, ap);
    if (n < 0) {
        return;
    }
    size_t len = (size_t)head + (size_t)n;
    if (len > sizeof text - 2) {
        len = sizeof text - 2;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            text[i] = ' ';
        }
    }
    text[len] = '\n';
    ssize_t done = write(STDERR_FILENO, text, len + 1); /* one write, so that threads' lines do not mix */
    (void)done;
}

#define LOG_AT(name, level)                                                                                            \
    void name(const char *fmt, ...) {                                                                                  \
        va_list ap;                                                                                                    \
        va_start(ap, fmt);                                                                                             \
        line(level, fmt, ap);                                                                                          \
        va_end(ap);                                                                                                    \
    }

LOG_AT(log_error, LOG_LEVEL_ERROR)
LOG_AT(log_warning, LOG_LEVEL_WARNING)
LOG_AT(log_info, LOG_LEVEL_INFO)
LOG_AT(log_debug, LOG_LEVEL_DEBUG)
