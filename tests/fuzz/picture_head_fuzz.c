// modules: base fetch
/* A picture's head: any bytes. */
#include "fetch/picture_head.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct picture_head h;
    if (picture_head_read((struct str){(const char *)data, n}, &h) &&
        (h.width < 1 || h.height < 1 || h.turn < 1 || h.turn > 8)) {
        abort();
    }
    return 0;
}
