// modules: base model
/* Any text gets a verdict of its code's kind. */
#include "model/verdict.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size};
    struct reply r = reply_parse(text);
    if ((r.code != 0 && (r.code < 200 || r.code > 599)) || r.text.len > size) {
        abort();
    }
    static const int codes[] = {0, 250, 421, 450, 452, 550, 552, 554};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        enum verdict v = verdict_of_reply(codes[i], STR_NONE, text);
        bool final = v == VERDICT_HARD || v == VERDICT_HARD_SURE || v == VERDICT_SOFT_PERMANENT ||
                     v == VERDICT_POLICY || v == VERDICT_TOO_BIG;
        if ((codes[i] / 100 == 2) != (v == VERDICT_ACCEPTED) && codes[i] != 0) {
            abort();
        }
        if (codes[i] / 100 == 4 && final) {
            abort();
        }
        (void)verdict_name(v);
        (void)verdict_of_mail_reply(codes[i], STR_NONE, text);
    }
    (void)verdict_of_reply(550, text, text);
    return 0;
}
