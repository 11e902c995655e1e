// modules: base text
/* Addresses, mailboxes, host names: no crash, and what is taken is safe on the wire and stable. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "text/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok) {
    if (!ok) {
        abort();
    }
}

static void check(const struct address *x, struct arena *a) {
    struct address again;
    must(x->text.len <= 254 && x->local.len <= 64 && utf8_valid(x->text) && utf8_valid(x->key));
    for (size_t i = 0; i < x->text.len; i++) {
        must((unsigned char)x->text.ptr[i] >= 0x20 && x->text.ptr[i] != 0x7f);
    }
    must(utf8_is_ascii(x->domain));
    must(utf8_is_ascii(x->local) == !x->smtputf8);
    /* What was taken is taken again, and names the same person. */
    must(address_parse(x->text, a, &again, NULL) == OK && str_eq(again.text, x->text) && str_eq(again.key, x->key));
    must(utf8_valid(address_mask(x, a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new();
    struct str in = {(const char *)data, size}, name, domain;
    struct address x;
    struct error err;
    if (address_parse(in, a, &x, &err) == OK) {
        check(&x, a);
    }
    if (mailbox_parse(in, a, &name, &x, &err) == OK) {
        check(&x, a);
        must(utf8_valid(name));
    }
    if (domain_normalise(in, a, &domain, &err) == OK) {
        struct str twice;
        must(domain_normalise(domain, a, &twice, NULL) == OK && str_eq(twice, domain));
        domain_display(domain, a, &twice);
    }
    arena_free(a);
    return 0;
}
