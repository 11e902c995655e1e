/* A sync under way, for import.c and missing.c alone. */
#ifndef STORE_IMPORT_INTERNAL_H
#define STORE_IMPORT_INTERNAL_H

#include "store/idset.h"
#include "store/import.h"

struct import {
    struct store *s;
    struct sql *sql;
    int64_t source, newsletter, now;
    int64_t arrival; /* the highest one, for those who join */
    const struct hash_key *erased_key;
    bool erased;      /* there are erased addresses to look for */
    bool suppressed;  /* there are suppressed addresses to look for */
    bool any_refused; /* there are refused rows to forget */
    struct {          /* the last look_up, which the next call usually repeats */
        struct buf id;
        enum import_kind kind;
        int64_t target, hash;
        bool valid, gone, arrived;
    } last;
    char name[64];
    struct idset people, articles, refused[2];
    int64_t *namesakes; /* known articles whose address came under a new id */
    size_t namesakes_n, namesakes_cap;
    int64_t *abandoned; /* whose row means somebody else now */
    size_t abandoned_n, abandoned_cap;
    int64_t people_before;
    int64_t done[2][4]; /* by kind and result, for the audit log */
    int64_t removed[2];
};

#endif
