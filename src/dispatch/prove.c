#include "dispatch/prove.h"

#include "dispatch/shelf.h"
#include "queue/listing.h"
#include "store/subscriber.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 1000 };

struct proving {
    struct site *site;
    int64_t issue;
    struct shelf *shelf;
    struct message_prover prover;
    unsigned char *seen; /* by rendition number: counted */
    size_t seen_n;
    struct prove_report *out;
};

static enum status count_rendition(struct proving *p, int64_t number, struct error *err) {
    if ((size_t)number >= p->seen_n) {
        size_t n = (size_t)number * 2 + 64;
        unsigned char *grown = realloc(p->seen, n);
        if (!grown) {
            return error_set(err, ERR_OS, "out of memory");
        }
        memset(grown + p->seen_n, 0, n - p->seen_n);
        p->seen = grown;
        p->seen_n = n;
    }
    p->out->renditions += !p->seen[number];
    p->seen[number] = 1;
    return OK;
}

static enum status one(struct proving *p, const struct delivery_row *d, struct error *err) {
    struct prove_report *out = p->out;
    struct subscriber_delivery r;
    struct message_rendition *rendition = NULL;
    struct message_proof proof;
    enum status st = subscriber_for_delivery(p->site->store, d->subscriber, 0, &r, err);
    if (st != OK || !r.email.len) {
        out->left_out += st == OK;
        return st;
    }
    struct message_reader reader = {.issue = p->issue,
                                    .subscriber = d->subscriber,
                                    .generation = r.generation,
                                    .address = r.email,
                                    .name = r.name,
                                    .given_name = r.given_name};
    if ((st = count_rendition(p, d->rendition, err)) != OK ||
        (st = shelf_get(p->shelf, p->issue, d->rendition, &rendition, err)) != OK) {
        return st;
    }
    st = message_prove(&p->prover, rendition, p->site->tokens, &reader, &proof, err);
    message_rendition_free(rendition);
    if (st == ERR_DATA) {
        out->left_out++;
        return OK;
    }
    for (size_t s = 0; st == OK && s < SLOT_COUNT; s++) {
        int64_t n = proof.slots[s];
        out->slots_least[s] = out->mails == 0 || n < out->slots_least[s] ? n : out->slots_least[s];
        out->slots_most[s] = n > out->slots_most[s] ? n : out->slots_most[s];
    }
    if (st == OK) {
        out->mails++;
        if (proof.differs && out->differing++ == 0) {
            out->first = d->subscriber;
            (void)snprintf(out->where, sizeof out->where, "%s", proof.where);
        }
    }
    return st;
}

enum status prove(struct site *s, int64_t issue, struct prove_report *out, struct error *err) {
    struct arena *a = arena_new();
    struct proving p = {.site = s, .issue = issue, .out = out};
    *out = (struct prove_report){0};
    enum status st = a ? shelf_new(s, s->config->queue.rendition_cache_bytes, false, &p.shelf, err)
                       : error_set(err, ERR_OS, "out of memory");
    struct delivery_row *rows = NULL;
    size_t n = PAGE;
    for (int64_t last = 0; st == OK && n == PAGE;) {
        arena_reset(a);
        st = delivery_page(s->queue, issue, last, (1u << DELIVERY_STATES) - 1, PAGE, a, &rows, &n, err);
        for (size_t i = 0; i < n && st == OK; i++) {
            st = one(&p, &rows[i], err);
            last = rows[i].subscriber;
        }
    }
    if (st == OK && out->mails + out->left_out == 0) {
        st = error_set(err, ERR_DATA, "issue %lld has no mails to compare: it was not released yet, or long ago",
                       (long long)issue);
    }
    message_prover_release(&p.prover);
    shelf_free(p.shelf);
    free(p.seen);
    arena_free(a);
    return st;
}
