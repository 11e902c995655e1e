#include "render/mustache_scope.h"

/* Whether NAME begins with PREFIX and a dot (an empty prefix: always); *rest is what follows. */
static bool below(struct str name, struct str prefix, struct str *rest) {
    if (!prefix.len) {
        *rest = name;
        return true;
    }
    if (name.len > prefix.len && name.ptr[prefix.len] == '.' && str_starts(name, prefix)) {
        *rest = str_sub(name, prefix.len + 1, name.len);
        return true;
    }
    return false;
}

/* Looks for NAME among the slots below PREFIX: sets found->slot, or found->prefix when NAME only begins some. */
static void find_slot(const struct mustache_env *env, struct str prefix, struct str name, struct scope *found) {
    for (size_t i = 0; i < env->n_slots && found->slot < 0; i++) {
        struct str full = env->slots[i].name;
        struct str rest;
        struct str deeper;
        if (!below(full, prefix, &rest)) {
            continue;
        }
        if (str_eq(rest, name)) {
            found->slot = env->slots[i].slot;
            found->prefix = STR_NONE;
        } else if (below(rest, name, &deeper)) {
            found->prefix = str_sub(full, 0, full.len - deeper.len - 1);
        }
    }
}

/* The item of LIST that PART, a decimal number from 0, names; NULL when there is none. */
static const json_t *find_item(const json_t *list, struct str part) {
    size_t index = 0;
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '9' || i > 6) {
            return NULL;
        }
        index = index * 10 + (size_t)(part.ptr[i] - '0');
    }
    return part.len ? json_array_get(list, index) : NULL;
}

/* The value of NAME's parts in VALUE, or NULL. */
static const json_t *find_value(const json_t *value, struct str name) {
    struct str part;
    while (value && str_split(&name, '.', &part)) {
        value = json_is_object(value) ? json_object_getn(value, part.ptr, part.len) : find_item(value, part);
    }
    return value;
}

struct scope scope_find(const struct scope *scope, const struct mustache_env *env, struct str name) {
    struct scope found = SCOPE_NONE;
    found.up = scope;
    if (str_eq(name, STR("."))) {
        found.value = scope->value;
        found.slot = scope->slot;
        found.prefix = scope->prefix;
        return found;
    }
    find_slot(env, STR(""), name, &found);
    struct str outermost = found.prefix;
    found.prefix = STR_NONE;
    if (found.slot >= 0) {
        return found;
    }
    struct str first = str_sub(name, 0, str_find(name, '.', 0));
    for (const struct scope *s = scope; s; s = s->up) {
        if (s->prefix.len) {
            find_slot(env, s->prefix, name, &found);
            if (found.slot >= 0) {
                return found;
            }
        }
        if (!s->up) {
            found.prefix = outermost;
        }
        if (json_is_object(s->value) && json_object_getn(s->value, first.ptr, first.len)) {
            found.value = find_value(s->value, name);
            return found;
        }
        if (found.prefix.ptr) {
            return found;
        }
    }
    return found;
}
