#include "dispatch/known.h"

#include "crypto/hash.h"

#include <stdlib.h>

/* 16 bytes of SHA-256: readers choose what the texts are made of, and must not be able to make two alike. */
struct entry {
    uint64_t hash[2]; /* 0, 0: free */
    int64_t number;
};

struct known {
    struct hash *hash;
    struct entry *entries; /* open addressing; SLOTS is a power of two */
    size_t slots, n, max;
    int64_t forgotten; /* stands for what there was no place for */
};

struct known *known_new(size_t max) {
    struct hash *h = hash_new();
    struct known *k = calloc(1, sizeof *k);
    if (!k) {
        hash_free(h);
        return NULL;
    }
    k->hash = h;
    k->max = max;
    return k;
}

void known_free(struct known *k) {
    if (k) {
        hash_free(k->hash);
        free(k->entries);
        free(k);
    }
}

static bool is_free(const struct entry *e) {
    return e->hash[0] == 0 && e->hash[1] == 0;
}

static struct entry *lookup(struct entry *entries, size_t slots, const uint64_t hash[2]) {
    for (uint64_t i = hash[0];; i++) {
        struct entry *e = &entries[i & (slots - 1)];
        if (is_free(e) || (e->hash[0] == hash[0] && e->hash[1] == hash[1])) {
            return e;
        }
    }
}

static bool grow(struct known *k) {
    size_t slots = k->slots ? k->slots * 2 : 256;
    struct entry *more = calloc(slots, sizeof *more);
    if (!more) {
        return false;
    }
    for (size_t i = 0; i < k->slots; i++) {
        if (!is_free(&k->entries[i])) {
            *lookup(more, slots, k->entries[i].hash) = k->entries[i];
        }
    }
    free(k->entries);
    k->entries = more;
    k->slots = slots;
    return true;
}

int64_t *known_number(struct known *k, struct str text, bool *is_new) {
    uint8_t whole[HASH_SIZE];
    uint64_t hash[2];
    if (k->n * 2 >= k->slots && !grow(k)) {
        return NULL;
    }
    hash_add(k->hash, text.ptr, text.len);
    hash_end(k->hash, whole);
    memcpy(hash, whole, sizeof hash);
    struct entry *e = lookup(k->entries, k->slots, hash);
    *is_new = is_free(e);
    if (!*is_new) {
        return &e->number;
    }
    if (k->max && k->n >= k->max) {
        return &k->forgotten;
    }
    *e = (struct entry){.hash = {hash[0], hash[1]}};
    k->n++;
    return &e->number;
}
