#include "cmd/domains.h"

#include "base/log.h"
#include "text/address.h"

enum status domains_ask(const struct context *c, const struct batch *b, struct mx **out, struct error *err) {
    struct batch words = *b;
    struct address address;
    struct str word, name;
    *out = NULL;
    if (!context_flag(c, "check-mx")) {
        return OK;
    }
    struct arena *a = arena_new();
    enum status st = a ? mx_new(out, err) : error_set(err, ERR_OS, "out of memory");
    while (st == OK && batch_next(&words, &word)) {
        arena_reset(a);
        if (mailbox_parse(word, a, &name, &address, NULL) == OK) {
            st = mx_ask(*out, address.domain, err);
        }
    }
    if (st == OK) {
        st = mx_settle(*out, err);
    }
    arena_free(a);
    return st;
}

struct str domains_refusal(const struct mx *m, struct str word, struct str domain, struct arena *a) {
    struct str shown;
    enum mx_verdict v = m ? mx_verdict(m, domain) : MX_TAKES;
    const char *why = mx_refusal(v);
    if (v == MX_TAKES) {
        return STR_NONE;
    }
    domain_display(domain, a, &shown);
    if (why) {
        return arena_printf(a, "the domain %.*s %s", STR_ARG(shown), why);
    }
    log_warning("%.*s: %s about the domain %.*s; it was taken unchecked", STR_ARG(word),
                v == MX_UNASKED ? "nobody was asked" : "no name server answered", STR_ARG(shown));
    return STR_NONE;
}
