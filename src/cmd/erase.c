#include "cmd/erase.h"

#include "dispatch/erase.h"

enum status erase_run(struct context *c, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, 0);
    bool forget = context_flag(c, "forget");
    struct str word;
    int64_t erased = 0;
    enum status st = OK;
    while (st == OK && context_words_next(&words, &word)) {
        int64_t id = 0;
        bool any = false;
        if (str_find(word, '@', 0) == word.len) {
            st = context_number(word, 1, "an address or a subscriber's id", &id, err);
        }
        if (st == OK) {
            st = erase_person(c->site, id ? STR_NONE : word, id, forget, &any, err);
        }
        erased += any;
    }
    context_words_release(&words);
    if (st == OK && erased == 0) {
        context_say(c, "nothing was held about them%s", forget ? "" : "; the address stays suppressed by a keyed hash");
    } else if (st == OK) {
        context_say(c, "%lld erased%s. Backups and your own files still have what they had.", (long long)erased,
                    forget ? "" : "; a keyed hash keeps the address from being mailed again");
    }
    return st == OK ? context_count(c, "erased", erased, err) : st;
}
