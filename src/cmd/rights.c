#include "cmd/rights.h"

#include "base/log.h"
#include "cmd/batch.h"
#include "cmd/person.h"
#include "dispatch/rights.h"

/* *id is 0 when WORD is an address. */
static enum status number(struct str word, int64_t *id, struct error *err) {
    *id = 0;
    return str_find(word, '@', 0) < word.len ? OK : context_number(word, 1, "an address or a subscriber's id", id, err);
}

/* A rehearsal: *any, whether something is held that would go. */
static enum status look(struct context *c, struct str address, int64_t id, bool forget, bool *any, struct error *err) {
    json_t *held = NULL, *v;
    size_t i;
    enum status st = rights_access(c->site, address, id, &held, err);
    *any = json_array_size(json_object_get(held, "messages")) > 0;
    json_array_foreach(json_object_get(held, "person"), i, v) {
        *any = *any || json_is_string(json_object_get(v, "email")); /* null: erased before */
    }
    json_array_foreach(json_object_get(held, "suppressions"), i, v) {
        const char *reason = json_string_value(json_object_get(v, "reason"));
        *any = *any || forget || !reason || strcmp(reason, "erased") != 0;
    }
    json_decref(held);
    return st;
}

enum status rights_erase_run(struct context *c, struct error *err) {
    struct batch b = {0};
    bool forget = context_flag(c, "forget");
    struct str word;
    int64_t erased = 0;
    enum status refused = OK;
    enum status st = batch_read(c, 0, &b, err);
    if (st == OK) {
        st = batch_confirm(c, (int64_t)b.n, "erases", err);
    }
    while (st == OK && batch_next(&b, &word)) {
        int64_t id;
        bool any = false;
        struct error why = {0};
        struct str address = STR_NONE;
        if ((st = number(word, &id, &why)) == OK) {
            address = id ? STR_NONE : word;
            st = b.dry ? look(c, address, id, forget, &any, &why)
                       : rights_erase(c->site, address, id, forget, &any, &why);
        }
        if (st == ERR_DATA || st == ERR_NOINPUT || st == ERR_USAGE) {
            log_error("%.*s: %s", STR_ARG(word), why.text); /* the others are not to wait for one that is misspelt */
            refused = refused == OK ? st : refused;
            st = OK;
        } else if (st != OK) {
            st = error_set(err, st, "%s", why.text);
        }
        erased += any;
    }
    if (st == OK && b.dry) {
        context_say(c, "would be: %lld erased", (long long)erased);
    } else if (st == OK && erased == 0 && refused == OK) {
        context_say(c, "nothing was held about them%s", forget ? "" : "; the address stays suppressed by a keyed hash");
    } else if (st == OK && erased) {
        context_say(c, "%lld erased%s. Backups and your own files still have what they had.", (long long)erased,
                    forget ? "" : "; a keyed hash keeps the address from being mailed again");
    }
    batch_release(&b);
    if (st == OK) {
        st = context_count(c, "erased", erased, err);
    }
    return st == OK ? refused : st;
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
