#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPORT_MAX = 200, WORD_MAX = 64 };

void config_errors_release(struct config_errors *errors) {
    for (size_t i = 0; i < errors->n; i++)
        free(errors->list[i].text);
    free(errors->list);
    *errors = CONFIG_ERRORS_INIT;
}

void report_add(struct report *r, int line, const char *fmt, ...) {
    struct config_errors *e = r->errors;
    if (e->n >= REPORT_MAX)
        return;
    if (e->n == e->cap) {
        size_t cap = e->cap ? 2 * e->cap : 8;
        struct config_error *list = realloc(e->list, cap * sizeof *list);
        if (!list)
            return;
        e->list = list;
        e->cap = cap;
    }
    char *sentence = NULL, *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&sentence, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    n = line > 0 ? asprintf(&text, "%s:%d: %s", r->file, line, sentence) : asprintf(&text, "%s: %s", r->file, sentence);
    free(sentence);
    if (n < 0)
        return;
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    e->list[e->n++] = (struct config_error){line, text};
}

void report_sort(struct report *r) {
    struct config_errors *e = r->errors;
    for (size_t i = 1; i < e->n; i++) { /* at most 200, mostly in order already */
        struct config_error x = e->list[i];
        size_t j = i;
        for (; j > 0 && e->list[j - 1].line > x.line; j--)
            e->list[j] = e->list[j - 1];
        e->list[j] = x;
    }
}

/* The number of letters to change, add, drop or swap with their neighbour to make B of A (optimal string alignment). */
static size_t distance(struct str a, struct str b) {
    size_t row[3][WORD_MAX + 1];
    size_t *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

const char *report_nearest(struct str word, const char *const *names, size_t n) {
    char lower[WORD_MAX];
    if (word.len == 0 || word.len > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '-' ? '_' : c;
    }
    struct str w = {lower, word.len};
    size_t most = word.len >= 9 ? 3 : word.len >= 5 ? 2 : 1;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        struct str name = str_from(names[i]);
        if (name.len > WORD_MAX)
            continue;
        size_t d = distance(w, name);
        if (d > most || d >= name.len)
            continue;
        if (d < most || !best) {
            best = names[i];
            most = d;
        }
    }
    return best;
}
