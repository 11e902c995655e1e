#include "render/mustache_check.h"

#include "base/buf.h"
#include "render/mustache_parse.h"
#include "render/mustache_scope.h"

enum { MAX_STEPS = 200000, MAX_SENTENCES = 200, NAME_MAX_LEN = 64, LEVELS = 4 };

/* The templates being walked, one in the other: one that brings in itself is walked once. */
struct active {
    const struct active *up;
    const struct mustache *t;
    const struct node *blocks; /* given by the parent tag that brought it in, written in `from` */
    const struct mustache *from;
};

struct check {
    const struct mustache_env *env;
    struct arena *arena;
    struct buf found; /* struct str, one a sentence */
    struct buf taken; /* const struct node *: blocks given to a parent that has one of that name */
    size_t steps;
};

/* The known name most like the one looked for. */
struct nearest {
    struct str wanted;
    size_t distance;
    char name[NAME_MAX_LEN + 1];
};

static void walk(struct check *c, const struct mustache *t, const struct active *active, const struct node *n,
                 const struct scope *scope);

static void say(struct check *c, struct str sentence) {
    size_t count = c->found.len / sizeof sentence;
    for (size_t i = 0; i < count; i++) {
        struct str old;
        memcpy(&old, c->found.ptr + i * sizeof old, sizeof old);
        if (str_eq(old, sentence)) {
            return; /* the same place again, by way of another partial */
        }
    }
    if (count < MAX_SENTENCES) {
        buf_add(&c->found, (struct str){(const char *)&sentence, sizeof sentence});
    }
}

/* Levenshtein's distance of two names of at most NAME_MAX_LEN bytes. */
static size_t distance(struct str a, struct str b) {
    size_t row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b.len];
}

static void consider(struct nearest *best, struct str name) {
    if (!name.len || name.len > NAME_MAX_LEN) {
        return;
    }
    size_t d = distance(best->wanted, name);
    size_t tail = best->wanted.len;
    if (name.len > tail && str_ends(name, best->wanted) && name.ptr[name.len - tail - 1] == '.') {
        d = 1; /* the name is right, its beginning was left out */
    }
    if (d < best->distance) {
        best->distance = d;
        memcpy(best->name, name.ptr, name.len);
        best->name[name.len] = 0;
    }
}

static void consider_object(struct nearest *best, const json_t *object, struct str path, int level) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(size_t)object, key, value) {
        char room[NAME_MAX_LEN + 1];
        size_t len = path.len + (path.len > 0) + strlen(key);
        if (len > NAME_MAX_LEN) {
            continue;
        }
        memcpy(room, path.ptr, path.len);
        if (path.len) {
            room[path.len] = '.';
        }
        memcpy(room + len - strlen(key), key, strlen(key));
        struct str name = {room, len};
        consider(best, name);
        if (json_is_object(value) && level < LEVELS) {
            consider_object(best, value, name, level + 1);
        }
    }
}

static void unknown(struct check *c, const struct mustache *t, const struct node *n, const struct scope *scope) {
    struct nearest best = {.wanted = n->text, .distance = 2 + n->text.len / 4};
    if (n->text.len <= NAME_MAX_LEN) {
        for (const struct scope *s = scope; s; s = s->up) {
            if (json_is_object(s->value)) {
                consider_object(&best, s->value, STR(""), 1);
            }
        }
        for (size_t i = 0; i < c->env->n_slots; i++) {
            consider(&best, c->env->slots[i].name);
        }
    }
    const char *mark = n->kind == NODE_SECTION ? "#" : n->kind == NODE_INVERTED ? "^" : "";
    mark = n->kind == NODE_PARTIAL ? ">*" : n->kind == NODE_PARENT ? "<*" : mark;
    say(c, arena_printf(c->arena, "%s:%d: {{%s%.*s}} is not a known name%s%s%s", t->file, n->line, mark,
                        STR_ARG(n->text), best.name[0] ? "; did you mean " : "", best.name, best.name[0] ? "?" : ""));
}

static void walk_section(struct check *c, const struct mustache *t, const struct active *active, const struct node *n,
                         const struct scope *scope, const struct scope *found) {
    struct scope inner = *found;
    if (n->kind == NODE_INVERTED || !scope_found(found)) {
        walk(c, t, active, n->child, scope);
        return;
    }
    if (json_is_array(found->value)) {
        inner = (struct scope){scope, json_array_get(found->value, 0), -1, STR_NONE};
    }
    walk(c, t, active, n->child, &inner);
}

