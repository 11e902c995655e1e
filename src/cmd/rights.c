#include "cmd/rights.h"

#include "cmd/batch.h"
#include "cmd/person.h"
#include "dispatch/rights.h"

/* *id is 0 when WORD is an address. */
static enum status number(struct str word, int64_t *id, struct error *err) {
    *id = 0;
    return str_find(word, '@', 0) < word.len ? OK : context_number(word, 1, "an address or a subscriber's id", id, err);
}

enum status rights_erase_run(struct context *c, struct error *err) {
    struct batch b = {0};
    bool forget = context_flag(c, "forget");
    struct str word;
    int64_t erased = 0;
    enum status st = batch_read(c, 0, &b, err);
    if (st == OK) {
        st = batch_confirm(c, (int64_t)b.n, "erases", err);
    }
    while (st == OK && batch_next(&b, &word)) {
        int64_t id;
        bool any = false;
        if ((st = number(word, &id, err)) == OK) {
            st = rights_erase(c->site, id ? STR_NONE : word, id, forget, &any, err);
        }
        erased += any;
    }
    batch_release(&b);
    if (st == OK && erased == 0) {
        context_say(c, "nothing was held about them%s", forget ? "" : "; the address stays suppressed by a keyed hash");
    } else if (st == OK) {
        context_say(c, "%lld erased%s. Backups and your own files still have what they had.", (long long)erased,
                    forget ? "" : "; a keyed hash keeps the address from being mailed again");
    }
    return st == OK ? context_count(c, "erased", erased, err) : st;
}

enum status rights_export_run(struct context *c, struct error *err) {
    const char *person = context_value(c, "person");
    struct str who;
    int64_t id;
    json_t *held = NULL;
    if (!person) {
        return error_set(err, ERR_USAGE, "--person says whose data");
    }
    enum status st = person_address(str_from(person), c->arena, &who, err);
    if (st == OK && (st = number(who, &id, err)) == OK) {
        st = rights_access(c->site, id ? STR_NONE : who, id, &held, err);
    }
    if (st == OK && (json_dumpf(held, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY) != 0 || putchar('\n') == EOF ||
                     fflush(stdout) != 0)) {
        st = error_set(err, ERR_IO, "standard output can't be written");
    }
    json_decref(held);
    return st;
}
