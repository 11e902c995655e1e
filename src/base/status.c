#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Control characters would let a value from outside forge lines of a log. */
static void tidy(char *text) {
    size_t len = strlen(text);
    for (char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = ' ';
        }
    }
    /* a cut may have gone through a character: drop a trailing incomplete sequence */
    size_t i = len;
    while (i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0x80) {
        i--;
    }
    if (i > 0 && (unsigned char)text[i - 1] >= 0xc0) {
        unsigned char lead = (unsigned char)text[i - 1];
        size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (len - (i - 1) < need) {
            text[i - 1] = 0;
        }
    }
}

enum status error_set(struct error *err, enum status status, const char *fmt, ...) {
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->status = status;
        (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
        tidy(err->text);
    }
    return status;
}

enum status error_prefix(struct error *err, const char *fmt, ...) {
    if (!err) {
        return ERR_SOFTWARE;
    }
    char head[512];
    char tail[sizeof err->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(head, sizeof head, fmt, ap);
    va_end(ap);
    memcpy(tail, err->text, sizeof tail);
    size_t n = strlen(head);
    size_t room = sizeof err->text - n - 3;
    size_t keep = strlen(tail) < room ? strlen(tail) : room;
    memcpy(err->text, head, n);
    memcpy(err->text + n, ": ", 2);
    memcpy(err->text + n + 2, tail, keep);
    err->text[n + 2 + keep] = 0;
    tidy(err->text);
    return err->status;
}
