#include "dispatch/prove.h"

#include "digest/edition.h"
#include "queue/listing.h"
#include "store/subscriber.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 1000, PLACES = 64 };

struct proving {
    struct site *site;
    struct issue_row issue;
    struct edition *edition;
    struct message_prover prover;
    struct {
        int64_t number;
        struct message_rendition *rendition;
    } kept[PLACES];
    unsigned char *seen; /* by rendition number: counted */
    size_t seen_n;
    struct prove_report *out;
};

static enum status rendition_of(struct proving *p, int64_t number, struct arena *a, struct message_rendition **out,
                                struct error *err) {
    size_t at = (size_t)number % PLACES;
    struct str key, hash;
    enum status st = OK;
    if (!p->kept[at].rendition || p->kept[at].number != number) {
        message_rendition_free(p->kept[at].rendition);
        p->kept[at].rendition = NULL;
        if ((st = rendition_get(p->site->queue, p->issue.id, number, a, &key, &hash, err)) == OK) {
            st = edition_render(p->edition, key, p->issue.released_at, &p->kept[at].rendition, err);
        }
        p->kept[at].number = number;
    }
    if (st == OK && (size_t)number >= p->seen_n) {
        size_t n = (size_t)number * 2 + 64;
        unsigned char *grown = realloc(p->seen, n);
        if (!grown) {
            return error_set(err, ERR_OS, "out of memory");
        }
        memset(grown + p->seen_n, 0, n - p->seen_n);
        p->seen = grown;
        p->seen_n = n;
    }
    if (st == OK && !p->seen[number]) {
        p->seen[number] = 1;
        p->out->renditions++;
    }
    *out = p->kept[at].rendition;
    return st;
}

static enum status one(struct proving *p, const struct delivery_row *d, struct arena *a, struct error *err) {
    struct prove_report *out = p->out;
    struct subscriber_delivery r;
    struct message_rendition *rendition = NULL;
    struct message_proof proof;
    enum status st = subscriber_for_delivery(p->site->store, d->subscriber, 0, &r, err);
    if (st != OK || !r.email.len) {
        out->left_out += st == OK;
        return st;
    }
    struct message_reader reader = {.issue = p->issue.id,
                                    .subscriber = d->subscriber,
                                    .generation = r.generation,
                                    .address = r.email,
                                    .name = r.name,
                                    .given_name = r.given_name};
    if ((st = rendition_of(p, d->rendition, a, &rendition, err)) != OK) {
        return st;
    }
    st = message_prove(&p->prover, rendition, p->site->tokens, &reader, &proof, err);
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
    struct arena *a = arena_new(), *page = arena_new();
    struct proving p = {.site = s, .out = out};
    *out = (struct prove_report){0};
    enum status st = a && page ? issue_get(s->queue, issue, a, &p.issue, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        st = edition_load(s->queue, issue, &p.edition, err);
    }
    struct delivery_row *rows = NULL;
    size_t n = PAGE;
    for (int64_t last = 0; st == OK && n == PAGE;) {
        arena_reset(page);
        st = delivery_page(s->queue, issue, last, (1u << DELIVERY_STATES) - 1, PAGE, page, &rows, &n, err);
        for (size_t i = 0; i < n && st == OK; i++) {
            st = one(&p, &rows[i], page, err);
            last = rows[i].subscriber;
        }
    }
    if (st == OK && out->mails + out->left_out == 0) {
        st = error_set(err, ERR_DATA, "issue %lld has no mails to compare: it was not released yet, or long ago",
                       (long long)issue);
    }
    for (size_t i = 0; i < PLACES; i++) {
        message_rendition_free(p.kept[i].rendition);
    }
    message_prover_release(&p.prover);
    edition_free(p.edition);
    free(p.seen);
    arena_free(page);
    arena_free(a);
    return st;
}
