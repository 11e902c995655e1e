#include "cmd/person.h"

#include "store/subscriber.h"
#include "text/address.h"

enum status person_key(struct str word, struct arena *a, struct str *key, struct error *err) {
    struct address address;
    enum status st = address_parse(word, a, &address, err);
    if (st != OK) {
        return error_prefix(err, "%.*s", STR_ARG(word));
    }
    *key = address.key;
    return OK;
}

enum status person_find(const struct context *c, struct str word, int64_t *out, struct error *err) {
    struct arena *a = arena_new();
    struct subscriber s;
    bool found = false;
    enum status st = OK;
    if (!a) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (str_find(word, '@', 0) == word.len) {
        int64_t id = 0;
        if ((st = context_number(word, 1, "an address or a subscriber's id", &id, err)) == OK) {
            st = subscriber_get(c->site->store, id, a, &found, &s, err);
        }
    } else {
        struct str key;
        if ((st = person_key(word, a, &key, err)) == OK) {
            st = subscriber_by_key(c->site->store, key, a, &found, &s, err);
        }
    }
    if (st == OK && !found) {
        st = error_set(err, ERR_NOINPUT, "%.*s: there is no such subscriber", STR_ARG(word));
    }
    if (st == OK) {
        *out = s.id;
    }
    arena_free(a);
    return st;
}

enum status person_address(struct str word, struct arena *a, struct str *out, struct error *err) {
    if (!str_eq(word, STR("-"))) {
        *out = word;
        return OK;
    }
    char *words[] = {(char[]){"-"}};
    struct context_words w = {.words = words, .n = 1};
    struct str line;
    bool there = context_words_next(&w, &line);
    *out = there ? arena_str(a, line) : STR_NONE;
    context_words_release(&w);
    return there ? OK : error_set(err, ERR_NOINPUT, "standard input has no address");
}