static bool is_taken(const struct check *c, const struct node *block) {
    for (size_t at = 0; at < c->taken.len; at += sizeof block) {
        const struct node *one;
        memcpy(&one, c->taken.ptr + at, sizeof one);
        if (one == block) {
            return true;
        }
    }
    return false;
}

/* Blocks that a parent tag gives and nothing takes: their content is never seen. */
static void untaken(struct check *c, const struct mustache *t, const struct node *parent, struct str name) {
    for (const struct node *b = parent->child; b; b = b->next) {
        if (!is_taken(c, b)) {
            say(c, arena_printf(c->arena, "%s:%d: {{$%.*s}} replaces nothing: %.*s has no block of that name", t->file,
                                b->line, STR_ARG(b->text), STR_ARG(name)));
        }
    }
}

static void walk_partial(struct check *c, const struct mustache *t, const struct active *active, const struct node *n,
                         const struct scope *scope, const struct scope *found) {
    struct str name = n->text;
    if (n->dynamic) {
        name = json_is_string(found->value) ? str_from(json_string_value(found->value)) : STR("");
    }
    const struct mustache *partial = NULL;
    struct error err = {.status = OK};
    if (name.len && c->env->partial && c->env->partial(c->env->context, name, &partial, &err) != OK) {
        say(c, arena_printf(c->arena, "%s", err.text));
        return;
    }
    if (!partial) {
        if (!n->dynamic) {
            say(c, arena_printf(c->arena, "%s:%d: {{%s%.*s}}: there is no such partial", t->file, n->line,
                                n->kind == NODE_PARENT ? "<" : ">", STR_ARG(name)));
        }
        return;
    }
    for (const struct active *a = active; a; a = a->up) {
        if (a->t == partial) {
            return;
        }
    }
    struct active inner = {active, partial, n->kind == NODE_PARENT ? n->child : NULL, t};
    walk(c, partial, &inner, partial->root, scope);
    if (n->kind == NODE_PARENT) {
        untaken(c, t, n, name);
    }
}

static void walk_block(struct check *c, const struct mustache *t, const struct active *active, const struct node *n,
                       const struct scope *scope) {
    walk(c, t, active, n->child, scope);
    for (const struct active *a = active; a; a = a->up) {
        for (const struct node *b = a->blocks; b; b = b->next) {
            if (str_eq(b->text, n->text) && b != n) {
                buf_add(&c->taken, (struct str){(const char *)&b, sizeof b});
                walk(c, a->from, a->up, b->child, scope);
            }
        }
    }
}

static void walk(struct check *c, const struct mustache *t, const struct active *active, const struct node *n,
                 const struct scope *scope) {
    for (; n && ++c->steps < MAX_STEPS; n = n->next) {
        struct scope found = SCOPE_NONE;
        bool looked_up = n->kind == NODE_VALUE || n->kind == NODE_SECTION || n->kind == NODE_INVERTED || n->dynamic;
        if (looked_up) {
            found = scope_find(scope, c->env, n->text);
            if (!scope_found(&found)) {
                unknown(c, t, n, scope);
            }
        }
        switch (n->kind) {
        case NODE_TEXT:
        case NODE_VALUE:
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            walk_section(c, t, active, n, scope, &found);
            break;
        case NODE_PARTIAL:
        case NODE_PARENT:
            walk_partial(c, t, active, n, scope, &found);
            break;
        case NODE_BLOCK:
            walk_block(c, t, active, n, scope);
            break;
        }
    }
}

void mustache_check(const struct mustache *t, const json_t *sample, const struct mustache_env *env, struct arena *a,
                    struct str **sentences, size_t *n) {
    static const struct mustache_env none;
    struct check c = {.env = env ? env : &none, .arena = a, .found = BUF_INIT, .taken = BUF_INIT};
    struct active bottom = {NULL, t, NULL, t};
    struct scope root = SCOPE_NONE;
    root.value = sample;
    walk(&c, t, &bottom, t->root, &root);
    *n = c.found.len / sizeof **sentences;
    *sentences = arena_alloc(a, c.found.len + 1);
    if (c.found.len) {
        memcpy(*sentences, c.found.ptr, c.found.len);
    }
    buf_release(&c.found);
    buf_release(&c.taken);
}
