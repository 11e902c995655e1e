#include "mime/decode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void decode_text(struct str in, struct str encoding, struct buf *out) {
    const bool base64 = str_eq(encoding, STR("base64"));
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int n = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (base64) {
            const char *d = c ? strchr(digits, c) : NULL;
            if (d) {
                bits = bits << 6 | (uint32_t)(d - digits);
                if ((n += 6) >= 8) {
                    n -= 8;
                    char byte = (char)(bits >> n & 0xff);
                    if (byte != '\r') {
                        buf_addc(out, byte);
                    }
                }
            }
        } else if (c == '=' && i + 2 < in.len && in.ptr[i + 1] == '\r' && in.ptr[i + 2] == '\n') {
            i += 2;
        } else if (c == '=' && i + 2 < in.len) {
            char hex[3] = {in.ptr[i + 1], in.ptr[i + 2], 0};
            buf_addc(out, (char)strtol(hex, NULL, 16));
            i += 2;
        } else if (c != '\r') {
            buf_addc(out, c);
        }
    }
}
