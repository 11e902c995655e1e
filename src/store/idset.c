#include "store/idset.h"

#include <stdlib.h>
#include <string.h>

static const int64_t ID_MAX = (int64_t)1 << 31;

void idset_release(struct idset *set) {
    free(set->words);
    *set = (struct idset){0};
}

bool idset_has(const struct idset *set, int64_t id) {
    size_t w = (size_t)id / 64;
    return id >= 0 && w < set->n && (set->words[w] >> ((unsigned)id % 64) & 1);
}

enum status idset_add(struct idset *set, int64_t id, struct error *err) {
    size_t w = (size_t)id / 64;
    if (id < 0 || id > ID_MAX) {
        return error_set(err, ERR_SOFTWARE, "id %lld is out of range", (long long)id);
    }
    if (w >= set->n) {
        size_t n = w + w / 2 + 1024;
        uint64_t *words = realloc(set->words, n * sizeof *words);
        if (!words) {
            return error_set(err, ERR_OS, "out of memory");
        }
        memset(words + set->n, 0, (n - set->n) * sizeof *words);
        set->words = words;
        set->n = n;
    }
    if (!idset_has(set, id)) {
        set->words[w] |= (uint64_t)1 << ((unsigned)id % 64);
        set->count++;
    }
    return OK;
}
