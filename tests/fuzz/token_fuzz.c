// modules: base crypto
/* No input opens as a token, but one that token_make made. */
#include "crypto/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct token_keys *keys;
    static const struct secret secret = {{1, 2, 3}};
    if (!keys && token_keys_new(&secret, &keys, NULL) != OK) {
        abort();
    }
    uint64_t values[TOKEN_VALUES];
    size_t n = size % TOKEN_VALUES + 1;
    if (token_open(keys, TOKEN_BOUNCE, (struct str){(const char *)data, size}, values, n)) {
        abort(); /* 2^-80 by chance */
    }
    memset(values, 0, sizeof values);
    memcpy(values, data, size < sizeof values ? size : sizeof values);
    char token[TOKEN_SIZE];
    uint64_t back[TOKEN_VALUES];
    size_t len = token_make(keys, TOKEN_UNSUBSCRIBE, values, n, token, sizeof token);
    if (!token_open(keys, TOKEN_UNSUBSCRIBE, (struct str){token, len}, back, n) ||
        memcmp(values, back, n * sizeof *values) != 0) {
        abort();
    }
    if (size > 0) { /* one letter changed */
        token[data[0] % len] = token[data[0] % len] == 'a' ? 'b' : 'a';
        if (token_open(keys, TOKEN_UNSUBSCRIBE, (struct str){token, len}, back, n)) {
            abort();
        }
    }
    return 0;
}
