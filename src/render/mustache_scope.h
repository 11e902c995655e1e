/* The stack of contexts in which a template's names are looked up. Private to the mustache files. */
#ifndef RENDER_MUSTACHE_SCOPE_H
#define RENDER_MUSTACHE_SCOPE_H

#include "render/mustache.h"

#include <jansson.h>

/* What a name means: nothing (all absent), a value of the data, a slot, or the beginning of slots' names; the last may
 * be beside a value. Also one context of the stack. */
struct scope {
    const struct scope *up; /* the context around this one; NULL at the bottom */
    const json_t *value;    /* NULL: none */
    int slot;               /* -1: none */
    struct str prefix;      /* "reader" where slots are called "reader.name"; absent: none */
};

#define SCOPE_NONE ((struct scope){NULL, NULL, -1, STR_NONE})

/* Looks NAME (dotted, or ".") up from SCOPE outwards, slots first. The result's `up` is SCOPE, so that it can serve as
 * the context inside a section. */
struct scope scope_find(const struct scope *scope, const struct mustache_env *env, struct str name);

static inline bool scope_found(const struct scope *s) {
    return s->value || s->slot >= 0 || s->prefix.ptr;
}

#endif
